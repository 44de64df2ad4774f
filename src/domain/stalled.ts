import type { Instant } from "./breaker.ts";
import type { RateName } from "./throttle.ts";

/** What the watchdog sees of the campaigns that run. */
export interface Movement {
  /** Grows whenever a job or a step of a lead ends. */
  ended: number;
  unfinished: number;
  /** Of these, jobs that an attempt holds. */
  running: number;
}

/** What work that stands still waits for, as far as it can be told. */
export type WaitsFor = "database" | "queue" | "lease" | `throttle ${RateName}`;

export interface Stall {
  since: Instant;
  /** As last seen. */
  unfinished: number;
  waitsFor: WaitsFor;
}

/** Work that is due, under a closed breaker, and of which nothing has ended for so long is told of. */
export const STALLED_AFTER_MS = 15 * 60_000;
