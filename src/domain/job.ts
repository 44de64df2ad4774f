import type { Instant } from "./breaker.ts";
import type { FaultKind, Provider } from "./fault.ts";

export const JOB_TYPES = ["FETCH_LEADS", "ENRICH_LEAD", "CLEANUP_CAMPAIGN"] as const;
export type JobType = (typeof JOB_TYPES)[number];

export const JOB_STATUSES = ["PENDING", "RUNNING", "PAUSED", "COMPLETED", "FAILED", "CANCELLED"] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** Where a search stands: people to reserve, and people to reveal. */
export interface SearchPosition {
  candidates?: unknown[];
  reserved?: unknown[];
}

export interface Job {
  id: string;
  campaignId: string;
  leadId: string | null;
  type: JobType;
  status: JobStatus;
  priority: number;
  /** Rises with each queue message made for the job; a result of an older dispatch changes nothing. */
  dispatch: number;
  attempts: number;
  /** Until when the attempt that runs now, or ran last and has not released it, may still be alive. */
  leaseUntil: Instant | null;
  pauseReason: string | null;
  error: string | null;
  /** What a FETCH_LEADS or CLEANUP_CAMPAIGN job remembers between attempts, as far as it says what is next. */
  progress: SearchPosition | null;
  /** What a finished job has to show. */
  result: unknown;
  createdAt: Instant;
  startedAt: Instant | null;
  finishedAt: Instant | null;
}

/** A call of an attempt, as its job remembers it. */
export interface AttemptCall {
  provider: Provider;
  /** When it began. */
  at: Instant;
  ms: number;
  outcome: "answered" | "refused" | FaultKind;
}

/** An attempt at a job, for people to look at; nothing is decided by it. */
export interface PastAttempt {
  dispatch: number;
  at: Instant;
  /** Absent while it runs, and for ever when its process died. */
  endedAt?: Instant;
  /** What the job became by its end. */
  end?: JobStatus;
  /** The last of them. */
  calls?: AttemptCall[];
  /** How many calls there were before those. */
  more?: number;
}

/** What a person did to a job, for people to look at. */
export interface PastCommand {
  command: "retried" | "cancelled";
  at: Instant;
  by: string;
}

/** Oldest first. */
export type JobHistory = (PastAttempt | PastCommand)[];

/** Attempts and commands, and calls of each attempt, that a job remembers. */
export const EVENTS_KEPT = 50;
export const CALLS_KEPT = 40;

/** Names one dispatch of one job. It is all that a queue message carries. */
export interface Dispatch {
  jobId: string;
  dispatch: number;
}

/** How long an attempt may be silent before the watchdog takes its job back. Attempts renew at a third of it. */
export const LEASE_MS = 60_000;

/**
 * The longest that a call to a service may take: what is left of a lease that is renewed in time, with 5 s for a renewal
 * that is slow.
 */
export const LONGEST_CALL_MS = (LEASE_MS * 2) / 3 - 5_000;

/** An attempt that has worked this long hands its job to a new message: an invocation lives 15 minutes at the most. */
export const ATTEMPT_MS = 10 * 60_000;

/** A message younger than this may still be on its way. */
export const QUIET_MS = 15_000;

/** FETCH_LEADS first, so that a resume finds new work early. */
export const PRIORITY: Record<JobType, number> = { FETCH_LEADS: 10, ENRICH_LEAD: 0, CLEANUP_CAMPAIGN: -10 };
