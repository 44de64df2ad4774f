import { type BatchPorts, runBatch } from "../operations/job/run-batch.ts";
import { disturbed, type JobMessage, readMessages } from "./messages.ts";

/** Seconds before a batch that our own platform disturbed comes again. */
const RETRY_S = 5;

/** Runs the jobs that a batch of messages names. Each message is acknowledged after the rows of all its jobs are written. */
export async function consumeJobs(batch: MessageBatch, env: Env, ports: () => BatchPorts): Promise<void> {
  try {
    const read = await readMessages(batch, env.DB);
    const dispatches = read.flatMap((each) => each.dispatches);
    await runBatch(ports(), dispatches, acknowledgeWhenSettled(read));
  } catch (error) {
    // Nothing is lost: a job that was claimed is in its row, one that was not comes again. What is acknowledged stays so.
    await disturbed(batch, env, error, { event: "batch_disturbed", retryS: RETRY_S });
  }
}

/** Is told of jobs that are settled, and acknowledges each message with the last of its own. */
function acknowledgeWhenSettled(read: JobMessage[]): (jobIds: string[]) => void {
  const waiting = read.map(({ message, dispatches }) => ({
    message,
    unsettled: new Set(dispatches.map(({ jobId }) => jobId)),
  }));
  const naming = Map.groupBy(
    waiting.flatMap((each) => [...each.unsettled].map((jobId) => ({ jobId, each }))),
    ({ jobId }) => jobId,
  );
  return (jobIds) => {
    for (const { each, jobId } of jobIds.flatMap((id) => naming.get(id) ?? []))
      if (each.unsettled.delete(jobId) && each.unsettled.size === 0) each.message.ack();
  };
}
