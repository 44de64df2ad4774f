import type { ClaimedJob } from "../../src/ports/jobs.ts";
import type { Attempt, Line } from "../../src/operations/line/line.ts";

type Told = Omit<ClaimedJob, "epoch" | "disturbed" | "beforeRestore"> & Partial<ClaimedJob>;

/** An attempt that has just begun, of a job that nothing has disturbed. */
export const attemptAt = (job: Told): Attempt => ({
  job: { epoch: 0, disturbed: 0, beforeRestore: 0, ...job },
  leaseUntil: 60_000,
  endBy: 600_000,
  calls: [],
  hasSaved: false,
  hasUnsavedPurchase: false,
});

/** Of a lead's job. */
export const anAttempt = (changes: Partial<Attempt> = {}): Attempt => ({
  ...attemptAt({
    id: "job-1",
    campaignId: "campaign-1",
    leadId: "lead-1",
    type: "ENRICH_LEAD",
    dispatch: 1,
    attempts: 1,
    progress: null,
  }),
  ...changes,
});

/** The same of a job that was queued under this epoch. */
export function anAttemptUnder(epoch: number): Attempt {
  const attempt = anAttempt();
  return { ...attempt, job: { ...attempt.job, epoch } };
}

/** A line that runs; how it calls is for each test to say. */
export const RUNNING_LINE: Omit<Line, "call"> = {
  begin: () => {},
  trip: async () => {},
  stopped: async () => null,
  isPaced: () => false,
  settled: async () => {},
};
