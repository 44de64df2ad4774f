import type { Instant } from "../../../src/domain/breaker.ts";

const SQL = {
  schema: "CREATE TABLE IF NOT EXISTS next_slot (only INTEGER PRIMARY KEY CHECK (only = 1), at REAL NOT NULL)",
  read: "SELECT at FROM next_slot",
  write: "INSERT INTO next_slot VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET at = excluded.at",
};

/** When the next call of a slow rate may begin. */
export class SlotStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#sql.exec(SQL.schema);
  }

  /** Null before the first call. */
  read(): Instant | null {
    const [row] = this.#sql.exec<{ at: number }>(SQL.read).toArray();
    return row?.at ?? null;
  }

  write(at: Instant): void {
    this.#sql.exec(SQL.write, at);
  }
}
