import { type BatchPorts, runBatch } from "../operations/run-batch.ts";
import { describeError, log } from "../platform/log.ts";
import { readMessages } from "./messages.ts";

/** Seconds before a batch that our own platform disturbed comes again. */
const RETRY_S = 5;

/** Runs the jobs that a batch of messages names. Each message is acknowledged after its job's rows are written. */
export async function consumeJobs(batch: MessageBatch, env: Env, ports: () => BatchPorts): Promise<void> {
  try {
    const read = await readMessages(batch, env.DB);
    const acknowledge = (jobIds: string[]) => {
      const done = new Set(jobIds);
      for (const { message, dispatch } of read) if (done.has(dispatch.jobId)) message.ack();
    };
    await runBatch(
      ports(),
      read.map(({ dispatch }) => dispatch),
      acknowledge,
    );
  } catch (error) {
    // Nothing is lost: a job that was claimed is in its row, one that was not comes again. What is acknowledged stays so.
    log("error", "batch_disturbed", { ...describeError(error), queue: batch.queue, messages: batch.messages.length });
    batch.retryAll({ delaySeconds: RETRY_S });
  }
}
