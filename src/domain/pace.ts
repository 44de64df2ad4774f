import type { Instant } from "./breaker.ts";

/** Jobs a second at which a resume queues jobs again; null: as fast as it can. */
export type PacePerSecond = number | null;

export const FASTEST_PACE = 5_000;

/** Jobs go on in steps of about this length, so that a slow line is not woken for each of them. */
const STEP_MS = 250;
/** The slowest pace lets a job go each second: nothing waits longer for its turn, whatever a clock did meanwhile. */
const LONGEST_WAIT_MS = 1_000;

/** Somebody set a pace. */
export interface PaceChange {
  at: Instant;
  by: string;
  pace: PacePerSecond;
}

/** A pace, and when the jobs before have used up their share of time. */
export interface Paced {
  pace: PacePerSecond;
  nextAt: Instant;
}

/** How many jobs may be queued again now: null is as many as one can, 0 none before `waitMs` have passed. */
export function allowance({ pace, nextAt }: Paced, now: Instant): { limit: number | null; waitMs: number } {
  if (pace === null) return { limit: null, waitMs: 0 };
  const waitMs = Math.min(nextAt - now, LONGEST_WAIT_MS);
  if (waitMs > 0) return { limit: 0, waitMs };
  return { limit: Math.max(1, Math.floor((pace * STEP_MS) / 1_000)), waitMs: 0 };
}

/**
 * When the next jobs may go on after these, which went at this pace, decided at `now`. An hour that nobody used gives
 * nobody a right to more.
 */
export function afterJobs({ pace, nextAt }: Paced, jobs: number, now: Instant): Instant {
  if (pace === null) return now;
  // A step that was a little late is made up for, so that the pace is kept.
  const from = Math.max(nextAt, now - STEP_MS);
  return Math.min(from + Math.ceil((jobs * 1_000) / pace), now + LONGEST_WAIT_MS);
}

/** When the next jobs may go on after a change: nobody gains by changing it often, or loses by a slow pace before. */
export function afterChange({ nextAt }: Paced, pace: PacePerSecond, now: Instant): Instant {
  if (pace === null) return now;
  return Math.min(Math.max(nextAt, now), now + Math.ceil(1_000 / pace));
}
