import type { Instant } from "../domain/breaker.ts";
import type { JobKey } from "../domain/sweep.ts";
import type { JobStore } from "./jobs.ts";
import { PAUSE_SLICE, RESUME_SLICE } from "./slices.ts";
import type { JobQueue, SweepStore } from "./sweeps.ts";

export interface SweepPorts {
  sweeps: SweepStore;
  jobs: Pick<JobStore, "failUnsent">;
  queue: Pick<JobQueue, "send">;
  now: () => Instant;
  /** Whether the sweep is still the newest. */
  goesOn: () => boolean;
}

export const UNSENT =
  "The job could not be queued after several tries. Nothing that it had done is lost; retry it by hand.";

/** Pauses the next slice of jobs. `next` is null when there is none after it. */
export async function pauseSlice(
  { sweeps, now }: SweepPorts,
  { cursor, epoch, reason }: { cursor: JobKey; epoch: number; reason: string },
): Promise<{ done: number; next: JobKey | null }> {
  const to = await sweeps.sliceEnd(cursor, PAUSE_SLICE);
  return { done: await sweeps.pause({ from: cursor, to }, { epoch, reason }, now()), next: to };
}

/** Queues the paused jobs of the next slice, no more than `limit` (null: all of them), again. What cannot be sent after all tries becomes FAILED, and is counted. */
export async function resumeSlice(
  { sweeps, jobs, queue, now, goesOn }: SweepPorts,
  { cursor, epoch, limit }: { cursor: JobKey; epoch: number; limit: number | null },
): Promise<{ done: number; failed: number; next: JobKey | null }> {
  const end = await sweeps.sliceEnd(cursor, RESUME_SLICE);
  const at = now();
  const to = limit === null ? end : ((await sweeps.resumableEnd({ from: cursor, to: end }, limit, at)) ?? end);
  const resumed = await sweeps.resume({ from: cursor, to }, epoch, at);
  const unsent = await queue.send(resumed, goesOn);
  // A stop came in between: what was not sent is pending, and paused by its sweep like all the others.
  if (!goesOn()) return { done: resumed.length - unsent.length, failed: 0, next: to };
  const failed = unsent.length === 0 ? 0 : await jobs.failUnsent(unsent, UNSENT, now());
  return { done: resumed.length - failed, failed, next: to };
}
