import type { BreakerState, Instant } from "../../src/domain/breaker.ts";
import { reasonText } from "../../src/domain/breaker.ts";
import { afterJobs, allowance } from "../../src/domain/pace.ts";
import type { Movement, WaitsFor } from "../../src/domain/stalled.ts";
import type { Sweep } from "../../src/domain/sweep.ts";
import { RATE_NAMES, type RateName } from "../../src/domain/throttle.ts";
import { type HealPorts, heal } from "../../src/operations/watchdog/heal.ts";
import { type SweepPorts, resumeRest, resumeSlice } from "../../src/operations/resume/resume.ts";
import type { Gate } from "../../src/ports/resume.ts";
import { describeError, log } from "../../src/platform/log.ts";
import type { BreakerAlerts } from "./announcements.ts";
import { type GateLook, lookAtGate, noteLook } from "./gate.ts";
import type { BreakerStore } from "./storage/breaker-store.ts";
import type { PaceStore } from "./storage/pace-store.ts";
import type { Respelling } from "./respelling.ts";
import type { DutyName, Schedule, Times } from "./schedule.ts";
import type { StalledWatch } from "./stalled-watch.ts";

export type Duty = SweepPorts &
  HealPorts &
  GateLook & {
    paces: PaceStore;
    respelling: Respelling;
    alerts: Pick<BreakerAlerts, "lookForFailing" | "stalled" | "nextInMs" | "begin">;
    times: Times;
    stalledWatch: StalledWatch;
    nextSlotMs: (rate: RateName) => Promise<number>;
    /** Tells who listens outside that the watchdog is well. */
    beat: () => void;
  };

/** How often the watchdog looks while anything is unfinished. */
const WATCH_MS = 5_000;
/** Between two looks at what a resume still waits for: earlier attempts that hold their leases, searches at a pace. */
const LEASE_WAIT_MS = 250;

/** What is owed, read off the Breaker's storage: whoever dies in the middle finds it again. */
export function scheduleOf({ store, times, alerts, now }: Duty): Schedule {
  const { resumeAt, notBefore } = times;
  const { gateEpoch, healedAt } = store.duties();
  const lookAt = times.lookAt(healedAt + WATCH_MS);
  const after = (at: Instant) => Math.max(at, notBefore);
  const alertsInMs = alerts.nextInMs();
  const owesGate = gateEpoch < store.epoch() || isPausing(store);
  return {
    ...(owesGate && { gate: after(0) }),
    ...(lookAt !== null && { look: after(lookAt) }),
    ...(store.runningResume() && { resume: after(resumeAt) }),
    ...(alertsInMs !== null && { alerts: now() + alertsInMs }),
  };
}

/** Does a piece of one duty. What it leaves is owed. */
export async function perform(duty: Duty, name: DutyName): Promise<void> {
  const { store, times, alerts, now } = duty;
  switch (name) {
    case "gate":
      return showGate(duty, store.load());
    case "look":
      return look(duty);
    case "resume": {
      const sweep = store.runningResume();
      if (sweep) times.resumeAt = now() + (await resumeNext(duty, sweep));
      return;
    }
    case "alerts":
      return alerts.begin();
  }
}

/** The watchdog's look: at the gate, at jobs and campaigns that nothing moves, at what people must be told. */
async function look(duty: Duty): Promise<void> {
  const { store, times, sweeps, respelling, alerts, now } = duty;
  const breaker = store.load();
  // Before anything is queued: a gate that asks for a resume may be one that was taken back.
  if (!(await lookAtGate(duty, breaker))) return;
  const resumes = store.runningResume() !== null;
  if (!resumes && breaker.state === "closed" && (await sweeps.isResumeOwed(breaker.epoch)))
    store.beginSweep(breaker.epoch, "resume", now());
  times.beginLook();
  const { cursor, ...healed } = await heal(duty, store.duties().healCursor);
  store.saveDuties({ healCursor: cursor, healedAt: now() });
  if (healed.takenBack + healed.redispatched > 0) log("warn", "watchdog_healed", healed);
  const respells = await respelling.next(now);
  const goesOn = respells || store.runningResume() !== null || (await sweeps.anythingUnfinished());
  times.endLook(goesOn);
  // With nothing to do there is nothing that a restore could undo unnoticed.
  if (goesOn) await noteLook(duty);
  // After that look: where it is the last one, whatever failed is in the rows.
  await alerts.lookForFailing();
  await lookForStall(duty, breaker);
  duty.beat();
}

/** A slot this far away is what work waits for. */
const FAR_SLOT_MS = 60_000;

/** Whether work stands still that should move. */
export async function lookForStall(duty: Duty, breaker: BreakerState): Promise<void> {
  const { stalledWatch, alerts, sweeps, now } = duty;
  if (breaker.state === "open") {
    stalledWatch.stands(now());
    return alerts.stalled(null);
  }
  // A database that does not answer is what the work waits for.
  const seen = await sweeps.movement().catch(() => null);
  const still = stalledWatch.look(seen, now());
  if (still === null) return alerts.stalled(null);
  alerts.stalled({ ...still, waitsFor: await waitsFor(duty, seen) });
}

async function waitsFor({ nextSlotMs }: Duty, seen: Movement | null): Promise<WaitsFor> {
  if (seen === null) return "database";
  if (seen.running === 0) return "queue";
  for (const rate of RATE_NAMES) {
    const waitMs = await nextSlotMs(rate).catch(() => 0);
    if (waitMs > FAR_SLOT_MS) return `throttle ${rate}`;
  }
  return "lease";
}

/** Lets D1's gate follow a change at once. If D1 is away, the alarm does it later. */
export async function followWithGate(duty: Duty, breaker: BreakerState): Promise<void> {
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

/** What D1's gate has to show. */
function gateOf(breaker: BreakerState, restoredAt: Instant | null): Gate {
  const { state, epoch } = breaker;
  const incident = breaker.state === "open" ? breaker.incident : breaker.lastIncident;
  return { state, epoch, reason: incident && reasonText(incident.reason), restoredAt };
}

/** The gate's row is all that a stop writes: with it, every unfinished job is paused. */
async function showGate({ store, looks, sweeps, now }: Duty, breaker: BreakerState): Promise<void> {
  const { epoch, state } = breaker;
  const { unfinished } = await sweeps.setGate(gateOf(breaker, looks.read().restoredAt));
  store.setTotal(epoch, unfinished);
  if (store.epoch() !== epoch) return;
  store.saveDuties({ gateEpoch: epoch });
  if (state === "open") store.endPause(epoch, unfinished, now());
}

/** Returns in how many ms the next slice is due. */
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
