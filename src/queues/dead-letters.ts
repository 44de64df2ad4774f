import type { SweepStore } from "../ports/resume.ts";
import type { JobQueue } from "../ports/job-queue.ts";
import { log } from "../platform/log.ts";
import { disturbed, readMessages } from "./messages.ts";

export interface DeadLetterPorts {
  sweeps: Pick<SweepStore, "redispatchIf">;
  queue: Pick<JobQueue, "send">;
  now: () => number;
}

const RETRY_S = 30;

/**
 * Messages that their queue gave up on. A job that still waits for this very dispatch gets a new one and a new message;
 * of any other the row is the truth. Messages that name no job are parked.
 */
export async function consumeDeadLetters(
  batch: MessageBatch,
  env: Env,
  { sweeps, queue, now }: DeadLetterPorts,
): Promise<void> {
  try {
    const read = await readMessages(batch, env.DB);
    const dispatches = read.flatMap((each) => each.dispatches);
    const again = await sweeps.redispatchIf(dispatches, now());
    await queue.send(again);
    log("warn", "dead_letters", { messages: batch.messages.length, redispatched: again.length });
    for (const { message } of read) message.ack();
  } catch (error) {
    await disturbed(batch, env, error, { event: "dead_letters_disturbed", retryS: RETRY_S });
  }
}
