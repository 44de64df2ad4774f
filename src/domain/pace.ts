import type { Instant } from "./breaker.ts";

/** Jobs a second at which a resume queues jobs again; null: as fast as it can. */
export type PacePerSecond = number | null;

export const FASTEST_PACE = 5_000;

/** Jobs go on in steps of about this length, so that a slow line is not woken for each of them. */
const STEP_MS = 250;

/**
 * How many jobs may be queued again now, at most; 0 when `waitMs` must pass before. `nextAt` is when the jobs before have
 * used up their share of time: an hour that nobody used gives nobody a right to more.
 */
export function allowance(
  pace: PacePerSecond,
  { now, nextAt, most }: { now: Instant; nextAt: Instant; most: number },
): { limit: number; waitMs: number } {
  if (pace === null) return { limit: most, waitMs: 0 };
  if (nextAt > now) return { limit: 0, waitMs: nextAt - now };
  return { limit: Math.min(most, Math.max(1, Math.floor((pace * STEP_MS) / 1_000))), waitMs: 0 };
}

/** When the next jobs may go on, after these. */
export function afterJobs(
  pace: PacePerSecond,
  jobs: number,
  { now, nextAt }: { now: Instant; nextAt: Instant },
): Instant {
  return pace === null ? now : Math.max(now, nextAt) + Math.ceil((jobs * 1_000) / pace);
}
