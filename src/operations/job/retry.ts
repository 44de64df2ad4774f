import type { Instant, Reason } from "../../domain/breaker.ts";
import type { BreakerActor } from "../../ports/breaker.ts";
import type { JobFilter, JobFinder, JobStore } from "../../ports/jobs.ts";
import { RETRY_SLICE } from "../slices.ts";
import { type DispatchPorts, dispatchNew } from "./dispatch.ts";

export interface RetryPorts extends DispatchPorts {
  jobs: Pick<JobStore, "retry">;
  breaker: Pick<BreakerActor, "status" | "watch">;
  now: () => Instant;
}

/** So many slices of jobs one request retries, and no more: it has an answer to give. */
const SLICES_AT_ONCE = 20;

/** Nothing is queued while the line is stopped. */
type LineStopped = { outcome: "breaker_open"; reason: Reason };

async function lineStopped({ breaker }: RetryPorts): Promise<LineStopped | null> {
  const { breaker: stands } = await breaker.status();
  return stands.state === "open" ? { outcome: "breaker_open", reason: stands.incident.reason } : null;
}

/** `not_now`: the job is not FAILED any more, or the line is just being stopped or started. */
export type RetryAnswer = { outcome: "retried" } | LineStopped | { outcome: "not_now" };

/** Queues a FAILED job again; it goes on where it failed. */
export async function retryJob(ports: RetryPorts, jobId: string, by: string): Promise<RetryAnswer> {
  const stopped = await lineStopped(ports);
  if (stopped) return stopped;
  const [retried] = await ports.jobs.retry([jobId], { by, now: ports.now() });
  if (!retried) return { outcome: "not_now" };
  await dispatchNew(ports, retried);
  return { outcome: "retried" };
}

export type RetriedJobs = { retried: number; remaining: number };

/** Queues FAILED jobs again that match, slice by slice; a line that stops meanwhile ends it, and no job is lost by that. */
export async function retryJobs(
  ports: RetryPorts & { lists: JobFinder },
  filter: Omit<JobFilter, "status">,
  by: string,
): Promise<({ outcome: "retried" } & RetriedJobs) | LineStopped> {
  const { breaker, jobs, lists, queue, now } = ports;
  const stopped = await lineStopped(ports);
  if (stopped) return stopped;
  const failed = { ...filter, status: "FAILED" } as const;
  await breaker.watch();
  let retried = 0;
  let after = "";
  for (let slice = 0; slice < SLICES_AT_ONCE; slice++) {
    const ids = await lists.jobIds(failed, after, RETRY_SLICE);
    const queued = ids.length > 0 ? await jobs.retry(ids, { by, now: now() }) : [];
    if (queued.length === 0) break;
    // What cannot be sent now is sent by the watchdog: the rows are there.
    await queue.send(queued);
    retried += queued.length;
    after = ids.at(-1) ?? after;
  }
  return { outcome: "retried", retried, remaining: await lists.countJobs(failed) };
}
