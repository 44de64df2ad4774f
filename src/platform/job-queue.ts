import { chunks } from "../domain/chunks.ts";
import type { JobType } from "../domain/job.ts";
import type { JobStanding } from "../ports/jobs.ts";
import type { Backlog, JobQueue } from "../ports/job-queue.ts";
import { describeError, log } from "./log.ts";
import { retrying } from "./retry.ts";

export interface Queues {
  LEAD_JOBS: Queue<unknown>;
  CAMPAIGN_JOBS: Queue<unknown>;
}

/** A queue takes 100 messages a send. */
export const MESSAGES_A_SEND = 100;
/**
 * A message costs three queue operations, and a queue takes 5,000 a second, whatever a message holds. Ten leads are what
 * one invocation has connections for; a search works for minutes, and no other waits behind it.
 */
const JOBS_A_MESSAGE = { LEAD_JOBS: 10, CAMPAIGN_JOBS: 1 } as const;
const SENDS_AT_ONCE = 6;
const PAUSES_MS = [100, 400, 1_600, 5_000];

export function createJobQueue(queues: Queues): JobQueue {
  return {
    async send(standings, { goesOn = () => true, waitMs = 0 } = {}) {
      const jobs = standings.filter(({ status }) => status === "PENDING");
      const batches = (["LEAD_JOBS", "CAMPAIGN_JOBS"] as const).flatMap((name) => {
        const mine = jobs.filter((job) => queueOf(job.type) === name).toSorted((a, b) => b.priority - a.priority);
        return chunks(chunks(mine, JOBS_A_MESSAGE[name]), MESSAGES_A_SEND).map((messages) => ({
          queue: queues[name],
          messages,
        }));
      });
      const unsent: JobStanding[] = [];
      for (const group of chunks(batches, SENDS_AT_ONCE)) {
        const sent = await Promise.all(
          group.map(({ queue, messages }) => goesOn() && sendBatch(queue, messages, waitMs)),
        );
        group.forEach(({ messages }, index) => sent[index] || unsent.push(...messages.flat()));
      }
      return unsent;
    },

    async backlog() {
      const [leads, campaigns] = await Promise.all([backlogOf(queues.LEAD_JOBS), backlogOf(queues.CAMPAIGN_JOBS)]);
      return { leads, campaigns };
    },
  };
}

async function backlogOf(queue: Queue<unknown>): Promise<Backlog | null> {
  try {
    const { backlogCount, oldestMessageTimestamp } = await queue.metrics();
    return {
      count: backlogCount,
      oldestAt: oldestMessageTimestamp ? new Date(oldestMessageTimestamp).getTime() : null,
    };
  } catch (error) {
    log("warn", "queue_metrics_failed", describeError(error));
    return null;
  }
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
async function sendBatch(queue: Queue<unknown>, jobs: JobStanding[][], waitMs: number): Promise<boolean> {
  const messages = jobs.map((named) => ({
    body: { jobs: named.map(({ jobId, dispatch }) => ({ jobId, dispatch })) },
  }));
  const options = waitMs > 0 ? { delaySeconds: Math.ceil(waitMs / 1_000) } : {};
  return retrying(() => queue.sendBatch(messages, options), {
    pausesMs: PAUSES_MS,
    failed: (error, attempt) =>
      log("warn", "queue_send_failed", { ...describeError(error), messages: messages.length, attempt }),
  }).then(
    () => true,
    () => false,
  );
}
