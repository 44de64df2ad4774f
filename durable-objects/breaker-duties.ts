import type { Breaker } from "../src/domain/breaker.ts";
import { reasonText } from "../src/domain/breaker.ts";
import { afterJobs, allowance } from "../src/domain/pace.ts";
import { FIRST_KEY, type Sweep } from "../src/domain/sweep.ts";
import { type HealPorts, heal } from "../src/operations/heal.ts";
import { type SweepPorts, pauseSlice, resumeSlice } from "../src/operations/sweep.ts";
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
  };

/** How often the watchdog looks while anything is unfinished. */
const WATCH_MS = 5_000;
/** Between two looks at jobs whose earlier attempt still holds its lease. */
const LEASE_WAIT_MS = 250;

/**
 * Does the next piece of what the Breaker owes: a gate that shows its state, jobs paused, jobs queued again, the
 * watchdog's pass. Returns in how many ms to come again; 0 for at once, null when all is finished and quiet.
 *
 * A close that comes before its opening's pause has ended lets the pause end first: a job whose message was dropped
 * while the gate showed the stop is paused then, and so is queued again like every other.
 */
export async function performDuty(duty: Duty): Promise<number | null> {
  const { store, sweeps, respelling, alerts, now } = duty;
  const breaker = store.load();
  const { gateEpoch, pausedEpoch, healedAt } = store.duties();
  const incident = breaker.state === "open" ? breaker.incident : breaker.lastIncident;

  if (breaker.state === "open" && gateEpoch < breaker.epoch) return showGate(duty, breaker);
  if (incident && pausedEpoch < incident.epoch)
    return pauseNext(duty, incident.epoch, reasonText(incident.reason), breaker);
  if (gateEpoch < breaker.epoch) return showGate(duty, breaker);
  const sweep = store.runningResume();
  const waitMs = sweep ? await resumeNext(duty, sweep) : null;
  const dueInMs = healedAt + WATCH_MS - now();
  if (waitMs === 0) return 0;
  if (dueInMs > 0) return Math.min(waitMs ?? dueInMs, dueInMs);
  const { cursor, ...healed } = await heal(duty, store.duties().healCursor);
  store.saveDuties({ healCursor: cursor, healedAt: now() });
  if (healed.takenBack + healed.redispatched > 0) log("warn", "watchdog_healed", healed);
  const respells = await respelling.next(now);
  const nextMs = waitMs ?? (respells || (await sweeps.anythingUnfinished()) ? WATCH_MS : null);
  // After that look: where it is the last one, whatever failed is in the rows.
  await alerts.lookForFailing();
  return nextMs;
}

/**
 * Lets D1's gate follow a change at once, and counts what the sweep has before it. After a close whose opening is not swept
 * to its end, the gate goes on to show the stop until it is. If D1 is away, the alarm does it later.
 */
export async function followWithGate({ store, sweeps }: Duty, breaker: Breaker): Promise<void> {
  const { epoch } = breaker;
  try {
    const waits = breaker.state === "closed" && store.duties().pausedEpoch < epoch - 1;
    const total = waits ? await sweeps.countUnfinished() : (await sweeps.setGate(gateOf(breaker))).unfinished;
    if (!waits && store.epoch() === epoch) store.saveDuties({ gateEpoch: epoch });
    store.setTotal(epoch, total);
  } catch (error) {
    log("error", "breaker_gate_failed", { ...describeError(error), epoch });
  }
}

/** What D1's gate has to show. */
function gateOf(breaker: Breaker): Gate {
  const { state, epoch } = breaker;
  return { state, epoch, reason: breaker.state === "open" ? reasonText(breaker.incident.reason) : null };
}

async function showGate({ store, sweeps }: Duty, breaker: Breaker): Promise<number> {
  const { unfinished } = await sweeps.setGate(gateOf(breaker));
  store.setTotal(breaker.epoch, unfinished);
  if (store.epoch() === breaker.epoch) store.saveDuties({ gateEpoch: breaker.epoch });
  return 0;
}

async function pauseNext(duty: Duty, epoch: number, reason: string, breaker: Breaker): Promise<number> {
  const { store, sweeps, now } = duty;
  // After an early close, the gate still shows the opening, and must until all are paused.
  if (store.duties().gateEpoch < epoch) {
    await sweeps.setGate({ state: "open", epoch, reason });
    store.saveDuties({ gateEpoch: epoch });
  }
  const { done, next } = await pauseSlice(duty, { cursor: store.duties().cursor, epoch, reason });
  store.advanceSweep(epoch, { done, failed: 0 });
  if (store.epoch() !== breaker.epoch) return 0;
  if (next) store.saveDuties({ cursor: next });
  else {
    // Attempts that ended meanwhile have paused their jobs themselves, and are not among those that the slices counted.
    const paused = await sweeps.countPaused();
    if (store.epoch() !== breaker.epoch) return 0;
    store.saveDuties({ cursor: FIRST_KEY, pausedEpoch: epoch });
    store.endPause(epoch, paused, now());
  }
  return 0;
}

async function resumeNext(duty: Duty, sweep: Sweep): Promise<number> {
  const { store, paces, sweeps, now } = duty;
  const { epoch } = sweep;
  const begunAt = now();
  const { limit, waitMs } = allowance(paces.read(epoch), begunAt);
  if (limit === 0) return waitMs;
  const { done, failed, next } = await resumeSlice(duty, { cursor: store.duties().cursor, epoch, limit });
  store.advanceSweep(epoch, { done, failed });
  if (store.epoch() !== epoch) return 0;
  store.saveDuties({ cursor: next ?? FIRST_KEY });
  // What went as fast as it could is not counted at a pace that was set meanwhile.
  const paced = paces.read(epoch);
  if (limit !== null && paced.pace !== null) paces.save(epoch, paced.pace, afterJobs(paced, done + failed, begunAt));
  if (next) return 0;
  if ((await sweeps.countPaused()) > 0) return LEASE_WAIT_MS;
  if (store.epoch() === epoch) store.endResume(epoch, now());
  return 0;
}
