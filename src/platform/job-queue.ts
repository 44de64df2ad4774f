import type { JobType } from "../domain/job.ts";
import type { JobStanding } from "../operations/jobs.ts";
import type { Backlog, JobQueue } from "../operations/sweeps.ts";
import { describeError, log } from "./log.ts";

export interface Queues {
  LEAD_JOBS: Queue<unknown>;
  CAMPAIGN_JOBS: Queue<unknown>;
}

/** A queue takes 100 messages a batch. */
const BATCH = 100;
const SENDS_AT_ONCE = 6;
const PAUSES_MS = [100, 400, 1_600, 5_000];

export function createJobQueue(queues: Queues): JobQueue {
  return {
    async send(jobs, goesOn = () => true) {
      const batches = (["LEAD_JOBS", "CAMPAIGN_JOBS"] as const).flatMap((name) => {
        const mine = jobs.filter((job) => queueOf(job.type) === name).toSorted((a, b) => b.priority - a.priority);
        return chunks(mine, BATCH).map((batch) => ({ queue: queues[name], batch }));
      });
      const unsent: JobStanding[] = [];
      for (const group of chunks(batches, SENDS_AT_ONCE)) {
        const sent = await Promise.all(group.map(({ queue, batch }) => goesOn() && sendBatch(queue, batch)));
        group.forEach(({ batch }, index) => sent[index] || unsent.push(...batch));
      }
      return unsent;
    },

    async backlog() {
      const [leads, campaigns] = await Promise.all([queues.LEAD_JOBS.metrics(), queues.CAMPAIGN_JOBS.metrics()]);
      return { leads: backlogOf(leads), campaigns: backlogOf(campaigns) };
    },
  };
}

function backlogOf({ backlogCount, oldestMessageTimestamp }: QueueMetrics): Backlog {
  return {
    count: backlogCount,
    oldestAt: oldestMessageTimestamp ? new Date(oldestMessageTimestamp).getTime() : null,
  };
}

/** A lead never waits behind a search for more of them. */
function queueOf(type: JobType): keyof Queues {
  switch (type) {
    case "ENRICH_LEAD":
      return "LEAD_JOBS";
    case "FETCH_LEADS":
    case "CLEANUP_CAMPAIGN":
      return "CAMPAIGN_JOBS";
  }
}

/** A send that fails may have been accepted all the same; sending it again is harmless, a dispatch is claimed once. */
async function sendBatch(queue: Queue<unknown>, jobs: JobStanding[]): Promise<boolean> {
  const messages = jobs.map(({ jobId, dispatch }) => ({ body: { jobId, dispatch } }));
  for (let attempt = 0; ; attempt++) {
    try {
      await queue.sendBatch(messages);
      return true;
    } catch (error) {
      const pauseMs = PAUSES_MS[attempt];
      log("warn", "queue_send_failed", { ...describeError(error), messages: messages.length, attempt: attempt + 1 });
      if (pauseMs === undefined) return false;
      await scheduler.wait(pauseMs);
    }
  }
}

function chunks<T>(items: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
