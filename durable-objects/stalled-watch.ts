import type { Instant } from "../src/domain/breaker.ts";
import { type Movement, STALLED_AFTER_MS } from "../src/domain/stalled.ts";

const SQL = {
  schema: `
    CREATE TABLE IF NOT EXISTS movement (
      id INTEGER PRIMARY KEY CHECK (id = 1), ended INTEGER NOT NULL, unfinished INTEGER NOT NULL, since INTEGER NOT NULL);`,
  read: "SELECT ended, unfinished, since FROM movement",
  save: "INSERT OR REPLACE INTO movement VALUES (1, ?, ?, ?)",
};

/** Since when nothing has ended although work is due, in the Breaker's storage: whoever looks next goes on counting. */
export class StalledWatch {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#sql.exec(SQL.schema);
  }

  /** The line moves, or stands because it is to. */
  moves(now: Instant): void {
    if (this.#read() !== null) this.#sql.exec(SQL.save, -1, 0, now);
  }

  /**
   * Takes what was seen; null when the database did not answer: then what was due at the last look is due. Returns since
   * when nothing has moved if that is long enough to tell, and else null.
   */
  look(seen: Movement | null, now: Instant): { since: Instant; unfinished: number } | null {
    const before = this.#read();
    if (seen && (before === null || before.ended !== seen.ended || seen.unfinished === 0)) {
      if (before === null && seen.unfinished === 0) return null;
      this.#sql.exec(SQL.save, seen.ended, seen.unfinished, now);
      return null;
    }
    if (before === null || (seen?.unfinished ?? before.unfinished) === 0) return null;
    const { since } = before;
    return now - since >= STALLED_AFTER_MS ? { since, unfinished: seen?.unfinished ?? before.unfinished } : null;
  }

  #read(): { ended: number; unfinished: number; since: number } | null {
    return this.#sql.exec<{ ended: number; unfinished: number; since: number }>(SQL.read).toArray()[0] ?? null;
  }
}
