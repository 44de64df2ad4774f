import type { Instant } from "./breaker.ts";

/**
 * What follows a change of the breaker. After an opening the gate's one row pauses every job; after a close every paused job is
 * queued again, slice by slice.
 */
export interface Sweep {
  id: string;
  kind: "pause" | "resume";
  /** The breaker's epoch that this sweep belongs to. */
  epoch: number;
  state: "running" | "done" | "superseded";
  /** Jobs to do, as counted when the sweep began. */
  total: number;
  done: number;
  /** Jobs that could not be queued again after all tries; they are FAILED and can be retried by hand. */
  failed: number;
  /** Queued beside them: jobs that were made since it began, or that it had queued before. */
  added: number;
  startedAt: Instant;
  finishedAt: Instant | null;
}

/** Where a sweep stands in the order of (campaign, job); a slice covers the keys after `from` up to and with `to`. */
export interface JobKey {
  campaignId: string;
  jobId: string;
}

export const FIRST_KEY: JobKey = { campaignId: "", jobId: "" };
