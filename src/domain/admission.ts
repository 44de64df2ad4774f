/** How long an admission holds at least: short, because an opening waits for it, and long enough for many calls. */
export const SHORTEST_VALIDITY_MS = 300;
const LONGEST_VALIDITY_MS = 5_000;
/** An admission is on its way for as long as the round trip; what is left of this many is for calls. */
const ROUND_TRIPS = 3;

/**
 * How long an admission holds, from when it was asked for, for who needs `roundTripMs` to ask: in steps, so that the longest
 * that was ever granted is seldom written.
 */
export function validityMs(roundTripMs: number): number {
  const steps = Math.ceil((ROUND_TRIPS * roundTripMs) / SHORTEST_VALIDITY_MS);
  return Math.min(Math.max(1, steps || 1) * SHORTEST_VALIDITY_MS, LONGEST_VALIDITY_MS);
}

/** An admission has surely run out this long after its validity: that covers a slow loop between a look and a call. */
export const VALIDITY_SLACK_MS = 300;
