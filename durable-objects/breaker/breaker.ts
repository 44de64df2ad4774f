import { DurableObject } from "cloudflare:workers";
import { v7 as uuidv7 } from "uuid";
import { type BreakerState, type FaultReport, close, decideTrip, openByHand } from "../../src/domain/breaker.ts";
import type { CheckReport } from "../../src/domain/check.ts";
import type { IncidentHistory } from "../../src/domain/incident.ts";
import { afterChange, type PacePerSecond } from "../../src/domain/pace.ts";
import type { Admission, BreakerActor, BreakerChange, ResumePace, WatchdogLook } from "../../src/ports/breaker.ts";
import { heartbeatUrlOf } from "../../src/platform/config.ts";
import { Heartbeat } from "../../src/platform/heartbeat.ts";
import { reportLasting } from "../../src/platform/failures.ts";
import { describeError, log } from "../../src/platform/log.ts";
import { breakerPorts } from "../../src/wiring.ts";
import { Admissions } from "./admissions.ts";
import { BreakerAlerts } from "./announcements.ts";
import { BreakerStore } from "./storage/breaker-store.ts";
import { CheckStore } from "./storage/check-store.ts";
import { type Duty, followWithGate, lookForStall, perform, scheduleOf } from "./alarm.ts";
import { historyOf, logOpening, statusOf } from "./history.ts";
import { LookStore } from "./storage/look-store.ts";
import { PaceStore, paceOf } from "./storage/pace-store.ts";
import { Respelling } from "./respelling.ts";
import { dueAt, type DutyName, nextAt, Times } from "./schedule.ts";
import { StalledWatch } from "./stalled-watch.ts";

/** How long an opening waits for D1's gate to show it. */
const GATE_WAIT_MS = 5_000;
/** How long one alarm works, and how many pieces it does, before it makes room for others. A piece makes some ten requests. */
const ALARM_MS = 5_000;
const PIECES_AN_ALARM = 60;
/** After a failure. */
const AGAIN_MS = 1_000;

/** The one breaker, named "global". Its own storage says whether the line runs; D1's gate follows it. */
export class Breaker extends DurableObject<Env> implements BreakerActor {
  readonly #store = new BreakerStore(this.ctx.storage.sql);
  readonly #alerts = new BreakerAlerts(this.ctx.storage.sql, this.#store, this.env);
  readonly #paces = new PaceStore(this.ctx.storage.sql);
  readonly #checks = new CheckStore(this.ctx.storage.sql);
  readonly #stalledWatch = new StalledWatch(this.ctx.storage.sql);
  readonly #respelling = new Respelling(this.ctx.storage.sql, breakerPorts(this.env));
  readonly #admissions = new Admissions(this.ctx.storage.sql);
  readonly #looks = new LookStore(this.ctx.storage.sql);
  readonly #heartbeat = new Heartbeat();
  readonly #times = new Times();
  readonly #startedAt = Date.now();

  async admit(roundTripMs = 0): Promise<Admission> {
    const epoch = this.#store.epoch();
    const breaker = this.#store.isOpen() ? this.#store.load() : null;
    if (breaker?.state === "open") return { admitted: false, epoch, reason: breaker.incident.reason };
    const validForMs = this.#admissions.grant(roundTripMs);
    const paced = this.#paces.read(epoch).pace !== null && this.#store.runningResume() !== null;
    return { admitted: true, epoch, revision: this.#admissions.revision(), paced, validForMs };
  }

  async withdraw(): Promise<void> {
    this.#admissions.raiseRevision();
    await this.#admissions.gone();
  }

  async trip(report: FaultReport): Promise<BreakerState> {
    const now = Date.now();
    const { fault, jobId, campaignId } = report;
    // Whoever works meets it again and again while the line stands: once says all.
    if (fault.provider === null && this.#store.isOpen()) return (await this.status()).breaker;
    const trip = decideTrip(this.#store.load(), report, { id: uuidv7(), now });
    if (trip.decision === "opens") await this.#open(trip.next);
    else {
      const epoch = trip.decision === "follows" ? this.#store.epoch() : trip.incidentEpoch;
      this.#store.addFollower(epoch, { ...fault, at: now, jobId, campaignId });
    }
    return (await this.status()).breaker;
  }

  async stop(by: string, message: string): Promise<BreakerChange> {
    const before = this.#store.load();
    const next = openByHand(before, message, { id: uuidv7(), now: Date.now(), by });
    if (next) await this.#open(next);
    return { ...(await this.status()), changed: next !== null, previousState: before.state };
  }

  async close(by: string, note: string | null, pace: PacePerSecond = null): Promise<BreakerChange> {
    const before = this.#store.load();
    const next = close(before, { by, note, now: Date.now() });
    if (next) {
      this.#change(next, "resume");
      this.#paces.save(next.epoch, pace, 0);
      if (pace !== null) this.#paces.remember(next.epoch, { at: Date.now(), by, pace });
      if (before.state === "open") this.#checks.close(before.incident);
      log("info", "breaker_closed", { epoch: next.epoch, incident_id: next.lastIncident?.id });
      await this.ctx.storage.setAlarm(Date.now());
      await followWithGate(this.#duty(next.epoch), next);
      this.#alerts.begin();
    }
    return { ...(await this.status()), changed: next !== null, previousState: before.state };
  }

  async pace(): Promise<ResumePace> {
    await this.#told();
    return paceOf(this.#store.runningResume(), this.#paces);
  }

  async setPace(by: string, pace: PacePerSecond): Promise<ResumePace | null> {
    await this.#told();
    const sweep = this.#store.runningResume();
    if (!sweep) return null;
    this.#paces.save(sweep.epoch, pace, afterChange(this.#paces.read(sweep.epoch), pace, Date.now()));
    this.#paces.remember(sweep.epoch, { at: Date.now(), by, pace });
    this.#times.resumeAt = 0;
    log("info", "resume_pace_set", { epoch: sweep.epoch, per_second: pace });
    await this.#wakeBy(Date.now());
    return paceOf(this.#store.runningResume(), this.#paces);
  }

  async status() {
    await this.#told();
    return statusOf(this.#store);
  }

  async incidents(before: number | null, limit: number) {
    await this.#told();
    return this.#store.incidents(before, limit);
  }

  async incident(id: string) {
    await this.#told();
    return this.#store.incident(id);
  }

  async incidentHistory(id: string): Promise<IncidentHistory | null> {
    await this.#told();
    return historyOf(id, { store: this.#store, checks: this.#checks, paces: this.#paces });
  }

  async checked(check: CheckReport): Promise<void> {
    const breaker = this.#store.load();
    this.#checks.remember(check, breaker.state === "open" ? breaker.incident : null, Date.now());
  }

  async lastChecks() {
    return this.#checks.last();
  }

  async watch(): Promise<void> {
    this.#times.wake();
    this.#alerts.look();
    await this.#wakeBy(Date.now() + 1_000);
  }

  async heal(): Promise<void> {
    this.#times.askForLook(Date.now());
    this.#alerts.look();
    await this.#wakeBy(Date.now());
  }

  async ping(): Promise<WatchdogLook> {
    const { healedAt } = this.#store.duties();
    return { healedAt, startedAt: this.#startedAt, watches: (await this.ctx.storage.getAlarm()) !== null };
  }

  override async alarm(): Promise<void> {
    // A fired alarm is used up: should this run die, the next one is set already.
    const endAt = Date.now() + ALARM_MS;
    await this.ctx.storage.setAlarm(endAt);
    for (let pieces = 0; pieces < PIECES_AN_ALARM && Date.now() < endAt; pieces++) {
      const due = dueAt(this.#schedule(), Date.now());
      if (due === null) break;
      await this.#perform(due);
      this.#alerts.begin();
      // A long resume lets requests in between its slices: without a pause, a local runtime hears of none until it ends.
      await scheduler.wait(1);
    }
    const next = nextAt(this.#schedule());
    if (next === null) await this.ctx.storage.deleteAlarm();
    else await this.#wakeBy(Math.max(next, Date.now()), endAt);
  }

  #schedule = () => scheduleOf(this.#duty(this.#store.epoch()));

  async #perform(name: DutyName): Promise<void> {
    const epoch = this.#store.epoch();
    try {
      await perform(this.#duty(epoch), name);
    } catch (error) {
      log("error", "breaker_duty_failed", { ...describeError(error), duty: name, epoch });
      this.#times.notBefore = Date.now() + AGAIN_MS;
      await reportLasting(this, error);
      await lookForStall(this.#duty(epoch), this.#store.load());
    }
  }

  /** What a duty of this epoch works with: a change of the breaker makes it stop in the middle. */
  #duty(epoch: number): Duty {
    return {
      store: this.#store,
      looks: this.#looks,
      paces: this.#paces,
      respelling: this.#respelling,
      alerts: this.#alerts,
      ...breakerPorts(this.env),
      stalledWatch: this.#stalledWatch,
      times: this.#times,
      beat: () => this.#heartbeat.beat(heartbeatUrlOf(this.env)),
      open: (next) => this.#open(next),
      change: (next) => this.#change(next, next.state === "open" ? "pause" : "resume"),
      goesOn: () => this.#store.epoch() === epoch,
    };
  }

  async #open(next: BreakerState & { state: "open" }): Promise<void> {
    this.#change(next, "pause");
    logOpening(next.incident);
    await this.ctx.storage.setAlarm(Date.now());
    // A D1 that does not answer must not hold up the answer: no call begins any more, whatever its gate shows.
    await Promise.race([followWithGate(this.#duty(next.epoch), next), scheduler.wait(GATE_WAIT_MS)]);
    // The alarm does it too; but it may be in the middle of a long slice.
    this.#alerts.begin();
  }

  /** State, sweep and duties change together: no await stands between them. */
  #change(next: BreakerState, kind: "pause" | "resume"): void {
    const now = Date.now();
    this.#times.resumeAt = 0;
    const running = this.#store.latestSweep();
    if (running?.state === "running") this.#store.saveSweep({ ...running, state: "superseded", finishedAt: now });
    this.#store.save(next);
    this.#store.beginSweep(next.epoch, kind, now);
  }

  /** What tells that the line stands is told when no call begins any more. */
  #told(): Promise<void> {
    return this.#admissions.gone(() => this.#store.isOpen());
  }

  /** An earlier alarm stays, unless it is `instead`. */
  async #wakeBy(at: number, instead?: number): Promise<void> {
    const alarm = await this.ctx.storage.getAlarm();
    if (alarm === null || alarm > at || alarm === instead) await this.ctx.storage.setAlarm(at);
  }
}
