import type { Instant } from "./breaker.ts";

/**
 * The work that follows a change of the breaker, done in slices: pausing every job after an opening, queueing every
 * paused job again after a close.
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
  startedAt: Instant;
  finishedAt: Instant | null;
}

/** Where a sweep stands in the order of (campaign, job); a slice covers the keys after `from` up to and with `to`. */
export interface JobKey {
  campaignId: string;
  jobId: string;
}

export const FIRST_KEY: JobKey = { campaignId: "", jobId: "" };
