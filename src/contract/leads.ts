import { z } from "zod";
import { recordOf } from "../domain/record.ts";
import type { Spend as SpendState } from "../domain/fault.ts";
import {
  type Copy,
  type LeadProfile,
  type Paid,
  type Push,
  type Research,
  VERDICTS,
  type Verification,
} from "../domain/lead.ts";
import { LEAD_OUTCOMES, LEAD_STAGES, type LeadOutcome, type LeadStage } from "../domain/pipeline.ts";
import { Id, NextCursor, PageQuery, Time, time } from "./common.ts";

export const Lead = z.object({
  id: Id,
  campaign_id: Id,
  email: z.string().nullable(),
  first_name: z.string(),
  last_name: z.string(),
  title: z.string().nullable(),
  company: z.string().nullable(),
  linkedin_url: z.string().nullable(),
  stage: z.enum(LEAD_STAGES),
  outcome: z.enum(LEAD_OUTCOMES),
  error: z.string().nullable(),
  created_at: Time,
  updated_at: Time,
});

const Spend = z
  .object({
    cost_usd: z.number().optional(),
    credits: z.number().optional(),
    input_tokens: z.number().optional(),
    output_tokens: z.number().optional(),
  })
  .describe("What the call cost, as far as the service told it.");
const Source = z.object({ url: z.string(), title: z.string() });

export const LeadWithSteps = Lead.extend({
  steps: z
    .object({
      verification: z.object({ verdict: z.enum(VERDICTS), subresult: z.string().nullable(), spend: Spend }).nullable(),
      research: z.object({ summary: z.string(), hook: z.string(), sources: z.array(Source), spend: Spend }).nullable(),
      copy: z.object({ subject: z.string(), body: z.string(), spend: Spend }).nullable(),
      push: z
        .object({
          sender_lead_id: z.string().nullable().describe("Null when the sender had the lead already and did not tell."),
          spend: Spend,
        })
        .nullable(),
    })
    .describe("What each step has brought; null for one that was not made."),
});
export const LeadAnswer = z.object({ lead: LeadWithSteps });
export const LeadList = z.object({ leads: z.array(Lead), next_cursor: NextCursor });
export const LeadQuery = PageQuery.extend({ campaign_id: Id.optional(), outcome: z.enum(LEAD_OUTCOMES).optional() });
export const CampaignLeadQuery = LeadQuery.omit({ campaign_id: true });
export const LeadStats = z.object(recordOf(LEAD_OUTCOMES, () => z.int()));

export interface LeadRow {
  id: string;
  campaignId: string;
  email: string | null;
  profile: LeadProfile | null;
  stage: LeadStage;
  outcome: LeadOutcome;
  error: string | null;
  verification: Paid<Verification> | null;
  research: Paid<Research> | null;
  copy: Paid<Copy> | null;
  push: Paid<Push> | null;
  createdAt: number;
  updatedAt: number;
}

export function leadView(lead: LeadRow): z.infer<typeof Lead> {
  const { profile } = lead;
  return {
    id: lead.id,
    campaign_id: lead.campaignId,
    email: lead.email,
    first_name: profile?.firstName ?? "",
    last_name: profile?.lastName ?? "",
    title: profile?.title ?? null,
    company: profile?.company ?? null,
    linkedin_url: profile?.linkedinUrl ?? null,
    stage: lead.stage,
    outcome: lead.outcome,
    error: lead.error,
    created_at: time(lead.createdAt),
    updated_at: time(lead.updatedAt),
  };
}

export function leadWithSteps(lead: LeadRow): z.infer<typeof LeadWithSteps> {
  return {
    ...leadView(lead),
    steps: {
      verification: stepView(lead.verification, ({ verdict, subresult }) => ({ verdict, subresult })),
      research: stepView(lead.research, ({ summary, hook, sources }) => ({ summary, hook, sources })),
      copy: stepView(lead.copy, ({ subject, body }) => ({ subject, body })),
      push: stepView(lead.push, ({ senderLeadId }) => ({ sender_lead_id: senderLeadId })),
    },
  };
}

/** A step's result as the pipeline has kept it, in the API's words. A push that was only looked up has cost nothing. */
function stepView<Result extends { spend?: SpendState }, View>(result: Result | null, view: (result: Result) => View) {
  if (result === null) return null;
  const { costUsd: cost_usd, credits, inputTokens: input_tokens, outputTokens: output_tokens } = result.spend ?? {};
  return { ...view(result), spend: { cost_usd, credits, input_tokens, output_tokens } };
}
