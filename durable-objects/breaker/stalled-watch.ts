import type { Instant } from "../../src/domain/breaker.ts";
import { type Movement, STALLED_AFTER_MS } from "../../src/domain/stalled.ts";

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

  /** The line stands because it is to: what is due counts from when it runs again. */
  stands(now: Instant): void {
    const before = this.#read();
    if (before !== null && before.unfinished > 0) this.#sql.exec(SQL.save, before.ended, 0, now);
  }

  /**
   * Takes what was seen; null when the database did not answer: then what was due at the last look is due. Returns since
   * when nothing has moved if that is long enough to tell, and else null.
   */
  look(seen: Movement | null, now: Instant): { since: Instant; unfinished: number } | null {
    const before = this.#read() ?? { ended: 0, unfinished: 0, since: now };
    if (seen && (before.ended !== seen.ended || before.unfinished === 0 || seen.unfinished === 0)) {
      // Nothing to do, as before: that needs no row.
      if (before.unfinished + seen.unfinished > 0) this.#sql.exec(SQL.save, seen.ended, seen.unfinished, now);
      return null;
    }
    const unfinished = seen?.unfinished ?? before.unfinished;
    if (unfinished === 0 || now - before.since < STALLED_AFTER_MS) return null;
    return { since: before.since, unfinished };
  }

  #read(): { ended: number; unfinished: number; since: number } | null {
    return this.#sql.exec<{ ended: number; unfinished: number; since: number }>(SQL.read).toArray()[0] ?? null;
  }
}
