import type { Follower, Incident } from "./breaker.ts";
import type { ServiceCheck } from "./check.ts";
import type { PaceChange } from "./pace.ts";
import type { RepeatedJob } from "./repeated-job.ts";
import type { Sweep } from "./sweep.ts";

/** All that is known of one stop. */
export interface IncidentHistory {
  incident: Incident;
  /** Whether the job that set it off had set off others just before. */
  repeatedJob: RepeatedJob | null;
  /** The first of them, with their words; the incident has their count. */
  followers: Follower[];
  /** Its pause and, once it is closed, its resume. */
  sweeps: Sweep[];
  /** The last hundred made while it was open. */
  checks: ServiceCheck[];
  /** What was set for its resume, the first of them with the close. */
  paces: PaceChange[];
  /** The failed service's last check when it was closed; null while it is open, and where nobody took note of it. */
  closing: { check: ServiceCheck | null } | null;
  /** The stop that came after it. */
  next: Incident | null;
}
