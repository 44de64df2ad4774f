import type { Breaker, Instant } from "../src/domain/breaker.ts";
import { reasonText } from "../src/domain/breaker.ts";
import { afterJobs, allowance } from "../src/domain/pace.ts";
import { compareWithGate, type Finding, type SeenGate } from "../src/domain/reconcile.ts";
import type { Sweep } from "../src/domain/sweep.ts";
import { type HealPorts, heal } from "../src/operations/heal.ts";
import { type SweepPorts, resumeRest, resumeSlice } from "../src/operations/sweep.ts";
import type { Gate } from "../src/operations/sweeps.ts";
import { describeError, log } from "../src/platform/log.ts";
import type { BreakerAlerts } from "./breaker-alerts.ts";
import type { BreakerStore } from "./breaker-store.ts";
import type { PaceStore } from "./pace-store.ts";
import type { Respelling } from "./respelling.ts";

export type Duty = SweepPorts &
  HealPorts & {
    store: BreakerStore;
    paces: PaceStore;
    respelling: Respelling;
    alerts: Pick<BreakerAlerts, "lookForFailing">;
    /** The Breaker follows what was found of D1's gate. */
    follow: (finding: Exclude<Finding, { agree: true }>, gate: SeenGate) => Promise<void>;
  };

/** How often the watchdog looks while anything is unfinished. */
const WATCH_MS = 5_000;
/** A written row each. */
const NOTED_EVERY_MS = 30_000;
/** Between two looks at what a resume still waits for: earlier attempts that hold their leases, searches at a pace. */
const LEASE_WAIT_MS = 250;

/**
 * Does the next piece of what the Breaker owes: a gate that shows its state, jobs queued again, the watchdog's pass. Returns in
 * how many ms to come again; 0 for at once, null when all is finished and quiet.
 */
export async function performDuty(duty: Duty): Promise<number | null> {
  const { store, sweeps, respelling, alerts, now } = duty;
  const breaker = store.load();
  const { gateEpoch, healedAt, healCursor } = store.duties();
  if (gateEpoch < breaker.epoch || isPausing(store)) return showGate(duty, breaker);
  const sweep = store.runningResume();
  const waitMs = sweep ? await resumeNext(duty, sweep) : null;
  const dueInMs = healedAt + WATCH_MS - now();
  if (waitMs === 0) return 0;
  if (dueInMs > 0) return Math.min(waitMs ?? dueInMs, dueInMs);
  if (!sweep && breaker.state === "closed" && (await sweeps.isResumeOwed(breaker.epoch))) {
    store.beginSweep(breaker.epoch, "resume", now());
    return 0;
  }
  const isNoted = await noteLook(duty, breaker);
  if (!isNoted) return 0;
  const { cursor, ...healed } = await heal(duty, healCursor);
  store.saveDuties({ healCursor: cursor, healedAt: now() });
  if (healed.takenBack + healed.redispatched > 0) log("warn", "watchdog_healed", healed);
  const respells = await respelling.next(now);
  const nextMs = waitMs ?? (respells || (await sweeps.anythingUnfinished()) ? WATCH_MS : null);
  // After that look: where it is the last one, whatever failed is in the rows.
  await alerts.lookForFailing();
  return nextMs;
}

/** Lets D1's gate follow a change at once. If D1 is away, the alarm does it later. */
export async function followWithGate(duty: Duty, breaker: Breaker): Promise<void> {
  try {
    await showGate(duty, breaker);
  } catch (error) {
    log("error", "breaker_gate_failed", { ...describeError(error), epoch: breaker.epoch });
  }
}

const isPausing = (store: BreakerStore): boolean => {
  const sweep = store.latestSweep();
  return sweep?.kind === "pause" && sweep.state === "running";
};

/** Looks whether Breaker and gate agree, and writes from time to time that it did. False when the Breaker follows the gate. */
async function noteLook({ store, sweeps, follow, now }: Duty, breaker: Breaker): Promise<boolean> {
  const { lookedAt } = store.looks();
  const gate = await sweeps.seenGate();
  if (store.epoch() !== breaker.epoch) return false;
  const finding = compareWithGate(breaker, { epoch: store.duties().gateEpoch, lookedAt }, gate);
  if (!finding.agree) {
    await follow(finding, gate);
    return false;
  }
  const at = now();
  if (at - lookedAt < NOTED_EVERY_MS) return true;
  await sweeps.noteLook(at);
  store.saveLook(at);
  return true;
}

/** What D1's gate has to show. */
function gateOf(breaker: Breaker, restoredAt: Instant | null): Gate {
  const { state, epoch } = breaker;
  const incident = breaker.state === "open" ? breaker.incident : breaker.lastIncident;
  return { state, epoch, reason: incident && reasonText(incident.reason), restoredAt };
}

/** The gate's row is all that a stop writes: with it, every unfinished job is paused. */
async function showGate({ store, sweeps, now }: Duty, breaker: Breaker): Promise<number> {
  const { epoch, state } = breaker;
  const { unfinished } = await sweeps.setGate(gateOf(breaker, store.looks().restoredAt));
  store.setTotal(epoch, unfinished);
  if (store.epoch() !== epoch) return 0;
  store.saveDuties({ gateEpoch: epoch });
  if (state === "open") store.endPause(epoch, unfinished, now());
  return 0;
}

async function resumeNext(duty: Duty, { epoch, startedAt }: Sweep): Promise<number> {
  const { store, paces, sweeps, now } = duty;
  const begunAt = now();
  const { limit, waitMs } = allowance(paces.read(epoch), begunAt);
  if (limit === 0) return waitMs;
  const { cursor } = store.duties();
  const resume = { epoch, since: startedAt };
  const slice = cursor
    ? await resumeSlice(duty, resume, { cursor, limit })
    : { ...(await resumeRest(duty, resume, limit)), next: null };
  store.advanceSweep(epoch, slice);
  if (store.epoch() !== epoch) return 0;
  if (cursor) store.saveDuties({ cursor: slice.next });
  // What went as fast as it could is not counted at a pace that was set meanwhile.
  const paced = paces.read(epoch);
  if (limit !== null && paced.pace !== null) paces.save(epoch, paced.pace, afterJobs(paced, slice.weight, begunAt));
  if (cursor || slice.weight > 0) return 0;
  if (!(await sweeps.endResume(epoch, paced.pace !== null))) return LEASE_WAIT_MS;
  if (store.epoch() === epoch) store.endResume(epoch, now());
  return 0;
}
