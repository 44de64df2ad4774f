import { AlertMessage } from "../contract/alerts.ts";
import { type DeliverPorts, deliverAlerts } from "../operations/alert/deliver.ts";
import { disturbed, understood } from "./messages.ts";

/** Seconds before a batch that our own platform disturbed comes again. */
const RETRY_S = 5;

/** Makes one attempt at each delivery that a batch names. A message lives on as long as its delivery waits. */
export async function consumeAlerts(batch: MessageBatch, env: Env, ports: DeliverPorts): Promise<void> {
  try {
    const read = await understood(batch, env.DB, {
      schema: AlertMessage,
      problem: "not a message that names an alert",
    });
    const again = await deliverAlerts(
      ports,
      read.map(({ body }) => body.deliveryId),
    );
    for (const { message, body } of read) {
      const againInMs = again.get(body.deliveryId);
      // Of two messages about one delivery, one goes on.
      again.delete(body.deliveryId);
      if (againInMs === undefined) message.ack();
      else message.retry({ delaySeconds: Math.ceil(againInMs / 1_000) });
    }
  } catch (error) {
    await disturbed(batch, env, error, { event: "alerts_disturbed", retryS: RETRY_S });
  }
}
