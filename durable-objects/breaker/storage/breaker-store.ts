import { v7 as uuidv7 } from "uuid";
import type { BreakerState, Follower, Incident, Reason } from "../../../src/domain/breaker.ts";
import { FIRST_KEY, type JobKey, type Sweep } from "../../../src/domain/sweep.ts";

/** Followers kept with their words; the count goes on beyond it. */
const FOLLOWERS_KEPT = 1_000;

const SWEEPS = `SELECT sweeps.*, coalesce(sweep_additions.jobs, 0) AS added
  FROM sweeps LEFT JOIN sweep_additions ON sweep_additions.epoch = sweeps.epoch`;

const SQL = {
  schema: `
    CREATE TABLE IF NOT EXISTS breaker (id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL);
    INSERT OR IGNORE INTO breaker (id, epoch) VALUES (1, 0);
    CREATE TABLE IF NOT EXISTS incidents (
      id TEXT NOT NULL UNIQUE, epoch INTEGER PRIMARY KEY, opened_at INTEGER NOT NULL, opened_by TEXT NOT NULL,
      reason TEXT NOT NULL, followers INTEGER NOT NULL DEFAULT 0, closed_at INTEGER, closed_by TEXT, note TEXT);
    CREATE TABLE IF NOT EXISTS followers (incident_epoch INTEGER NOT NULL, at INTEGER NOT NULL, fault TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS followers_of_incident ON followers (incident_epoch);
    CREATE TABLE IF NOT EXISTS sweeps (
      epoch INTEGER PRIMARY KEY, id TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, total INTEGER NOT NULL,
      done INTEGER NOT NULL, failed INTEGER NOT NULL, started_at INTEGER NOT NULL, finished_at INTEGER);
    CREATE TABLE IF NOT EXISTS sweep_additions (epoch INTEGER PRIMARY KEY, jobs INTEGER NOT NULL);
    -- paused_epoch is of an earlier release.
    CREATE TABLE IF NOT EXISTS duties (
      id INTEGER PRIMARY KEY CHECK (id = 1), gate_epoch INTEGER NOT NULL, paused_epoch INTEGER NOT NULL, cursor TEXT NOT NULL,
      healed_at INTEGER NOT NULL, heal_cursor TEXT NOT NULL);
    INSERT OR IGNORE INTO duties VALUES (1, 0, 0, '${JSON.stringify(FIRST_KEY)}', 0, '${JSON.stringify(FIRST_KEY)}');`,
  saveEpoch: "UPDATE breaker SET epoch = ?",
  saveIncident: `INSERT INTO incidents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (epoch) DO UPDATE SET
    closed_at = excluded.closed_at, closed_by = excluded.closed_by, note = excluded.note`,
  follow: "UPDATE incidents SET followers = followers + 1 WHERE epoch = ? RETURNING followers",
  addFollower: "INSERT INTO followers VALUES (?, ?, ?)",
  incidents: "SELECT * FROM incidents WHERE epoch < ? ORDER BY epoch DESC LIMIT ?",
  latestIncident: "SELECT * FROM incidents ORDER BY epoch DESC LIMIT 1",
  incident: "SELECT * FROM incidents WHERE id = ?",
  followers: "SELECT at, fault FROM followers WHERE incident_epoch = ? ORDER BY rowid",
  saveSweep: "INSERT OR REPLACE INTO sweeps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
  addAdditions: `INSERT INTO sweep_additions VALUES (?1, ?2) ON CONFLICT (epoch) DO UPDATE SET jobs = jobs + ?2`,
  setTotal: "UPDATE sweeps SET total = max(?, done + failed) WHERE epoch = ? AND state = 'running'",
  advanceSweep:
    "UPDATE sweeps SET done = done + ?, failed = failed + ?, total = max(total, done + failed + ?) WHERE epoch = ?",
  endResume:
    "UPDATE sweeps SET state = 'done', finished_at = ?, total = done + failed WHERE epoch = ? AND state = 'running'",
  endPause:
    "UPDATE sweeps SET state = 'done', finished_at = ?1, done = ?2, total = ?2 WHERE epoch = ?3 AND state = 'running'",
  latestSweep: `${SWEEPS} ORDER BY sweeps.epoch DESC LIMIT 1`,
  sweepsOf: `${SWEEPS} WHERE sweeps.epoch IN (?, ?) ORDER BY sweeps.epoch`,
  duties: "SELECT * FROM duties",
  saveDuties: "UPDATE duties SET gate_epoch = ?, cursor = ?, healed_at = ?, heal_cursor = ?",
};

/** What the Breaker still owes the world outside its own storage. */
export interface Duties {
  /** The epoch that D1's gate shows. */
  gateEpoch: number;
  /** Where the running resume goes on; null once it has passed over all jobs, and only the rest remains. */
  cursor: JobKey | null;
  healedAt: number;
  /** Where the watchdog's next pass goes on. */
  healCursor: JobKey;
}

/** The Breaker's tables, in its own SQLite storage. All calls are synchronous: nothing can come between two of them. */
export class BreakerStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#sql.exec(SQL.schema);
  }

  /** One row read, for those who ask often and need no more. */
  epoch(): number {
    return this.#sql.exec<{ epoch: number }>("SELECT epoch FROM breaker").one().epoch;
  }

  /** Of an open stop that stays under another epoch. */
  moveIncident(epoch: number, to: number): void {
    this.#sql.exec("UPDATE incidents SET epoch = ? WHERE epoch = ?", to, epoch);
    this.#sql.exec("UPDATE followers SET incident_epoch = ? WHERE incident_epoch = ?", to, epoch);
  }

  isOpen(): boolean {
    return this.epoch() % 2 === 1;
  }

  load(): BreakerState {
    const epoch = this.epoch();
    const [row] = this.#sql.exec<IncidentRow>(SQL.latestIncident).toArray();
    const last = row ? toIncident(row) : null;
    if (epoch % 2 === 0) return { state: "closed", epoch, lastIncident: last };
    if (!last) throw new Error("breaker-store: open without an incident");
    return { state: "open", epoch, incident: last };
  }

  save(breaker: BreakerState): void {
    const incident = breaker.state === "open" ? breaker.incident : breaker.lastIncident;
    this.#sql.exec(SQL.saveEpoch, breaker.epoch);
    if (!incident) return;
    const { id, epoch, openedAt, openedBy, reason, followers, closedAt, closedBy, note } = incident;
    this.#sql.exec(
      SQL.saveIncident,
      id,
      epoch,
      openedAt,
      openedBy,
      JSON.stringify(reason),
      followers,
      closedAt,
      closedBy,
      note,
    );
  }

  /** An incident with this epoch may be unknown only if the fault invents its epoch; then nothing is kept. */
  addFollower(incidentEpoch: number, { at, ...fault }: Follower): void {
    const [counted] = this.#sql.exec<{ followers: number }>(SQL.follow, incidentEpoch).toArray();
    if (counted && counted.followers <= FOLLOWERS_KEPT) {
      this.#sql.exec(SQL.addFollower, incidentEpoch, at, JSON.stringify(fault));
    }
  }

  incidents(before: number | null, limit: number): Incident[] {
    const rows = this.#sql.exec<IncidentRow>(SQL.incidents, before ?? Number.MAX_SAFE_INTEGER, limit).toArray();
    return rows.map(toIncident);
  }

  incident(id: string): { incident: Incident; followers: Follower[]; sweeps: Sweep[] } | null {
    const [row] = this.#sql.exec<IncidentRow>(SQL.incident, id).toArray();
    if (!row) return null;
    const followers = this.#sql.exec<{ at: number; fault: string }>(SQL.followers, row.epoch).toArray();
    return {
      incident: toIncident(row),
      followers: followers.map(({ at, fault }) => ({ at, ...(JSON.parse(fault) as Omit<Follower, "at">) })),
      sweeps: this.#sql
        .exec<SweepRow>(SQL.sweepsOf, row.epoch, row.epoch + 1)
        .toArray()
        .map(toSweep),
    };
  }

  latestSweep(): Sweep | null {
    const [row] = this.#sql.exec<SweepRow>(SQL.latestSweep).toArray();
    return row ? toSweep(row) : null;
  }

  runningResume(): Sweep | null {
    const sweep = this.latestSweep();
    return sweep?.kind === "resume" && sweep.state === "running" ? sweep : null;
  }

  sweepAt(epoch: number): Sweep | null {
    const [row] = this.#sql.exec<SweepRow>(SQL.sweepsOf, epoch, epoch).toArray();
    return row ? toSweep(row) : null;
  }

  /** Its cursor stands at the beginning. */
  beginSweep(epoch: number, kind: Sweep["kind"], now: number): void {
    const counts = { total: 0, done: 0, failed: 0, added: 0 };
    this.saveSweep({ id: uuidv7(), kind, epoch, state: "running", ...counts, startedAt: now, finishedAt: null });
    this.saveDuties({ cursor: FIRST_KEY });
  }

  saveSweep({ epoch, id, kind, state, total, done, failed, startedAt, finishedAt }: Sweep): void {
    this.#sql.exec(SQL.saveSweep, epoch, id, kind, state, total, done, failed, startedAt, finishedAt);
  }

  setTotal(epoch: number, total: number): void {
    this.#sql.exec(SQL.setTotal, total, epoch);
  }

  /** `added`: jobs that were made since it began; they are no part of its total. */
  advanceSweep(epoch: number, { done, failed, added }: { done: number; failed: number; added: number }): void {
    this.#sql.exec(SQL.advanceSweep, done, failed, done + failed, epoch);
    if (added > 0) this.#sql.exec(SQL.addAdditions, epoch, added);
  }

  /** A superseded sweep stays so. */
  endResume(epoch: number, now: number): void {
    this.#sql.exec(SQL.endResume, now, epoch);
  }

  /** With the gate's row all of them are paused. */
  endPause(epoch: number, paused: number, now: number): void {
    this.#sql.exec(SQL.endPause, now, paused, epoch);
  }

  duties(): Duties {
    const row = this.#sql.exec<DutiesRow>(SQL.duties).one();
    return {
      gateEpoch: row.gate_epoch,
      cursor: JSON.parse(row.cursor) as JobKey | null,
      healedAt: row.healed_at,
      healCursor: JSON.parse(row.heal_cursor) as JobKey,
    };
  }

  saveDuties(changed: Partial<Duties>): void {
    const { gateEpoch, cursor, healedAt, healCursor } = { ...this.duties(), ...changed };
    this.#sql.exec(SQL.saveDuties, gateEpoch, JSON.stringify(cursor), healedAt, JSON.stringify(healCursor));
  }
}

type IncidentRow = {
  id: string;
  epoch: number;
  opened_at: number;
  opened_by: string;
  reason: string;
  followers: number;
  closed_at: number | null;
  closed_by: string | null;
  note: string | null;
};

type SweepRow = {
  epoch: number;
  id: string;
  kind: Sweep["kind"];
  state: Sweep["state"];
  total: number;
  done: number;
  failed: number;
  added: number;
  started_at: number;
  finished_at: number | null;
};

type DutiesRow = { gate_epoch: number; cursor: string; healed_at: number; heal_cursor: string };

function toIncident({ opened_at, opened_by, closed_at, closed_by, ...row }: IncidentRow): Incident {
  const times = { openedAt: opened_at, closedAt: closed_at };
  return { ...row, ...times, openedBy: opened_by, closedBy: closed_by, reason: JSON.parse(row.reason) as Reason };
}

function toSweep({ started_at, finished_at, ...row }: SweepRow): Sweep {
  return { ...row, startedAt: started_at, finishedAt: finished_at };
}
