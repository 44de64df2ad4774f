import type { JobType } from "../domain/job.ts";
import type { JobStanding } from "../operations/jobs.ts";
import type { JobQueue } from "../operations/sweeps.ts";
import { describeError, log } from "./log.ts";

export interface Queues {
  PROVIDER_JOBS: Queue<unknown>;
  LOCAL_JOBS: Queue<unknown>;
}

/** A queue takes 100 messages a batch. */
const BATCH = 100;
const SENDS_AT_ONCE = 4;
const PAUSES_MS = [100, 400, 1_600, 5_000];

export function createJobQueue(queues: Queues): JobQueue {
  return {
    async send(jobs) {
      const batches = (["PROVIDER_JOBS", "LOCAL_JOBS"] as const).flatMap((name) => {
        const mine = jobs.filter((job) => queueOf(job.type) === name);
        return chunks(mine, BATCH).map((batch) => ({ queue: queues[name], batch }));
      });
      const unsent: JobStanding[] = [];
      for (const group of chunks(batches, SENDS_AT_ONCE)) {
        const sent = await Promise.all(group.map(({ queue, batch }) => sendBatch(queue, batch)));
        group.forEach(({ batch }, index) => sent[index] || unsent.push(...batch));
      }
      return unsent;
    },

    async backlog() {
      const both = await Promise.all([queues.PROVIDER_JOBS.metrics(), queues.LOCAL_JOBS.metrics()]);
      const oldest = both.flatMap((metrics) =>
        metrics.oldestMessageTimestamp ? [metrics.oldestMessageTimestamp] : [],
      );
      return {
        count: both.reduce((sum, metrics) => sum + metrics.backlogCount, 0),
        oldestAt: oldest.length === 0 ? null : Math.min(...oldest.map((at) => new Date(at).getTime())),
      };
    },
  };
}

/** Jobs that call providers go in small batches, the others in large ones. */
function queueOf(type: JobType): keyof Queues {
  switch (type) {
    case "FETCH_LEADS":
    case "ENRICH_LEAD":
      return "PROVIDER_JOBS";
    case "CLEANUP_CAMPAIGN":
      return "LOCAL_JOBS";
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
