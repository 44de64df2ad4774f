import type { z } from "zod";
import { QueueMessage } from "../contract/queue.ts";
import { parkMessages } from "../db/parked.ts";
import type { Dispatch } from "../domain/job.ts";
import { createBreakerActor } from "../platform/actors.ts";
import { reportLasting } from "../platform/failures.ts";
import { describeError, log } from "../platform/log.ts";

/** As much of a message's body as is kept when it cannot be understood. */
const BODY_KEPT = 10_000;

/** A message, and whose work it asks for. */
export interface JobMessage {
  message: Message;
  dispatches: Dispatch[];
}

/** Splits off what names no dispatch, parks it, and acknowledges it. Returns the rest. */
export async function readMessages(batch: MessageBatch, db: D1Database): Promise<JobMessage[]> {
  const problem = "not a message that names jobs and their dispatches";
  const read = await understood(batch, db, { schema: QueueMessage, problem });
  return read.map(({ message, body }) => ({ message, dispatches: body.jobs }));
}

/** The same for messages of any shape. */
export async function understood<Schema extends z.ZodType>(
  batch: MessageBatch,
  db: D1Database,
  { schema, problem }: { schema: Schema; problem: string },
): Promise<{ message: Message; body: z.output<Schema> }[]> {
  const read = batch.messages.map((message) => ({ message, parsed: schema.safeParse(message.body) }));
  const bad = read.filter(({ parsed }) => !parsed.success).map(({ message }) => message);
  await parkMessages(
    db,
    bad.map((message) => ({
      id: message.id,
      queue: batch.queue,
      body: (JSON.stringify(message.body) ?? "").slice(0, BODY_KEPT),
      problem,
      parkedAt: Date.now(),
    })),
  );
  for (const message of bad) {
    log("warn", "message_parked", { queue: batch.queue, message_id: message.id });
    message.ack();
  }
  return read.flatMap(({ message, parsed }) => (parsed.success ? [{ message, body: parsed.data }] : []));
}

/** Our own platform disturbed a batch: it comes again, but for what is acknowledged already; what lasts stops the line. */
export async function disturbed(
  batch: MessageBatch,
  env: Env,
  error: unknown,
  { event, retryS }: { event: string; retryS: number },
): Promise<void> {
  log("error", event, { ...describeError(error), queue: batch.queue, messages: batch.messages.length });
  await reportLasting(createBreakerActor(env), error);
  batch.retryAll({ delaySeconds: retryS });
}
