import { z } from "zod";
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

export const LeadWithSteps = Lead.extend({
  steps: z.object({ verification: z.unknown(), research: z.unknown(), copy: z.unknown(), push: z.unknown() }),
});
export const LeadAnswer = z.object({ lead: LeadWithSteps });
export const LeadList = z.object({ leads: z.array(Lead), next_cursor: NextCursor });
export const LeadQuery = PageQuery.extend({ campaign_id: Id.optional(), outcome: z.enum(LEAD_OUTCOMES).optional() });
export const CampaignLeadQuery = LeadQuery.omit({ campaign_id: true });
export const LeadStats = z.object(
  Object.fromEntries(LEAD_OUTCOMES.map((outcome) => [outcome, z.int()])) as Record<LeadOutcome, z.ZodInt>,
);

export interface LeadRow {
  id: string;
  campaignId: string;
  email: string | null;
  profile: string | null;
  stage: LeadStage;
  outcome: LeadOutcome;
  error: string | null;
  verification: string | null;
  research: string | null;
  copy: string | null;
  push: string | null;
  createdAt: number;
  updatedAt: number;
}

interface Profile {
  firstName: string;
  lastName: string;
  title: string | null;
  company: string | null;
  linkedinUrl: string | null;
}

export function leadView(lead: LeadRow): z.infer<typeof Lead> {
  const profile = JSON.parse(lead.profile ?? "{}") as Partial<Profile>;
  return {
    id: lead.id,
    campaign_id: lead.campaignId,
    email: lead.email,
    first_name: profile.firstName ?? "",
    last_name: profile.lastName ?? "",
    title: profile.title ?? null,
    company: profile.company ?? null,
    linkedin_url: profile.linkedinUrl ?? null,
    stage: lead.stage,
    outcome: lead.outcome,
    error: lead.error,
    created_at: time(lead.createdAt),
    updated_at: time(lead.updatedAt),
  };
}

export function leadWithSteps(lead: LeadRow): z.infer<typeof LeadWithSteps> {
  const parsed = (json: string | null): unknown => (json === null ? null : JSON.parse(json));
  return {
    ...leadView(lead),
    steps: {
      verification: parsed(lead.verification),
      research: parsed(lead.research),
      copy: parsed(lead.copy),
      push: parsed(lead.push),
    },
  };
}
