import { DurableObject } from "cloudflare:workers";
import { v7 as uuidv7 } from "uuid";
import { createSweepStore } from "../src/db/sweeps.ts";
import { createJobStore } from "../src/db/jobs.ts";
import {
  type Breaker as BreakerState,
  type FaultReport,
  close,
  decideTrip,
  openByHand,
  openedAt,
} from "../src/domain/breaker.ts";
import { validityMs, VALIDITY_SLACK_MS } from "../src/domain/admission.ts";
import type { CheckReport } from "../src/domain/check.ts";
import { type Finding, foundText, type SeenGate } from "../src/domain/reconcile.ts";
import type { IncidentHistory } from "../src/domain/incident.ts";
import { afterChange, type PacePerSecond } from "../src/domain/pace.ts";
import type { Admission, BreakerActor, BreakerChange, BreakerStatus, ResumePace } from "../src/operations/breaker.ts";
import { createCampaignActors } from "../src/platform/actors.ts";
import { reportLasting } from "../src/platform/failures.ts";
import { createJobQueue } from "../src/platform/job-queue.ts";
import { describeError, log } from "../src/platform/log.ts";
import { BreakerAlerts } from "./breaker-alerts.ts";
import { BreakerStore } from "./breaker-store.ts";
import { CheckStore } from "./check-store.ts";
import { type Duty, followWithGate, performDuty } from "./breaker-duties.ts";
import { historyOf, statusOf } from "./incident-history.ts";
import { PaceStore, paceOf } from "./pace-store.ts";
import { Respelling } from "./respelling.ts";

/** How long an opening waits for D1's gate to show it. */
const GATE_WAIT_MS = 5_000;
/** How long one alarm works before it makes room for others. */
const ALARM_MS = 5_000;

/** The one breaker, named "global". Its own storage says whether the line runs; D1's gate follows it. */
export class Breaker extends DurableObject<Env> implements BreakerActor {
  readonly #store = new BreakerStore(this.ctx.storage.sql);
  readonly #alerts = new BreakerAlerts(this.ctx.storage.sql, this.#store, this.env);
  readonly #paces = new PaceStore(this.ctx.storage.sql);
  readonly #checks = new CheckStore(this.ctx.storage.sql);
  readonly #respelling = new Respelling(this.ctx.storage.sql, this.env.DB);
  /** When the last admission given has run out. After a restart, the longest of the life before counts as just given. */
  #admittedUntil = Date.now() + this.#store.longestValidity() + VALIDITY_SLACK_MS;
  #watched = false;

  async admit(roundTripMs = 0): Promise<Admission> {
    const epoch = this.#store.epoch();
    const breaker = this.#store.isOpen() ? this.#store.load() : null;
    if (breaker?.state === "open") return { admitted: false, epoch, reason: breaker.incident.reason };
    const validForMs = this.#grant(validityMs(roundTripMs));
    const paced = this.#paces.read(epoch).pace !== null && this.#store.runningResume() !== null;
    return { admitted: true, epoch, revision: this.#store.revision(), paced, validForMs };
  }

  /** The next life must know how long this one's admissions hold, before any of them does. */
  #grant(validForMs: number): number {
    const now = Date.now();
    // Where none holds any more, a shorter one is the longest.
    if (validForMs > this.#store.longestValidity() || now > this.#admittedUntil)
      this.#store.saveLongestValidity(validForMs);
    this.#admittedUntil = Math.max(this.#admittedUntil, now + validForMs + VALIDITY_SLACK_MS);
    return validForMs;
  }

  async withdraw(): Promise<void> {
    this.#store.raiseRevision();
    const until = this.#admittedUntil;
    while (Date.now() < until) await scheduler.wait(until - Date.now());
  }

  async trip(report: FaultReport): Promise<BreakerState> {
    const now = Date.now();
    const { fault, jobId, campaignId } = report;
    // Whoever works meets it again and again while the line stands: once says all.
    if (fault.provider === null && this.#store.isOpen()) return (await this.status()).breaker;
    const follower = { ...fault, at: now, jobId, campaignId };
    const trip = decideTrip(this.#store.load(), report, { id: uuidv7(), now });
    switch (trip.decision) {
      case "opens":
        await this.#open(trip.next);
        break;
      case "follows":
        this.#store.addFollower(this.#store.epoch(), follower);
        break;
      case "belongs_to_earlier":
        this.#store.addFollower(trip.incidentEpoch, follower);
        break;
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
    await this.#untilNoneIsAdmitted();
    return paceOf(this.#store.runningResume(), this.#paces);
  }

  async setPace(by: string, pace: PacePerSecond): Promise<ResumePace | null> {
    await this.#untilNoneIsAdmitted();
    const sweep = this.#store.runningResume();
    if (!sweep) return null;
    this.#paces.save(sweep.epoch, pace, afterChange(this.#paces.read(sweep.epoch), pace, Date.now()));
    this.#paces.remember(sweep.epoch, { at: Date.now(), by, pace });
    log("info", "resume_pace_set", { epoch: sweep.epoch, per_second: pace });
    await this.#wakeBy(Date.now());
    return paceOf(this.#store.runningResume(), this.#paces);
  }

  async status(): Promise<BreakerStatus> {
    await this.#untilNoneIsAdmitted();
    return statusOf(this.#store);
  }

  async incidents(before: number | null, limit: number) {
    await this.#untilNoneIsAdmitted();
    return this.#store.incidents(before, limit);
  }

  async incident(id: string) {
    await this.#untilNoneIsAdmitted();
    return this.#store.incident(id);
  }

  async incidentHistory(id: string): Promise<IncidentHistory | null> {
    await this.#untilNoneIsAdmitted();
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
    this.#watched = true;
    this.#alerts.look();
    await this.#wakeBy(Date.now() + 1_000);
  }

  async heal(): Promise<void> {
    this.#store.saveDuties({ healedAt: 0 });
    this.#alerts.look();
    await this.#wakeBy(Date.now());
  }

  async ping(): Promise<number> {
    this.#store.load();
    return Date.now();
  }

  override async alarm(): Promise<void> {
    // A fired alarm is used up: should this run die, the next one is set already.
    const endAt = Date.now() + ALARM_MS;
    await this.ctx.storage.setAlarm(endAt);
    this.#watched = false;
    let waitMs: number | null = 0;
    while (waitMs === 0 && Date.now() < endAt) {
      waitMs = await this.#nextDuty();
      this.#alerts.begin();
      // A long sweep lets requests in between its slices: without a pause, a local runtime hears of none until it ends.
      if (waitMs === 0) await scheduler.wait(1);
    }
    const alertsMs = this.#alerts.nextInMs();
    if (alertsMs !== null) waitMs = Math.min(waitMs ?? alertsMs, alertsMs);
    // Work may have been announced while the last look was under way.
    if (waitMs === null && !this.#watched) await this.ctx.storage.deleteAlarm();
    else await this.#wakeBy(Date.now() + (waitMs ?? 1_000), endAt);
  }

  async #nextDuty(): Promise<number | null> {
    const epoch = this.#store.epoch();
    try {
      const waitMs = await performDuty(this.#duty(epoch));
      // The world may have changed while it was done: then there is new work at once.
      return this.#store.epoch() === epoch ? waitMs : 0;
    } catch (error) {
      log("error", "breaker_duty_failed", { ...describeError(error), epoch });
      await reportLasting(this, error);
      return 1_000;
    }
  }

  /** What a duty of this epoch works with: a change of the breaker makes it stop in the middle. */
  #duty(epoch: number): Duty {
    return {
      store: this.#store,
      paces: this.#paces,
      respelling: this.#respelling,
      alerts: this.#alerts,
      sweeps: createSweepStore(this.env.DB),
      jobs: createJobStore(this.env.DB),
      queue: createJobQueue(this.env),
      campaigns: createCampaignActors(this.env),
      follow: (finding, gate) => this.#follow(finding, gate),
      goesOn: () => this.#store.epoch() === epoch,
      now: Date.now,
    };
  }

  async #open(next: BreakerState & { state: "open" }): Promise<void> {
    this.#change(next, "pause");
    const { reason, id } = next.incident;
    const cause =
      reason.source === "operator"
        ? {}
        : { provider: reason.provider, kind: reason.kind, job_id: reason.jobId, campaign_id: reason.campaignId };
    log("warn", "breaker_opened", { source: reason.source, ...cause, epoch: next.epoch, incident_id: id });
    await this.ctx.storage.setAlarm(Date.now());
    // A D1 that does not answer must not hold up the answer: no call begins any more, whatever its gate shows.
    await Promise.race([followWithGate(this.#duty(next.epoch), next), scheduler.wait(GATE_WAIT_MS)]);
    // The alarm does it too; but it may be in the middle of a long slice.
    this.#alerts.begin();
  }

  /** D1's gate is not as it was left: the stop that either of them shows holds, and one close starts everything. */
  async #follow(finding: Exclude<Finding, { agree: true }>, gate: SeenGate): Promise<void> {
    const now = Date.now();
    const before = this.#store.load();
    log("warn", "gate_differs", { epoch: before.epoch, gate_epoch: gate.epoch, becomes: finding.becomes });
    this.#store.saveLook(gate.lookedAt ?? 0);
    this.#store.saveDuties({ gateEpoch: finding.becomes === "closed" ? gate.epoch : -1 });
    if (finding.becomes === "closed") {
      this.#store.save({ state: "closed", epoch: finding.epoch, lastIncident: null });
      return;
    }
    if (finding.restored) this.#store.saveRestore(now);
    if (before.state === "open") {
      if (finding.epoch !== before.epoch) this.#store.moveIncident(before.epoch, finding.epoch);
      this.#change(
        { ...before, epoch: finding.epoch, incident: { ...before.incident, epoch: finding.epoch } },
        "pause",
      );
      return;
    }
    const message = foundText(finding, gate);
    const fault = { provider: null, kind: "restored", httpStatus: null, message } as const;
    await this.#open(openedAt(finding.epoch, fault, { id: uuidv7(), now }));
  }

  /** State, sweep and duties change together: no await stands between them. */
  #change(next: BreakerState, kind: "pause" | "resume"): void {
    const now = Date.now();
    const running = this.#store.latestSweep();
    if (running?.state === "running") this.#store.saveSweep({ ...running, state: "superseded", finishedAt: now });
    this.#store.save(next);
    this.#store.beginSweep(next.epoch, kind, now);
  }

  async #untilNoneIsAdmitted(): Promise<void> {
    while (this.#store.isOpen() && Date.now() < this.#admittedUntil) {
      await scheduler.wait(this.#admittedUntil - Date.now());
    }
  }

  /** An earlier alarm stays, unless it is `instead`. */
  async #wakeBy(at: number, instead?: number): Promise<void> {
    const alarm = await this.ctx.storage.getAlarm();
    if (alarm === null || alarm > at || alarm === instead) await this.ctx.storage.setAlarm(at);
  }
}
