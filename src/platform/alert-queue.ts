import type { AlertQueue } from "../operations/alerts.ts";
import { describeError, log } from "./log.ts";

export function createAlertQueue(queues: { ALERTS: Queue<unknown> }): AlertQueue {
  return {
    async send(deliveryIds) {
      if (deliveryIds.length === 0) return;
      try {
        await queues.ALERTS.sendBatch(deliveryIds.map((deliveryId) => ({ body: { deliveryId } })));
      } catch (error) {
        log("warn", "alert_send_failed", { ...describeError(error), messages: deliveryIds.length });
      }
    },
  };
}
