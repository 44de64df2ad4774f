import type { Incident } from "./breaker.ts";

/** One job that has set off stop after stop: it set off `stops` of the last `of`. */
export interface RepeatedJob {
  jobId: string;
  stops: number;
  of: number;
}

/** So many stops are looked at; more of them only while the same job set off each. */
const RECENT = 5;
/** How many incidents `repeatedJob` looks at, at most. */
export const INCIDENTS_LOOKED_AT = 10;

/**
 * Whether the job that set off the newest stop had set off others just before. `incidents` are the last, newest first.
 * Null for a stop that no job set off, and for a job's first.
 */
export function repeatedJob(incidents: Incident[]): RepeatedJob | null {
  const jobs = incidents.slice(0, INCIDENTS_LOOKED_AT).map(({ reason }) => ("jobId" in reason ? reason.jobId : null));
  const jobId = jobs[0];
  if (!jobId) return null;
  const firstOther = jobs.findIndex((each) => each !== jobId);
  const inARow = firstOther === -1 ? jobs.length : firstOther;
  const recent = jobs.slice(0, Math.max(RECENT, inARow));
  const stops = recent.filter((each) => each === jobId).length;
  return stops < 2 ? null : { jobId, stops, of: recent.lastIndexOf(jobId) + 1 };
}
