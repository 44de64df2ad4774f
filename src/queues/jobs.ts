import { type BatchPorts, runBatch } from "../operations/run-batch.ts";
import { describeError, log } from "../platform/log.ts";
import { readMessages } from "./messages.ts";

/** Seconds before a batch that our own platform disturbed comes again. */
const RETRY_S = 5;

/** Runs the jobs that a batch of messages names. Each message is acknowledged after its job's rows are written. */
export async function consumeJobs(batch: MessageBatch, env: Env, ports: () => BatchPorts): Promise<void> {
  try {
    const read = await readMessages(batch, env.DB);
    await runBatch(
      ports(),
      read.map(({ dispatch }) => dispatch),
    );
    for (const { message } of read) message.ack();
  } catch (error) {
    // Nothing is lost: a job that was claimed is in its row, one that was not comes again.
    log("error", "batch_disturbed", { ...describeError(error), queue: batch.queue, messages: batch.messages.length });
    batch.retryAll({ delaySeconds: RETRY_S });
  }
}
