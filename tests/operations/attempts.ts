import type { ClaimedJob } from "../../src/operations/jobs.ts";
import type { Attempt } from "../../src/operations/line.ts";

type Told = Omit<ClaimedJob, "epoch" | "disturbed" | "beforeRestore"> & Partial<ClaimedJob>;

/** An attempt that has just begun, of a job that nothing has disturbed. */
export const attemptAt = (job: Told): Attempt => ({
  job: { epoch: 0, disturbed: 0, beforeRestore: 0, ...job },
  leaseUntil: 60_000,
  endBy: 600_000,
  calls: [],
  savedCalls: null,
});
