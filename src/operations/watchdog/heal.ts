import type { Instant } from "../../domain/breaker.ts";
import { QUIET_MS } from "../../domain/job.ts";
import { FIRST_KEY, type JobKey } from "../../domain/sweep.ts";
import type { CampaignActors } from "../../ports/campaigns.ts";
import { HEAL_SLICE } from "../slices.ts";
import type { SweepStore } from "../../ports/resume.ts";
import type { Backlog, JobQueue } from "../../ports/job-queue.ts";

export interface HealPorts {
  sweeps: SweepStore;
  queue: JobQueue;
  campaigns: Pick<CampaignActors, "changed">;
  now: () => Instant;
  /** Whether there is nothing more urgent to do: a queue that is away must not hold up a stop. */
  goesOn: () => boolean;
}

export interface Healed {
  /** Where the next pass goes on. */
  cursor: JobKey;
  takenBack: number;
  redispatched: number;
  campaigns: number;
}

/** How long after its row a message may have been sent. */
const SENDING_MS = 10_000;
/** A queue keeps no message longer: what is older is lost, whatever the queue says. */
const KEPT_MS = 4 * 24 * 60 * 60_000;

/**
 * One pass of the watchdog over a slice of the unfinished jobs: takes back those whose attempt died, sends those again
 * whose message is lost, and wakes campaigns whose last job is done. A job may wait behind a deep backlog: its
 * message counts as lost only when its queue holds none as old as it.
 */
export async function heal({ sweeps, queue, campaigns, now, goesOn }: HealPorts, cursor: JobKey): Promise<Healed> {
  const backlog = await queue.backlog();
  const quietSince = now() - QUIET_MS;
  // A row is written before its message is, so a message is a little younger than its row. Where a queue does not tell how old
  // the messages are that it has, nothing that it may still have is sent again.
  const lostBefore = (backlog: Backlog | null) => {
    if (backlog?.count === 0) return quietSince;
    const oldestAt = backlog?.oldestAt ?? 0;
    return Math.max(Math.min(quietSince, oldestAt - SENDING_MS), now() - KEPT_MS);
  };
  const queuedBefore = { leads: lostBefore(backlog.leads), campaigns: lostBefore(backlog.campaigns) };

  const to = await sweeps.sliceEnd(cursor, HEAL_SLICE);
  const range = { from: cursor, to };
  const takenBack = await sweeps.takeBack(range, now());
  const redispatched = await sweeps.redispatch(range, queuedBefore, now());
  // What is not sent is found again by a later pass.
  await queue.send([...takenBack, ...redispatched], { goesOn });

  const finished = await sweeps.campaignsToComplete(100);
  await campaigns.changed(finished);
  return {
    cursor: to ?? FIRST_KEY,
    takenBack: takenBack.length,
    redispatched: redispatched.length,
    campaigns: finished.length,
  };
}
