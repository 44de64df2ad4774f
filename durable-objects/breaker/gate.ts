import { v7 as uuidv7 } from "uuid";
import type { BreakerState, Instant } from "../../src/domain/breaker.ts";
import { breakerAfter, compareWithGate, type Difference, type SeenGate } from "../../src/domain/reconcile.ts";
import type { SweepStore } from "../../src/ports/resume.ts";
import { log } from "../../src/platform/log.ts";
import type { BreakerStore } from "./storage/breaker-store.ts";
import type { LookStore } from "./storage/look-store.ts";

export interface GateLook {
  store: BreakerStore;
  looks: LookStore;
  sweeps: SweepStore;
  now: () => Instant;
  open: (next: BreakerState & { state: "open" }) => Promise<void>;
  change: (next: BreakerState) => void;
}

/** A written row each. */
const NOTED_EVERY_MS = 10_000;

/**
 * Looks whether Breaker and D1's gate agree. False when they did not, and the Breaker follows: the stop that either of them
 * shows holds, and one close starts everything.
 */
export async function lookAtGate(look: GateLook, breaker: BreakerState): Promise<boolean> {
  const { store, looks, sweeps } = look;
  const { lookedAt } = looks.read();
  const gate = await sweeps.seenGate();
  if (store.epoch() !== breaker.epoch) return false;
  const finding = compareWithGate(breaker, { epoch: store.duties().gateEpoch, lookedAt }, gate);
  if (!finding.agree) {
    await follow(look, finding, gate);
    return false;
  }
  return true;
}

/** Notes in D1, and then in the Breaker, that it looked, if it has not lately. */
export async function noteLook({ looks, sweeps, now }: Pick<GateLook, "looks" | "sweeps" | "now">): Promise<void> {
  const at = now();
  if (at - looks.read().lookedAt < NOTED_EVERY_MS) return;
  await sweeps.noteLook(at);
  looks.saveLook(at);
}

async function follow(
  { store, looks, open, change, now }: GateLook,
  finding: Difference,
  gate: SeenGate,
): Promise<void> {
  const before = store.load();
  log("warn", "gate_differs", { epoch: before.epoch, gate_epoch: gate.epoch, becomes: finding.becomes });
  const next = breakerAfter(finding, gate, before, { id: uuidv7(), now: now() });
  looks.saveLook(gate.lookedAt ?? 0);
  if (finding.becomes === "open" && finding.restored) looks.saveRestore(now());
  store.saveDuties({ gateEpoch: next.state === "closed" ? gate.epoch : -1 });
  if (next.state === "closed") return store.save(next);
  if (before.state === "closed") return open(next);
  store.moveIncident(before.epoch, next.epoch);
  change(next);
}
