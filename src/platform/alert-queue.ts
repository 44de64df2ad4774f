import { chunks } from "../domain/chunks.ts";
import type { AlertQueue } from "../ports/alerts.ts";
import { MESSAGES_A_SEND } from "./job-queue.ts";
import { describeError, log } from "./log.ts";

export function createAlertQueue(queues: { ALERTS: Queue<unknown> }): AlertQueue {
  return {
    async send(deliveryIds) {
      for (const sent of chunks(deliveryIds, MESSAGES_A_SEND)) {
        try {
          await queues.ALERTS.sendBatch(sent.map((deliveryId) => ({ body: { deliveryId } })));
        } catch (error) {
          log("warn", "alert_send_failed", { ...describeError(error), messages: sent.length });
        }
      }
    },
  };
}
