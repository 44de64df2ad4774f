import { SHORTEST_VALIDITY_MS, validityMs, VALIDITY_SLACK_MS } from "../../src/domain/admission.ts";

const SQL = {
  schema: `
    CREATE TABLE IF NOT EXISTS withdrawals (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL);
    INSERT OR IGNORE INTO withdrawals VALUES (1, 0);
    CREATE TABLE IF NOT EXISTS admissions (id INTEGER PRIMARY KEY CHECK (id = 1), longest_ms INTEGER NOT NULL);
    INSERT OR IGNORE INTO admissions VALUES (1, ${SHORTEST_VALIDITY_MS});`,
  revision: "SELECT revision FROM withdrawals",
  raise: "UPDATE withdrawals SET revision = revision + 1",
  longest: "SELECT longest_ms AS longest FROM admissions",
  saveLongest: "UPDATE admissions SET longest_ms = ?1 WHERE longest_ms <> ?1",
};

/** The admissions that the Breaker gave, as far as they may still hold. */
export class Admissions {
  readonly #sql: SqlStorage;
  /** When the last one has run out. After a restart, the longest of the life before counts as just given. */
  #holdsUntil: number;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#sql.exec(SQL.schema);
    this.#holdsUntil = Date.now() + this.#longest() + VALIDITY_SLACK_MS;
  }

  /** How often work was withdrawn. */
  revision(): number {
    return this.#sql.exec<{ revision: number }>(SQL.revision).one().revision;
  }

  raiseRevision(): void {
    this.#sql.exec(SQL.raise);
  }

  /** How long one holds that is given now. The next life must know, before it holds. */
  grant(roundTripMs: number): number {
    const now = Date.now();
    const validForMs = validityMs(roundTripMs);
    // Where none holds any more, a shorter one is the longest.
    if (validForMs > this.#longest() || now > this.#holdsUntil) this.#sql.exec(SQL.saveLongest, validForMs);
    this.#holdsUntil = Math.max(this.#holdsUntil, now + validForMs + VALIDITY_SLACK_MS);
    return validForMs;
  }

  /** Waits until those that were given before have run out; no longer than `asLongAs` says. */
  async gone(asLongAs: () => boolean = () => true): Promise<void> {
    const until = this.#holdsUntil;
    while (asLongAs() && Date.now() < until) await scheduler.wait(until - Date.now());
  }

  #longest(): number {
    return this.#sql.exec<{ longest: number }>(SQL.longest).one().longest;
  }
}
