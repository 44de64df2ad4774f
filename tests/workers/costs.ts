/** What the platform meters, as `billable.test.ts` holds the product to it. A figure that rises is a bill that rises. */
export const COSTS = {
  /** Of one lead more that a search finds. */
  found: { d1Written: 8.45, d1Read: 34.85, messages: 0.1 },
  /** Of ten leads of one message, from found to pushed, at most. */
  enrichedTen: { d1Written: 101, objectRequests: 85 },
  /** Of a look of the watchdog, at most, when there is nothing to do. */
  look: { d1Read: 35, objectRequests: 3, objectWritten: 3 },
};
