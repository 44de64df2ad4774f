/** Stands for the product's own slices: so small that a few jobs fill several of each. */
export const RESUME_SLICE = 2;
export const HEAL_SLICE = 4;
export const CLEANUP_SLICE = 2;
export const RETRY_SLICE = 2;
export const RESPELL_SLICE = 5;
export const RESPELL_ROWS = 2;
