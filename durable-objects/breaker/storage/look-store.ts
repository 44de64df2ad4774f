import type { Instant } from "../../../src/domain/breaker.ts";

const SQL = {
  schema: `
    CREATE TABLE IF NOT EXISTS looks (id INTEGER PRIMARY KEY CHECK (id = 1), looked_at INTEGER NOT NULL, restored_at INTEGER);
    INSERT OR IGNORE INTO looks VALUES (1, 0, NULL);`,
  read: "SELECT looked_at AS lookedAt, restored_at AS restoredAt FROM looks",
  saveLook: "UPDATE looks SET looked_at = ?",
  saveRestore: "UPDATE looks SET restored_at = ?",
};

/** What the Breaker remembers of its looks at D1. */
export class LookStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#sql.exec(SQL.schema);
  }

  /** When D1 last took that the watchdog looked, and when it was last found taken back. */
  read(): { lookedAt: Instant; restoredAt: Instant | null } {
    return this.#sql.exec<{ lookedAt: number; restoredAt: number | null }>(SQL.read).one();
  }

  saveLook(lookedAt: Instant): void {
    this.#sql.exec(SQL.saveLook, lookedAt);
  }

  saveRestore(restoredAt: Instant): void {
    this.#sql.exec(SQL.saveRestore, restoredAt);
  }
}
