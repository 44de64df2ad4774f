import type { Instant } from "../../domain/breaker.ts";
import type { JobKey } from "../../domain/sweep.ts";
import type { JobStore } from "../../ports/jobs.ts";
import { RESUME_SLICE } from "../slices.ts";
import type { Resume, ResumedJob, SweepStore } from "../../ports/resume.ts";
import type { JobQueue } from "../../ports/job-queue.ts";

export interface SweepPorts {
  sweeps: SweepStore;
  jobs: Pick<JobStore, "failUnsent">;
  queue: Pick<JobQueue, "send">;
  now: () => Instant;
  /** Whether the sweep is still the newest. */
  goesOn: () => boolean;
}

/** What one slice of a resume did. */
export interface ResumedSlice {
  /** Jobs queued again that were there when it began, and others that were made since. */
  done: number;
  added: number;
  failed: number;
  /** What it counts at a pace: one each, and two for a job that may call a service twice. */
  weight: number;
}

export const UNSENT =
  "The job could not be queued after several tries. Nothing that it had done is lost; retry it by hand.";

/**
 * Queues the jobs of the next slice, no more than `limit` (null: all of them), again. What cannot be sent after all tries
 * becomes FAILED, and is counted. `next` is null when no slice follows.
 */
export async function resumeSlice(
  ports: SweepPorts,
  resume: Resume,
  { cursor, limit }: { cursor: JobKey; limit: number | null },
): Promise<ResumedSlice & { next: JobKey | null }> {
  const { sweeps, now } = ports;
  const end = await sweeps.sliceEnd(cursor, RESUME_SLICE);
  const at = now();
  const range = { from: cursor, to: end };
  const to =
    limit === null ? end : ((await sweeps.resumableEnd(range, { epoch: resume.epoch, limit, now: at })) ?? end);
  const resumed = await sweeps.resume({ from: cursor, to }, resume, at);
  return { ...(await send(ports, resumed, limit !== null)), next: to };
}

/** The same for what the pass over all jobs has left, and what was made since. */
export async function resumeRest(ports: SweepPorts, resume: Resume, limit: number | null): Promise<ResumedSlice> {
  const resumed = await ports.sweeps.resumeRest(resume, Math.min(limit ?? RESUME_SLICE, RESUME_SLICE), ports.now());
  return send(ports, resumed, limit !== null);
}

async function send(ports: SweepPorts, resumed: ResumedJob[], paced: boolean): Promise<ResumedSlice> {
  const { sweeps, jobs, queue, now, goesOn } = ports;
  // Before they go: their consumers change what it counts.
  const twice = paced && resumed.length > 0 ? await sweeps.countWritten(resumed) : 0;
  const unsent = new Set((await queue.send(resumed, { goesOn })).map(({ jobId }) => jobId));
  const sent = resumed.filter(({ jobId }) => !unsent.has(jobId));
  const added = sent.filter(({ late }) => late === 1).length;
  const weight = resumed.length + twice;
  // A stop came in between: what was not sent is paused by it, like all the others.
  if (!goesOn()) return { done: sent.length - added, added, failed: 0, weight };
  const lost = resumed.filter(({ jobId }) => unsent.has(jobId));
  const failed = lost.length === 0 ? 0 : await jobs.failUnsent(lost, UNSENT, now());
  return { done: resumed.length - added - failed, added, failed, weight };
}
