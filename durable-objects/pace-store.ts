import type { Instant } from "../src/domain/breaker.ts";
import type { Paced, PacePerSecond } from "../src/domain/pace.ts";
import type { Sweep } from "../src/domain/sweep.ts";
import type { ResumePace } from "../src/operations/breaker.ts";

const SQL = {
  schema: `CREATE TABLE IF NOT EXISTS paces (
    epoch INTEGER PRIMARY KEY, per_second INTEGER, next_at INTEGER NOT NULL)`,
  read: "SELECT per_second, next_at FROM paces WHERE epoch = ?",
  save: "INSERT OR REPLACE INTO paces VALUES (?, ?, ?)",
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
}

export const paceOf = (sweep: Sweep | null, paces: PaceStore): ResumePace => ({
  pace: sweep ? paces.read(sweep.epoch).pace : null,
  sweep,
});
