import type { Reason } from "../domain/breaker.ts";
import type { Campaign, CampaignDraft, CampaignStatus } from "../domain/campaign.ts";
import type { Instant } from "../domain/breaker.ts";
import type { JobStanding } from "./jobs.ts";

/** The campaigns' rows. */
export interface CampaignStore {
  create(campaign: Omit<Campaign, "progress">): Promise<void>;
  find(id: string): Promise<Campaign | null>;
  /**
   * Changes the given fields of a CREATED campaign; of any other only the sender campaign, which may have been deleted.
   * False when it may not be changed so any more, or is unknown.
   */
  update(id: string, changes: Partial<CampaignDraft>): Promise<boolean>;
  /**
   * Deletes a campaign that is not RUNNING, and its jobs. Its leads stay: whom it contacted, nobody contacts or pays for
   * again. False when it runs, or is unknown.
   */
  remove(id: string): Promise<boolean>;
  /** CREATED → RUNNING with its FETCH_LEADS job, in one write. Null when it is not CREATED. */
  start(id: string, jobId: string, now: Instant): Promise<JobStanding | null>;
  /**
   * RUNNING → COMPLETED, or FAILED where the search for leads failed, if and only if no job's row is unfinished.
   * Returns the status it has afterwards.
   */
  complete(id: string, now: Instant): Promise<CampaignStatus | null>;
  addCleanup(id: string, jobId: string, cleanup: { olderThanDays: number; now: Instant }): Promise<JobStanding | null>;
}

export type StartAnswer =
  | { outcome: "started"; campaign: Campaign }
  | { outcome: "not_found" }
  | { outcome: "breaker_open"; reason: Reason }
  | { outcome: "invalid_transition"; status: CampaignStatus };

/** The campaigns' actors: one a campaign, which starts it and looks whether it is complete. What decides is in D1. */
export interface CampaignActors {
  start(campaignId: string): Promise<StartAnswer>;
  /** Jobs of these campaigns changed: within about a second each looks whether it is complete. One that cannot be told is told by the watchdog. */
  changed(campaignIds: string[]): Promise<void>;
}
