import { ATTEMPT_MS, type Dispatch, LEASE_MS } from "../../domain/job.ts";
import { afterDisturbance, type OwnFailure } from "../../domain/own-failure.ts";
import type { CampaignActors } from "../../ports/campaigns.ts";
import type { AttemptEnd, ClaimedJob, JobStanding } from "../../ports/jobs.ts";
import type { LeadWork } from "../../ports/leads.ts";
import type { Attempt } from "../line/line.ts";
import type { RunPorts, runJob } from "./run.ts";
import type { Ending } from "./attempt.ts";

export type BatchPorts = RunPorts & {
  /** Works on one claimed job. */
  run: typeof runJob;
  campaigns: Pick<CampaignActors, "changed">;
  failureOf: (error: unknown) => OwnFailure;
  onUnexpected: (error: unknown, job: ClaimedJob) => void;
  wait: (ms: number) => Promise<unknown>;
};

const MISTAKE =
  "An unexpected error in Andon itself ended this job; what it had done is kept. Retry it after the error is mended.";
const GIVEN_UP =
  "Andon's own platform disturbed this job too often in a row without anything saved, so it is given up before more is paid for; what was saved is kept. Retry it when the platform is well again.";

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
  const { line, jobs, campaigns, now } = ports;
  const all = dispatches.map(({ jobId }) => jobId);
  if (await line.stopped()) return settled(all);
  const leaseUntil = now() + LEASE_MS;
  const claimed = await jobs.claim(dispatches, { now: now(), until: leaseUntil });
  const mine = new Set(claimed.map((job) => job.id));
  settled(all.filter((jobId) => !mine.has(jobId)));
  if (claimed.length === 0) return;
  const attempts = claimed.map((job): Attempt => ({
    job,
    leaseUntil,
    endBy: now() + ATTEMPT_MS,
    calls: [],
    hasSaved: false,
    hasUnsavedPurchase: false,
  }));
  line.begin(attempts);
  const stopRenewing = keepLeases(ports, attempts);
  try {
    const work = loadWork(ports, claimed);
    await Promise.all(
      attempts.map(async (attempt) => {
        await runAttempt(ports, attempt, work);
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

/** One read for all. What it throws, each attempt meets: it ends each by itself. */
async function loadWork({ leads, persist }: BatchPorts, claimed: ClaimedJob[]): Promise<Map<string, LeadWork>> {
  const leadIds = claimed.flatMap((job) => job.leadId ?? []);
  const work = leadIds.length === 0 ? [] : await persist(() => leads.loadWork(leadIds));
  return new Map(work.map((lead) => [lead.id, lead]));
}

async function runAttempt(ports: BatchPorts, attempt: Attempt, work: Promise<Map<string, LeadWork>>): Promise<void> {
  const { job } = attempt;
  try {
    const lead = (await work).get(job.leadId ?? "");
    await end(ports, attempt, await ports.run(ports, attempt, lead));
  } catch (error) {
    ports.onUnexpected(error, job);
    const failure = ports.failureOf(error);
    try {
      if (failure.kind === "lasts") await ports.line.trip(attempt, failure.fault);
      const ending = failure.kind === "mistake" ? { becomes: "FAILED" as const, error: MISTAKE } : disturbed(attempt);
      // If this fails too, the lease runs out and the watchdog takes the job back.
      await end(ports, attempt, ending);
    } catch (again) {
      ports.onUnexpected(again, job);
    }
  } finally {
    attempt.leaseUntil = 0;
  }
}

/** How an attempt ends that our own platform disturbed. */
function disturbed({ job, hasSaved, hasUnsavedPurchase }: Attempt): AttemptEnd {
  const after = afterDisturbance(hasSaved ? 0 : job.disturbed, hasUnsavedPurchase);
  return after ? { becomes: "PENDING", ...after } : { becomes: "FAILED", error: GIVEN_UP };
}

async function end({ jobs, queue, persist, now }: BatchPorts, attempt: Attempt, ending: Ending): Promise<void> {
  if (!ending) return;
  const { job, calls, hasSaved } = attempt;
  // Stops and hand-ons are no disturbance, and no sign that the last one is over.
  const counted = { disturbed: hasSaved ? 0 : job.disturbed, ...ending };
  const result = { jobId: job.id, dispatch: job.dispatch, end: counted, calls };
  const standings = await persist(() => jobs.record([result], now()));
  const waitMs = "waitMs" in ending ? ending.waitMs : 0;
  await queue.send(
    standings.filter((standing) => isHandedOn(standing, job)),
    { waitMs },
  );
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
