import type { Instant } from "../../../src/domain/breaker.ts";
import type { PaceChange, Paced, PacePerSecond } from "../../../src/domain/pace.ts";
import type { Sweep } from "../../../src/domain/sweep.ts";
import type { ResumePace } from "../../../src/ports/breaker.ts";

/** Of one resume; more are kept, and nobody reads them. */
const CHANGES_SHOWN = 100;

const SQL = {
  schema: `
    CREATE TABLE IF NOT EXISTS paces (epoch INTEGER PRIMARY KEY, per_second INTEGER, next_at INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS pace_changes (
      epoch INTEGER NOT NULL, at INTEGER NOT NULL, set_by TEXT NOT NULL, per_second INTEGER);
    CREATE INDEX IF NOT EXISTS pace_changes_of_resume ON pace_changes (epoch);`,
  read: "SELECT per_second, next_at FROM paces WHERE epoch = ?",
  save: "INSERT OR REPLACE INTO paces VALUES (?, ?, ?)",
  addChange: "INSERT INTO pace_changes VALUES (?, ?, ?, ?)",
  changes: `SELECT at, set_by, per_second FROM pace_changes WHERE epoch = ? ORDER BY rowid LIMIT ${CHANGES_SHOWN}`,
};

/** The pace of a resume, in the Breaker's storage: a resume that nobody gave a pace has none, whatever the one before had. */
export class PaceStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#sql.exec(SQL.schema);
  }

  /** Of the resume with this epoch. */
  read(epoch: number): Paced {
    const [row] = this.#sql.exec<{ per_second: number | null; next_at: number }>(SQL.read, epoch).toArray();
    return { pace: row?.per_second ?? null, nextAt: row?.next_at ?? 0 };
  }

  save(epoch: number, pace: PacePerSecond, nextAt: Instant): void {
    this.#sql.exec(SQL.save, epoch, pace, nextAt);
  }

  /** Remembers who set it, for the incident's timeline. */
  remember(epoch: number, { at, by, pace }: PaceChange): void {
    this.#sql.exec(SQL.addChange, epoch, at, by, pace);
  }

  changes(epoch: number): PaceChange[] {
    const rows = this.#sql.exec<{ at: number; set_by: string; per_second: number | null }>(SQL.changes, epoch);
    return rows.toArray().map(({ at, set_by: by, per_second: pace }) => ({ at, by, pace }));
  }
}

export const paceOf = (sweep: Sweep | null, paces: PaceStore): ResumePace => ({
  pace: sweep ? paces.read(sweep.epoch).pace : null,
  sweep,
});
