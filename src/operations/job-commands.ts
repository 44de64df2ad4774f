import type { Instant, Reason } from "../domain/breaker.ts";
import type { BreakerActor } from "./breaker.ts";
import type { CampaignActors, CampaignStore } from "./campaigns.ts";
import type { JobStanding, JobStore } from "./jobs.ts";
import type { JobQueue } from "./sweeps.ts";

/** What a person may do with one job, or ask of a campaign beside its start. */
export interface CommandPorts {
  jobs: Pick<JobStore, "cancel" | "retry">;
  campaigns: Pick<CampaignStore, "addCleanup">;
  campaignActors: Pick<CampaignActors, "changed">;
  breaker: Pick<BreakerActor, "status" | "watch">;
  queue: Pick<JobQueue, "send">;
  now: () => Instant;
  newId: () => string;
}

/** False when the job is finished already. */
export async function cancelJob(
  { jobs, campaignActors, now }: CommandPorts,
  job: { id: string; campaignId: string },
): Promise<boolean> {
  const cancelled = await jobs.cancel(job.id, now());
  if (cancelled) await campaignActors.changed([job.campaignId]);
  return cancelled;
}

/** `not_now`: the job is not FAILED any more, or the line is just being stopped or started. */
export type RetryAnswer = { outcome: "retried" } | { outcome: "breaker_open"; reason: Reason } | { outcome: "not_now" };

/** Queues a FAILED job again; it goes on where it failed. */
export async function retryJob(ports: CommandPorts, jobId: string): Promise<RetryAnswer> {
  const { breaker: stands } = await ports.breaker.status();
  if (stands.state === "open") return { outcome: "breaker_open", reason: stands.incident.reason };
  const retried = await ports.jobs.retry(jobId, ports.now());
  if (!retried) return { outcome: "not_now" };
  await dispatchNew(ports, retried);
  return { outcome: "retried" };
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
  if (job.status === "PENDING") await queue.send([job]);
}
