import type { Instant } from "./breaker.ts";
import type { FailingStreak } from "./failing.ts";
import type { JobStatus } from "./job.ts";
import type { MessageBrief, Search } from "./lead.ts";

export const CAMPAIGN_STATUSES = ["CREATED", "RUNNING", "COMPLETED", "FAILED"] as const;
export type CampaignStatus = (typeof CAMPAIGN_STATUSES)[number];

export interface Campaign {
  id: string;
  name: string;
  description: string | null;
  targetLeads: number;
  search: Search;
  message: MessageBrief;
  /** The sender's campaign that leads are pushed to; made on the first run when absent. */
  instantlyCampaignId: string | null;
  /** Whether an address of a domain that accepts everything is rejected. */
  refuseCatchAll: boolean;
  status: CampaignStatus;
  error: string | null;
  createdAt: Instant;
  startedAt: Instant | null;
  completedAt: Instant | null;
  failedAt: Instant | null;
  progress: Progress;
}

/** What a person decides about a campaign, and may change until it is started. */
export type CampaignDraft = Pick<
  Campaign,
  "name" | "description" | "targetLeads" | "search" | "message" | "instantlyCampaignId" | "refuseCatchAll"
>;

/** Counts that are kept in the same write as what they count. */
export interface Progress {
  jobs: Record<JobStatus, number>;
  leads: LeadCounts;
  /** While its last leads all failed for one reason, and they are many. */
  failing: FailingStreak | null;
  updatedAt: Instant | null;
}

/** Each counts the leads that got that far; `verified` those whose address is good, `rejected` those whose is not. */
export interface LeadCounts {
  found: number;
  verified: number;
  rejected: number;
  researched: number;
  written: number;
  pushed: number;
  failed: number;
}

/** Whole percent of the leads that are done with, of the target or of those found, whichever is more. */
export function percentDone(campaign: Campaign): number {
  if (campaign.status === "COMPLETED") return 100;
  const { found, pushed, rejected, failed } = campaign.progress.leads;
  const expected = Math.max(found, campaign.targetLeads);
  return Math.min(99, Math.floor((100 * (pushed + rejected + failed)) / expected));
}

/** What `start` needs. Its own status and the breaker, nothing else. */
export function startErrors(status: CampaignStatus, breakerClosed: boolean): string[] {
  const errors: string[] = [];
  if (!breakerClosed) errors.push("The circuit breaker is open: an operator must close it first.");
  if (status !== "CREATED") errors.push(`The campaign is ${status}: only a CREATED campaign can be started.`);
  return errors;
}

/** The sender's campaign is found again by this exact name when the answer to its making was lost. */
export function senderCampaignName(campaign: Pick<Campaign, "id" | "name">): string {
  return `${campaign.name} (Andon ${campaign.id})`;
}
