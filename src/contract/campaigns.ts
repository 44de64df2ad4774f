import { z } from "zod";
import { recordOf } from "../domain/record.ts";
import {
  CAMPAIGN_STATUSES,
  type Campaign as CampaignState,
  type CampaignDraft,
  percentDone,
} from "../domain/campaign.ts";
import type { FailingStreak } from "../domain/failing.ts";
import { JOB_STATUSES } from "../domain/job.ts";
import { Id, NextCursor, PageQuery, Time, text, time, timeOrNull } from "./common.ts";

const filter = z.array(text(200)).max(100).optional();

export const Search = z
  .strictObject({
    person_titles: filter,
    person_locations: filter,
    person_seniorities: filter,
    organization_num_employees_ranges: filter,
    q_organization_domains_list: filter,
  })
  .refine((search) => Object.values(search).some((values) => (values?.length ?? 0) > 0), "needs at least one filter");

export const MessageBrief = z.strictObject({
  sender_name: text(200),
  offer: text(2_000),
  tone: text(200).optional(),
});

const draft = {
  name: text(200),
  description: text(2_000).nullable().optional(),
  target_leads: z.int().min(1).max(50_000),
  search: Search,
  message: MessageBrief,
  instantly_campaign_id: text(200).nullable().optional(),
  refuse_catch_all: z
    .boolean()
    .optional()
    .describe("Reject addresses of domains that accept every address. Default false."),
};

export const CreateCampaign = z.strictObject(draft);
export const UpdateCampaign = z.strictObject(draft).partial();

export const JobCounts = z.object(recordOf(JOB_STATUSES, () => z.int()));
export const CampaignCounts = z.object(recordOf(CAMPAIGN_STATUSES, () => z.int()));

export const CampaignProgress = z.object({
  jobs: JobCounts,
  leads: z.object({
    found: z.int(),
    verified: z.int(),
    rejected: z.int(),
    researched: z.int(),
    written: z.int(),
    pushed: z.int(),
    failed: z.int(),
  }),
  percent: z.int().min(0).max(100),
  updated_at: Time.nullable(),
});

export const Failing = z.object({
  reason: z.string().describe("What the errors have in common."),
  count: z.int(),
  since: Time,
});

export const Campaign = z.object({
  id: Id,
  name: z.string(),
  description: z.string().nullable(),
  target_leads: z.int(),
  search: z.record(z.string(), z.array(z.string())),
  message: z.object({ sender_name: z.string(), offer: z.string(), tone: z.string().optional() }),
  instantly_campaign_id: z.string().nullable(),
  refuse_catch_all: z.boolean(),
  status: z.enum(CAMPAIGN_STATUSES),
  progress: CampaignProgress,
  failing: Failing.nullable().describe("While its last twenty leads or more all failed for one reason."),
  error: z.string().nullable(),
  created_at: Time,
  started_at: Time.nullable(),
  completed_at: Time.nullable(),
  failed_at: Time.nullable(),
});

export const CampaignAnswer = z.object({ campaign: Campaign });
export const CampaignDeleted = z.object({ campaign: Campaign.describe("As it was."), deleted: z.literal(true) });
export const CampaignList = z.object({ campaigns: z.array(Campaign), next_cursor: NextCursor });
export const CampaignQuery = PageQuery.extend({ status: z.enum(CAMPAIGN_STATUSES).optional() });
export const CampaignsStatus = z.object({ campaign_counts: CampaignCounts, running: z.array(Campaign) });
export const StartValidation = z.object({
  can_start: z.boolean(),
  circuit_breaker_closed: z.boolean(),
  campaign_status_valid: z.boolean(),
  errors: z.array(z.string()),
});
export const CleanupRequest = z.strictObject({ older_than_days: z.int().min(0).max(3_650) });

export function campaignView(campaign: CampaignState): z.infer<typeof Campaign> {
  return {
    id: campaign.id,
    name: campaign.name,
    description: campaign.description,
    target_leads: campaign.targetLeads,
    search: campaign.search as Record<string, string[]>,
    message: campaign.message,
    instantly_campaign_id: campaign.instantlyCampaignId,
    refuse_catch_all: campaign.refuseCatchAll,
    status: campaign.status,
    progress: progressView(campaign),
    failing: campaign.progress.failing && failingView(campaign.progress.failing),
    error: campaign.error,
    created_at: time(campaign.createdAt),
    started_at: timeOrNull(campaign.startedAt),
    completed_at: timeOrNull(campaign.completedAt),
    failed_at: timeOrNull(campaign.failedAt),
  };
}

export function failingView({ reason, count, since }: FailingStreak): z.infer<typeof Failing> {
  return { reason, count, since: time(since) };
}

export function progressView(campaign: CampaignState): z.infer<typeof CampaignProgress> {
  const { jobs, leads, updatedAt } = campaign.progress;
  return { jobs, leads, percent: percentDone(campaign), updated_at: timeOrNull(updatedAt) };
}

/** Only the fields that the request names. */
export function draftOf(request: z.infer<typeof UpdateCampaign>): Partial<CampaignDraft> {
  const { target_leads, instantly_campaign_id, refuse_catch_all, ...same } = request;
  const draft = {
    ...same,
    ...(target_leads === undefined ? {} : { targetLeads: target_leads }),
    ...(instantly_campaign_id === undefined ? {} : { instantlyCampaignId: instantly_campaign_id }),
    ...(refuse_catch_all === undefined ? {} : { refuseCatchAll: refuse_catch_all }),
  };
  return draft as Partial<CampaignDraft>;
}
