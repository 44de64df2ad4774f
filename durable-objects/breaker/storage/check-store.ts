import type { Incident } from "../../../src/domain/breaker.ts";
import {
  beganDuring,
  checkSinceStop,
  type CheckReport,
  type Proven,
  type ServiceCheck,
} from "../../../src/domain/check.ts";
import type { Provider } from "../../../src/domain/fault.ts";

/** Checks kept of one incident, the newest. */
const CHECKS_KEPT = 100;

const COLUMNS = "provider, at, checked_by, ok, latency_ms, error, proves, paid, cost_usd";

/** What a storage that knew only that a service had answered does not have yet. */
const ADDED = {
  proves: "TEXT NOT NULL DEFAULT '[]'",
  paid: "INTEGER NOT NULL DEFAULT 0",
  cost_usd: "REAL NOT NULL DEFAULT 0",
};

const SQL = {
  schema: `
    CREATE TABLE IF NOT EXISTS last_checks (
      provider TEXT PRIMARY KEY, at INTEGER NOT NULL, checked_by TEXT NOT NULL, ok INTEGER NOT NULL,
      latency_ms INTEGER NOT NULL, error TEXT);
    CREATE TABLE IF NOT EXISTS incident_checks (
      incident_epoch INTEGER NOT NULL, provider TEXT NOT NULL, at INTEGER NOT NULL, checked_by TEXT NOT NULL,
      ok INTEGER NOT NULL, latency_ms INTEGER NOT NULL, error TEXT);
    CREATE INDEX IF NOT EXISTS checks_of_incident ON incident_checks (incident_epoch);
    CREATE TABLE IF NOT EXISTS closing_checks (incident_epoch INTEGER PRIMARY KEY, service_check TEXT);`,
  saveLast: `INSERT INTO last_checks (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (provider) DO UPDATE SET
    at = excluded.at, checked_by = excluded.checked_by, ok = excluded.ok, latency_ms = excluded.latency_ms,
    error = excluded.error, proves = excluded.proves, paid = excluded.paid, cost_usd = excluded.cost_usd
    WHERE excluded.at >= last_checks.at`,
  last: `SELECT ${COLUMNS} FROM last_checks`,
  add: `INSERT INTO incident_checks (incident_epoch, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  forget: `DELETE FROM incident_checks WHERE incident_epoch = ?1 AND rowid NOT IN
    (SELECT rowid FROM incident_checks WHERE incident_epoch = ?1 ORDER BY rowid DESC LIMIT ${CHECKS_KEPT})`,
  ofIncident: `SELECT ${COLUMNS} FROM incident_checks WHERE incident_epoch = ? ORDER BY rowid`,
  saveClosing: "INSERT OR IGNORE INTO closing_checks VALUES (?, ?)",
  closing: "SELECT service_check FROM closing_checks WHERE incident_epoch = ?",
};

/** What the Breaker remembers of checks, in its own storage. It never decides anything by them. */
export class CheckStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#sql.exec(SQL.schema);
    for (const table of ["last_checks", "incident_checks"]) this.#addColumns(table);
  }

  #addColumns(table: string): void {
    const columns = this.#sql.exec<{ name: string }>("SELECT name FROM pragma_table_info(?)", table).toArray();
    const there = new Set(columns.map(({ name }) => name));
    for (const [name, type] of Object.entries(ADDED)) {
      if (!there.has(name)) this.#sql.exec(`ALTER TABLE ${table} ADD COLUMN ${name} ${type}`);
    }
  }

  /** `open` is the incident that is open now. Only this clock is read: the check began its own duration ago. */
  remember(report: CheckReport, open: Incident | null, now: number): void {
    const { provider, by, ok, latencyMs, error, proves, paid, costUsd } = report;
    const at = now - latencyMs;
    const shown = [JSON.stringify(proves), paid ? 1 : 0, costUsd];
    const values = [provider, at, by, ok ? 1 : 0, latencyMs, error && JSON.stringify(error), ...shown];
    this.#sql.exec(SQL.saveLast, ...values);
    if (!open || !beganDuring(open, { at })) return;
    this.#sql.exec(SQL.add, open.epoch, ...values);
    this.#sql.exec(SQL.forget, open.epoch);
  }

  /** The last of each service that was ever checked. */
  last(): ServiceCheck[] {
    return this.#sql.exec<CheckRow>(SQL.last).toArray().map(toCheck);
  }

  /** Keeps what was known of the failed service when this incident was closed. */
  close(incident: Incident): void {
    const check = checkSinceStop(incident, this.last());
    this.#sql.exec(SQL.saveClosing, incident.epoch, check && JSON.stringify(check));
  }

  /** `closing` is null when the incident is open, or was closed before checks were remembered. */
  ofIncident(epoch: number): { checks: ServiceCheck[]; closing: { check: ServiceCheck | null } | null } {
    const [closing] = this.#sql.exec<{ service_check: string | null }>(SQL.closing, epoch).toArray();
    return {
      checks: this.#sql.exec<CheckRow>(SQL.ofIncident, epoch).toArray().map(toCheck),
      closing: closing ? { check: keptCheck(closing.service_check) } : null,
    };
  }
}

type CheckRow = {
  provider: Provider;
  at: number;
  checked_by: string;
  ok: number;
  latency_ms: number;
  error: string | null;
  proves: string;
  paid: number;
  cost_usd: number;
};

function toCheck({ provider, at, checked_by: by, latency_ms: latencyMs, ...row }: CheckRow): ServiceCheck {
  const error = JSON.parse(row.error ?? "null") as ServiceCheck["error"];
  const shown = { proves: JSON.parse(row.proves) as Proven[], paid: row.paid === 1, costUsd: row.cost_usd };
  return { provider, at, by, ok: row.ok === 1, ...shown, latencyMs, error };
}

/** One that was kept before checks told what they prove had been free, and proves nothing that anybody noted. */
function keptCheck(json: string | null): ServiceCheck | null {
  const kept = JSON.parse(json ?? "null") as (Partial<ServiceCheck> & Omit<ServiceCheck, keyof typeof UNTOLD>) | null;
  return kept && { ...UNTOLD, ...kept };
}

const UNTOLD = { proves: [] as Proven[], paid: false, costUsd: 0 };
