import type { Instant } from "../../domain/breaker.ts";
import type { JobStore, LeadChange, AttemptEnd } from "../../ports/jobs.ts";
import type { LeadStore } from "../../ports/leads.ts";
import type { Attempt, Line } from "../line/line.ts";
import type { Providers } from "../../ports/providers.ts";

/** What running a job needs. */
export interface AttemptPorts {
  line: Line;
  providers: Providers;
  jobs: JobStore;
  leads: LeadStore;
  now: () => Instant;
  newId: () => string;
  /** Runs a write that may be repeated, again when our own storage fails: what was paid for must not be lost. */
  persist: <T>(write: () => Promise<T>) => Promise<T>;
}

/** How the attempt is to end, or null when that is written already or no longer its business. */
export type Ending = AttemptEnd | null;

/** Ends an attempt that must not go on: its job waits for the resume, or is somebody else's already, which changes nothing. */
export const LET_GO: AttemptEnd = { becomes: "PENDING" };

/** Makes a write that may be repeated: what the attempt has called so far is saved by it, or needs not be. */
export async function saving<T>(
  { persist }: Pick<AttemptPorts, "persist">,
  attempt: Attempt,
  write: () => Promise<T>,
): Promise<T> {
  const answer = await persist(write);
  attempt.hasSaved = true;
  attempt.hasUnsavedPurchase = false;
  return answer;
}

/**
 * Saves a step's result, with the attempt's end when it is the last. Returns whether the attempt goes on: it does not
 * when it has ended, nor when its job was paused, cancelled or given to another dispatch meanwhile; the result is kept
 * in each of these cases.
 */
export async function saveStep(
  ports: AttemptPorts,
  attempt: Attempt,
  step: { lead: LeadChange; end?: AttemptEnd },
): Promise<boolean> {
  const { job, calls } = attempt;
  const result = { jobId: job.id, dispatch: job.dispatch, ...step, calls };
  const [standing] = await saving(ports, attempt, () => ports.jobs.record([result], ports.now()));
  if (step.end || !standing || standing.dispatch !== job.dispatch) return false;
  return standing.status === "RUNNING";
}
