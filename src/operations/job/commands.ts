import type { Instant, Reason } from "../../domain/breaker.ts";
import type { BreakerActor } from "../../ports/breaker.ts";
import type { CampaignActors, CampaignStore } from "../../ports/campaigns.ts";
import type { JobFilter, JobFinder, JobStanding, JobStore } from "../../ports/jobs.ts";
import { RETRY_SLICE } from "../slices.ts";
import type { JobQueue } from "../../ports/job-queue.ts";

/** What a person may do with one job, or ask of a campaign beside its start. */
export interface CommandPorts {
  jobs: Pick<JobStore, "cancel" | "retry">;
  campaigns: Pick<CampaignStore, "addCleanup">;
  campaignActors: Pick<CampaignActors, "changed">;
  breaker: Pick<BreakerActor, "status" | "watch" | "withdraw">;
  queue: Pick<JobQueue, "send">;
  now: () => Instant;
  newId: () => string;
}

/** So many slices of jobs one request retries, and no more: it has an answer to give. */
const SLICES_AT_ONCE = 20;

/** False when the job is finished already. After a true answer no call of it begins; one that is under way keeps its result. */
export async function cancelJob(
  { jobs, campaignActors, breaker, now }: CommandPorts,
  job: { id: string; campaignId: string },
  by: string,
): Promise<boolean> {
  const cancelled = await jobs.cancel(job.id, { by, now: now() });
  if (!cancelled) return false;
  await Promise.all([breaker.withdraw(), campaignActors.changed([job.campaignId])]);
  return true;
}

/** Nothing is queued while the line is stopped. */
type LineStopped = { outcome: "breaker_open"; reason: Reason };

async function lineStopped({ breaker }: CommandPorts): Promise<LineStopped | null> {
  const { breaker: stands } = await breaker.status();
  return stands.state === "open" ? { outcome: "breaker_open", reason: stands.incident.reason } : null;
}

/** `not_now`: the job is not FAILED any more, or the line is just being stopped or started. */
export type RetryAnswer = { outcome: "retried" } | LineStopped | { outcome: "not_now" };

/** Queues a FAILED job again; it goes on where it failed. */
export async function retryJob(ports: CommandPorts, jobId: string, by: string): Promise<RetryAnswer> {
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
  ports: CommandPorts & { lists: JobFinder },
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

/** Adds a job that deletes rows of old jobs. Returns its id, or null when the campaign was never started. */
export async function cleanUp(ports: CommandPorts, campaignId: string, olderThanDays: number): Promise<string | null> {
  const made = await ports.campaigns.addCleanup(campaignId, ports.newId(), { olderThanDays, now: ports.now() });
  if (!made) return null;
  await dispatchNew(ports, made);
  return made.jobId;
}

/** What cannot be sent now is sent by the watchdog: the row is there. */
async function dispatchNew({ breaker, queue }: CommandPorts, job: JobStanding): Promise<void> {
  await breaker.watch();
  await queue.send([job]);
}
