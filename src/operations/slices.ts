/**
 * How many rows one step of a long duty covers. A change costs D1 about 2 µs a row, so each stays far below what one
 * statement may take; a step that is cut off is done again from its beginning.
 */
export const RESUME_SLICE = 2_000;
/** What the watchdog looks at in one pass; most of it needs nothing. */
export const HEAL_SLICE = 20_000;
export const CLEANUP_SLICE = 2_000;
/** Jobs' rows of a campaign that is deleted. */
export const REMOVE_SLICE = 5_000;
/** Jobs that are retried in one write. */
export const RETRY_SLICE = 500;
/** Leads whose addresses are read at once, and those of them that are written anew in one write. */
export const RESPELL_SLICE = 5_000;
export const RESPELL_ROWS = 500;
