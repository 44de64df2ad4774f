import type { Incident } from "../src/domain/breaker.ts";
import { beganDuring, checkSinceStop, type CheckReport, type ServiceCheck } from "../src/domain/check.ts";
import type { Provider } from "../src/domain/fault.ts";

/** Checks kept of one incident, the newest. */
const CHECKS_KEPT = 100;

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
  saveLast: `INSERT INTO last_checks VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (provider) DO UPDATE SET at = excluded.at,
    checked_by = excluded.checked_by, ok = excluded.ok, latency_ms = excluded.latency_ms, error = excluded.error
    WHERE excluded.at >= last_checks.at`,
  last: "SELECT provider, at, checked_by, ok, latency_ms, error FROM last_checks",
  add: "INSERT INTO incident_checks VALUES (?, ?, ?, ?, ?, ?, ?)",
  forget: `DELETE FROM incident_checks WHERE incident_epoch = ?1 AND rowid NOT IN
    (SELECT rowid FROM incident_checks WHERE incident_epoch = ?1 ORDER BY rowid DESC LIMIT ${CHECKS_KEPT})`,
  ofIncident: `SELECT provider, at, checked_by, ok, latency_ms, error FROM incident_checks
    WHERE incident_epoch = ? ORDER BY rowid`,
  saveClosing: "INSERT OR IGNORE INTO closing_checks VALUES (?, ?)",
  closing: "SELECT service_check FROM closing_checks WHERE incident_epoch = ?",
};

/** What the Breaker remembers of checks, in its own storage. It never decides anything by them. */
export class CheckStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#sql.exec(SQL.schema);
  }

  /** `open` is the incident that is open now. Only this clock is read: the check began its own duration ago. */
  remember(report: CheckReport, open: Incident | null, now: number): void {
    const { provider, by, ok, latencyMs, error } = report;
    const at = now - latencyMs;
    const values = [provider, at, by, ok ? 1 : 0, latencyMs, error && JSON.stringify(error)];
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
      closing: closing ? { check: JSON.parse(closing.service_check ?? "null") as ServiceCheck | null } : null,
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
};

function toCheck({ provider, at, checked_by: by, ok, latency_ms: latencyMs, error }: CheckRow): ServiceCheck {
  return { provider, at, by, ok: ok === 1, latencyMs, error: JSON.parse(error ?? "null") as ServiceCheck["error"] };
}
