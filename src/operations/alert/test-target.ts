import { alertBody } from "../../wording/alert-body.ts";
import type { AlertDeliveryRow } from "../../contract/alerts.ts";
import { TEST_EVENT } from "../../domain/alert.ts";
import type { Instant } from "../../domain/breaker.ts";
import type { TargetStore } from "../../ports/alert-targets.ts";
import type { AlertQueue, DeliveryStore } from "../../ports/alerts.ts";
import type { BreakerActor } from "../../ports/breaker.ts";

export interface TestPorts {
  targets: TargetStore;
  deliveries: Pick<DeliveryStore, "add">;
  queue: AlertQueue;
  breaker: Pick<BreakerActor, "status" | "watch">;
  now: () => Instant;
  newId: () => string;
  /** Where the console is; "" where nobody has said it. */
  consoleOrigin: string;
}

export type TestAnswer = { outcome: "sent"; delivery: AlertDeliveryRow } | { outcome: "no_target" | "switched_off" };

/** Sends a target a test, on the way that every alert takes. */
export async function testTarget(ports: TestPorts, targetId: string): Promise<TestAnswer> {
  const { targets, deliveries, queue, breaker, now, newId, consoleOrigin } = ports;
  const target = await targets.find(targetId);
  if (!target) return { outcome: "no_target" };
  const { state, epoch } = (await breaker.status()).breaker;
  const id = newId();
  const fact = { event: TEST_EVENT, key: `test:${id}`, at: now(), epoch, state, incident: null, sweep: null } as const;
  const payload = alertBody(target.kind, fact, null, consoleOrigin);
  const test = { id, targetId, event: fact.event, key: fact.key, incidentId: null, payload };
  const added = await deliveries.add([test], now());
  const delivery = added.length > 0 ? await targets.delivery(id) : null;
  if (!delivery) return { outcome: "switched_off" };
  await queue.send(added);
  // Should the message be lost, the Breaker sends it again.
  await breaker.watch();
  return { outcome: "sent", delivery };
}

/** What is wrong with a target's address; null when nothing is. Plain http is for this machine, in sandbox mode. */
export function urlProblem(url: string, mode: "production" | "sandbox"): string | null {
  const parsed = URL.parse(url);
  if (!parsed) return "must be a URL";
  if (parsed.username || parsed.password) return "must not hold a user name or a password";
  if (parsed.protocol === "https:") return null;
  const isLocal = parsed.protocol === "http:" && ["localhost", "127.0.0.1"].includes(parsed.hostname);
  if (mode === "sandbox") return isLocal ? null : "must begin with https://, http://localhost or http://127.0.0.1";
  return "must begin with https://";
}
