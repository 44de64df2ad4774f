import type { Instant } from "../domain/breaker.ts";
import type { Copy, LeadProfile, MessageBrief, Research, RevealedPerson, Search } from "../domain/lead.ts";
import type { LeadOutcome, LeadStage } from "../domain/pipeline.ts";
import type { Dispatch, JobStatus } from "../domain/job.ts";
import type { JobStanding } from "./jobs.ts";

/** A lead as its job works on it, with what its campaign says. */
export interface LeadWork {
  id: string;
  stage: LeadStage;
  outcome: LeadOutcome;
  error: string | null;
  profile: LeadProfile;
  research: Research | null;
  copy: Copy | null;
  message: MessageBrief;
  refuseCatchAll: boolean;
  senderCampaignId: string | null;
}

/** A person that a campaign has reserved, and the ids that their lead and its job have from then on. */
export interface Reservation {
  leadId: string;
  jobId: string;
  personId: string;
}

/** What a FETCH_LEADS job remembers: saved with every step, so that it goes on where it stopped. */
export interface FetchProgress {
  /** The last page of the search that was read; 0 before the first. */
  page: number;
  /** No page follows. */
  exhausted: boolean;
  /** People of that page who are still to be reserved. */
  candidates: string[];
  /** People reserved and not yet revealed. */
  reserved: Reservation[];
  /** People revealed whom the sender was not asked about yet; absent in a progress of an earlier release. */
  unasked?: Reservation[];
  creditsSpent: number;
  /** People revealed or asked to be, whatever came of it; absent in a progress of an earlier release. */
  revealed?: number;
}

/** Why a lead is rejected whom the sender would not take. */
export const HELD_ELSEWHERE =
  "Another campaign of the Instantly workspace has this address already: it is not written to twice.";

export interface FetchWork {
  name: string;
  search: Search;
  targetLeads: number;
  senderCampaignId: string | null;
  found: number;
}

export interface LeadStore {
  loadWork(leadIds: string[]): Promise<LeadWork[]>;
  loadFetch(campaignId: string): Promise<FetchWork | null>;
  /** Returns the job's status; null, with nothing saved, when this dispatch is over. */
  saveProgress(job: Dispatch, progress: unknown): Promise<JobStatus | null>;
  /** Keeps the sender's campaign if none is known yet. Returns the one that stands. */
  saveSenderCampaign(campaignId: string, senderCampaignId: string): Promise<string>;
  /**
   * Reserves the people whom no campaign has yet; saves `progress` with those won as its
   * `reserved`. Null, with nothing written, when this dispatch does not run any more.
   */
  reserve(
    job: Dispatch & { campaignId: string },
    wanted: Reservation[],
    progress: FetchProgress,
    now: Instant,
  ): Promise<Reservation[] | null>;
  /**
   * Turns reservations into leads with one ENRICH_LEAD job each (PENDING, or PAUSED while the gate is open), drops those
   * without an address or with one that is known, and saves `progress`; all in one write.
   * @returns the jobs made and the job's own status; null and no jobs when this dispatch is over or its job cancelled:
   * then the people stay known, as dropped.
   */
  reveal(
    job: Dispatch & { campaignId: string },
    revealed: { reserved: Reservation[]; people: RevealedPerson[]; progress: FetchProgress },
    now: Instant,
  ): Promise<{ made: JobStanding[]; status: JobStatus | null }>;
  /** The addresses of those of these people whose jobs nobody has begun with. */
  addressesOf(people: Reservation[]): Promise<{ leadId: string; email: string }[]>;
  /**
   * Rejects those leads of `held` whose jobs nobody has begun with, for `reason`. Their jobs then end without a call.
   * @returns how the jobs of `people` stand
   */
  rejectHeld(
    asked: { campaignId: string; people: Reservation[]; held: string[]; reason: string },
    now: Instant,
  ): Promise<JobStanding[]>;
  /** Deletes up to `limit` jobs' rows that finished before `before`; not a search that its campaign's end depends on. */
  deleteFinishedJobs(campaignId: string, before: Instant, limit: number, now: Instant): Promise<number>;
}
