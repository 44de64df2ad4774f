import { pauseAfter } from "../../domain/alert.ts";
import type { Instant } from "../../domain/breaker.ts";
import type { AlertQueue, DeliveryAttempt, DeliveryStore, Posted } from "../../ports/alerts.ts";

export interface DeliverPorts {
  deliveries: Pick<DeliveryStore, "claim" | "arrived" | "missed">;
  queue: AlertQueue;
  post: (attempt: DeliveryAttempt) => Promise<Posted>;
  persist: <T>(write: () => Promise<T>) => Promise<T>;
  now: () => Instant;
}

/** An attempt is over before this, and so are the writes that follow it: a second one can begin. */
const CLAIM_MS = 40_000;

/**
 * One attempt at each of these deliveries that is due and waits. Returns in how many ms to come again, for those that did
 * not arrive; about the others there is nothing left to do.
 * @throws when the claim fails; then nothing was sent
 */
export async function deliverAlerts(ports: DeliverPorts, ids: string[]): Promise<Map<string, number>> {
  const { deliveries, now } = ports;
  const attempts = await deliveries.claim(ids, now(), now() + CLAIM_MS);
  const again = new Map<string, number>();
  await Promise.all(
    attempts.map(async (attempt) => {
      const againInMs = await deliver(ports, attempt);
      if (againInMs !== null) again.set(attempt.id, againInMs);
    }),
  );
  return again;
}

async function deliver(ports: DeliverPorts, attempt: DeliveryAttempt): Promise<number | null> {
  const { deliveries, queue, post, persist, now } = ports;
  const posted = await post(attempt);
  try {
    if (posted.arrived) {
      await queue.send(await persist(() => deliveries.arrived(attempt.id, now())));
      return null;
    }
    const pauseMs = pauseAfter(attempt.attempts);
    await persist(() => deliveries.missed(attempt.id, posted.problem, pauseMs === null ? null : now() + pauseMs));
    return pauseMs;
  } catch {
    // The row was not written and says nothing of this attempt: it can be taken again when the claim is over.
    return CLAIM_MS;
  }
}
