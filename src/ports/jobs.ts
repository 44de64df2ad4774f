import type { Instant } from "../domain/breaker.ts";
import type { AttemptCall, Dispatch, Job, JobStatus, JobType } from "../domain/job.ts";
import type { LeadCounts } from "../domain/campaign.ts";
import type { JobStep, LeadOutcome, LeadStage } from "../domain/pipeline.ts";

/** What a consumer holds of a job that it has claimed. */
export type ClaimedJob = Pick<Job, "id" | "campaignId" | "leadId" | "type" | "dispatch" | "attempts"> & {
  /** What it remembers between attempts; JSON. */
  progress: string | null;
  /** Under which it was queued: an attempt begins nothing under another. */
  epoch: number;
  /** What the attempts weigh that our own platform ended, and that saved nothing, since something was saved last. */
  disturbed: number;
  /** Its campaign is older than the last restore of the database: the sender may know more of its leads than the rows. */
  beforeRestore: 0 | 1;
};

/** One step's result, to be saved before the next step begins. Applied only where the lead is still at `from`. */
export interface LeadChange {
  leadId: string;
  from: LeadStage;
  stage: LeadStage;
  outcome: LeadOutcome;
  /** Which of the campaign's lead counts rises by one. */
  counter: keyof LeadCounts;
  error?: string;
  /** The step's result, under the name of its column. */
  result?: Partial<Record<"verification" | "research" | "copy" | "push", unknown>>;
}

/**
 * How an attempt ends. `PENDING` hands the job on: to a new message, after `waitMs` if it is there, or to the resume that
 * queues it in its turn.
 */
export type AttemptEnd =
  | { becomes: "COMPLETED"; result: unknown }
  | { becomes: "FAILED"; error: string }
  | { becomes: "PENDING"; disturbed?: number; waitMs?: number };

/** What one attempt reports: a step, its end, or both in one write. */
export interface JobResult extends Dispatch {
  lead?: LeadChange;
  end?: AttemptEnd;
  /** With an end: what the attempt called. */
  calls?: AttemptCall[];
}

/** How the job stands after the write; `dispatch` tells whether it is still this attempt's. */
export interface JobStanding extends Dispatch {
  status: JobStatus;
  type: JobType;
  priority: number;
}

/** Which jobs are meant; what is absent may be anything. */
export interface JobFilter {
  status?: JobStatus | undefined;
  type?: JobType | undefined;
  campaignId?: string | undefined;
  /** The step that comes next. */
  step?: JobStep | undefined;
  /** A part of the error's text, in any case of letters. */
  error?: string | undefined;
}

export interface JobFinder {
  countJobs(filter: JobFilter): Promise<number>;
  /** Those after `after`, oldest first. */
  jobIds(filter: JobFilter, after: string, limit: number): Promise<string[]>;
}

/** Who acts on a job by hand, and when. */
export interface Command {
  by: string;
  now: Instant;
}

/** The jobs' rows, as the consumers and commands change them. Each call is one atomic batch and may be repeated. */
export interface JobStore {
  /** PENDING → RUNNING where the dispatch matches and the row is queued under the epoch of the closed gate; one statement. */
  claim(dispatches: Dispatch[], lease: { now: Instant; until: Instant }): Promise<ClaimedJob[]>;
  record(results: JobResult[], now: Instant): Promise<JobStanding[]>;
  /** Which of these campaigns have no unfinished job. */
  idleCampaigns(campaignIds: string[]): Promise<string[]>;
  /** Which of these dispatches' jobs are still theirs to work on. */
  standing(dispatches: Dispatch[]): Promise<string[]>;
  /** Returns the ids of the jobs that are still these dispatches' own; of the others nothing was renewed. */
  renewLeases(dispatches: Dispatch[], until: Instant): Promise<string[]>;
  /** PENDING, RUNNING or PAUSED → CANCELLED. False when the job is finished or unknown. */
  cancel(jobId: string, command: Command): Promise<boolean>;
  /**
   * FAILED → PENDING where the gate is closed, or PAUSED where a resume runs, which queues them; their campaigns, if they
   * had ended, run again. Returns those that did.
   */
  retry(jobIds: string[], command: Command): Promise<JobStanding[]>;
  /** PENDING → FAILED for dispatches whose message could not be sent. */
  failUnsent(dispatches: Dispatch[], error: string, now: Instant): Promise<number>;
}
