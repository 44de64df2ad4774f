import {
  ACTIVITY_KEPT_MS,
  type Activity,
  activityOf,
  addUp,
  type CallRecord,
  MINUTE_MS,
} from "../../../src/domain/activity.ts";
import type { Instant } from "../../../src/domain/breaker.ts";

const SQL = {
  schema: `CREATE TABLE IF NOT EXISTS activity (
    at INTEGER PRIMARY KEY, calls INTEGER NOT NULL, refused INTEGER NOT NULL, faults INTEGER NOT NULL,
    total_ms INTEGER NOT NULL, slowest_ms INTEGER NOT NULL, usd REAL NOT NULL, credits REAL NOT NULL, tokens INTEGER NOT NULL)`,
  add: `INSERT INTO activity VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (at) DO UPDATE SET
    calls = calls + excluded.calls, refused = refused + excluded.refused, faults = faults + excluded.faults,
    total_ms = total_ms + excluded.total_ms, slowest_ms = max(slowest_ms, excluded.slowest_ms),
    usd = usd + excluded.usd, credits = credits + excluded.credits, tokens = tokens + excluded.tokens`,
  forget: "DELETE FROM activity WHERE at < ?",
  since: `SELECT at, calls, refused, faults, total_ms AS totalMs, slowest_ms AS slowestMs, usd, credits, tokens
    FROM activity WHERE at >= ? ORDER BY at`,
};

/** One kind of calls by the minute, for a day: a row a minute in its throttle's storage, and what is not saved yet. */
export class ActivityStore {
  readonly #sql: SqlStorage;
  #unsaved: Activity[] = [];
  #forgotAt: Instant = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#sql.exec(SQL.schema);
  }

  add(calls: CallRecord[]): void {
    this.#unsaved = addUp([...this.#unsaved, ...calls.map((call) => activityOf(call, MINUTE_MS))], MINUTE_MS);
  }

  save(now: Instant): void {
    for (const { at, calls, refused, faults, totalMs, slowestMs, usd, credits, tokens } of this.#unsaved)
      this.#sql.exec(SQL.add, at, calls, refused, faults, totalMs, slowestMs, usd, credits, tokens);
    this.#unsaved = [];
    if (now - this.#forgotAt < ACTIVITY_KEPT_MS / 24) return;
    this.#forgotAt = now;
    this.#sql.exec(SQL.forget, now - ACTIVITY_KEPT_MS);
  }

  since(at: Instant): Activity[] {
    const saved = this.#sql.exec<Activity & Record<string, SqlStorageValue>>(SQL.since, at).toArray();
    return addUp([...saved, ...this.#unsaved.filter((minute) => minute.at >= at)], MINUTE_MS);
  }
}
