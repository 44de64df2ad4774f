import { ATTEMPT_MS, type Dispatch, LEASE_MS } from "../domain/job.ts";
import type { CampaignActors } from "./campaigns.ts";
import type { ClaimedJob, JobStanding } from "./jobs.ts";
import type { LeadWork } from "./leads.ts";
import type { Attempt } from "./line.ts";
import type { RunPorts, runJob } from "./run-job.ts";
import type { Ending } from "./attempt.ts";

export type BatchPorts = RunPorts & {
  /** Works on one claimed job. */
  run: typeof runJob;
  campaigns: Pick<CampaignActors, "changed">;
  /** Whether an error is our platform's (storage, queue, actor), which passes, or a bug, which does not. */
  isPlatformFault: (error: unknown) => boolean;
  onUnexpected: (error: unknown, job: ClaimedJob) => void;
  wait: (ms: number) => Promise<unknown>;
};

/** Before a job that our own platform disturbed is queued again. */
const DISTURBED_MS = 1_000;

/**
 * Runs a batch of dispatches: one look at the breaker, one statement that claims them all, then every job side by side.
 * What could not be claimed is over or not yet due, and is left alone. `settled` is told of each job once its rows say
 * what became of it: then its message has done its work.
 */
export async function runBatch(
  ports: BatchPorts,
  dispatches: Dispatch[],
  settled: (jobIds: string[]) => void,
): Promise<void> {
  const { line, jobs, leads, campaigns, now } = ports;
  const all = dispatches.map(({ jobId }) => jobId);
  if (await line.stopped()) return settled(all);
  const leaseUntil = now() + LEASE_MS;
  const claimed = await jobs.claim(dispatches, { now: now(), until: leaseUntil });
  const mine = new Set(claimed.map((job) => job.id));
  settled(all.filter((jobId) => !mine.has(jobId)));
  if (claimed.length === 0) return;
  const attempts = claimed.map((job): Attempt => ({ job, leaseUntil, endBy: now() + ATTEMPT_MS, calls: [] }));
  line.begin(attempts);
  const stopRenewing = keepLeases(ports, attempts);
  try {
    const leadIds = claimed.flatMap((job) => job.leadId ?? []);
    const work = leadIds.length === 0 ? [] : await ports.persist(() => leads.loadWork(leadIds));
    const leadsById = new Map(work.map((lead) => [lead.id, lead]));
    await Promise.all(
      attempts.map(async (attempt) => {
        await runAttempt(ports, attempt, leadsById);
        settled([attempt.job.id]);
      }),
    );
  } finally {
    stopRenewing();
    await line.settled();
  }
  // Only those that may be complete need to look. One that is missed here is found by the watchdog.
  const idle = await jobs.idleCampaigns([...new Set(claimed.map((job) => job.campaignId))]);
  if (idle.length > 0) await campaigns.changed(idle);
}

async function runAttempt(ports: BatchPorts, attempt: Attempt, leads: Map<string, LeadWork>): Promise<void> {
  const { job } = attempt;
  try {
    await end(ports, attempt, await ports.run(ports, attempt, leads.get(job.leadId ?? "")));
  } catch (error) {
    ports.onUnexpected(error, job);
    if (ports.isPlatformFault(error)) {
      await ports.wait(DISTURBED_MS);
      // If this fails too, the lease runs out and the watchdog takes the job back.
      await end(ports, attempt, { becomes: "PENDING" }).catch((again: unknown) => ports.onUnexpected(again, job));
    } else {
      const message =
        "An unexpected error in Andon itself ended this job; what it had done is kept. Retry it after the error is mended.";
      await end(ports, attempt, { becomes: "FAILED", error: message }).catch((again: unknown) =>
        ports.onUnexpected(again, job),
      );
    }
  } finally {
    attempt.leaseUntil = 0;
  }
}

async function end({ jobs, queue, persist, now }: BatchPorts, { job, calls }: Attempt, ending: Ending): Promise<void> {
  if (!ending) return;
  const result = { jobId: job.id, dispatch: job.dispatch, end: ending, calls };
  const standings = await persist(() => jobs.record([result], now()));
  await queue.send(standings.filter((standing) => isHandedOn(standing, job)));
}

/** The job was given a new dispatch by this very end, and needs its message. */
function isHandedOn(standing: JobStanding, job: ClaimedJob): boolean {
  return standing.status === "PENDING" && standing.dispatch === job.dispatch + 1;
}

/** Renews the leases of the attempts that still run, at a third of a lease. Returns what stops it. */
function keepLeases({ jobs, now, wait, onUnexpected }: BatchPorts, attempts: Attempt[]): () => void {
  let live = true;
  const renew = async () => {
    for (;;) {
      await wait(LEASE_MS / 3);
      if (!live) return;
      const running = attempts.filter((attempt) => attempt.leaseUntil > 0);
      const until = now() + LEASE_MS;
      try {
        const dispatches = running.map(({ job }) => ({ jobId: job.id, dispatch: job.dispatch }));
        const renewed = new Set(await jobs.renewLeases(dispatches, until));
        for (const attempt of running) {
          // Cancelled, or taken back and given to another dispatch: this attempt begins no further call.
          if (!renewed.has(attempt.job.id)) attempt.leaseUntil = 0;
          if (attempt.leaseUntil > 0) attempt.leaseUntil = until;
        }
      } catch (error) {
        const [first] = running;
        if (first) onUnexpected(error, first.job);
      }
    }
  };
  void renew();
  return () => (live = false);
}
