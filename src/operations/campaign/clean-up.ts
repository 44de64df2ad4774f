import { type AttemptPorts, type Ending, LET_GO, saving } from "../job/attempt.ts";
import type { Attempt } from "../line/line.ts";
import { CLEANUP_SLICE } from "../slices.ts";

const DAY_MS = 86_400_000;
/** Then an attempt hands its job on: an invocation has a thousand statements of D1, and a slice takes three. */
const MOST_SLICES = 100;

/** Deletes the rows of a campaign's jobs that finished long enough ago, in slices. Leads stay. */
export async function cleanUpCampaign(ports: AttemptPorts, attempt: Attempt): Promise<Ending> {
  const { line, leads, now } = ports;
  const { job, endBy } = attempt;
  const { olderThanDays, deleted: before = 0 } = JSON.parse(job.progress ?? "{}") as {
    olderThanDays: number;
    deleted?: number;
  };
  const olderThan = now() - olderThanDays * DAY_MS;
  let deleted = before;
  for (let slices = 1; ; slices++) {
    const stop = await line.stopped();
    if (stop) return stop;
    const gone = await leads.deleteFinishedJobs(job.campaignId, olderThan, CLEANUP_SLICE, now());
    deleted += gone;
    if (gone < CLEANUP_SLICE) return { becomes: "COMPLETED", result: { deleted } };
    const status = await saving(ports, attempt, () =>
      leads.saveProgress({ jobId: job.id, dispatch: job.dispatch }, { olderThanDays, deleted }),
    );
    if (status !== "RUNNING") return LET_GO;
    if (slices === MOST_SLICES || now() > endBy) return { becomes: "PENDING" };
  }
}
