import type { PlatformFault } from "./fault.ts";

/** What an error of our own platform, or in our own code, means for the work that met it. */
export type OwnFailure =
  /** The work is done again, with a bound. */
  | { kind: "passes" }
  /** Until a person acts: the line stops. */
  | { kind: "lasts"; fault: PlatformFault }
  /** The job fails: doing it again would change nothing. */
  | { kind: "mistake" };

/** A job is given up when the attempts that our own platform ended, and that saved nothing, weigh so much in a row. */
const GIVEN_UP_AT = 30;
/** One that had bought something which is lost: a second one is the last, so that nothing is bought more than twice. */
const BOUGHT_WEIGHS = GIVEN_UP_AT / 2;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * What another disturbed attempt brings a job to: its weight so far, and how long it waits for the next attempt. Null when it
 * is given up. Without purchases that is after some 25 minutes.
 */
export function afterDisturbance(before: number, bought: boolean): { disturbed: number; waitMs: number } | null {
  const disturbed = before + (bought ? BOUGHT_WEIGHS : 1);
  if (disturbed >= GIVEN_UP_AT) return null;
  return { disturbed, waitMs: Math.min(FIRST_WAIT_MS * 2 ** (disturbed - 1), LONGEST_WAIT_MS) };
}
