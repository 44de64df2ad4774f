import type { Instant } from "../../src/domain/breaker.ts";
import { type RespellPorts, respellAddresses } from "../../src/operations/lead/respell-addresses.ts";
import { FIRST_LEAD, type LeadKey } from "../../src/ports/addresses.ts";

/** Attempts of the version before may write for this long after it was replaced: a second pass finds what they wrote. */
const AGAIN_MS = 15 * 60_000;
const PASSES = 2;

const SQL = {
  schema: `
    CREATE TABLE IF NOT EXISTS respelling (
      id INTEGER PRIMARY KEY CHECK (id = 1), passes INTEGER NOT NULL, due_at INTEGER NOT NULL, cursor TEXT NOT NULL);`,
  read: "SELECT passes, due_at, cursor FROM respelling",
  save: "INSERT OR REPLACE INTO respelling VALUES (1, ?, ?, ?)",
};

interface Position {
  /** Passes over all leads that are done. */
  passes: number;
  /** The pass does not begin before. */
  dueAt: Instant;
  cursor: LeadKey;
}

/** Brings addresses that older versions wrote into today's form, and remembers how far in the Breaker's storage. */
export class Respelling {
  readonly #sql: SqlStorage;
  readonly #ports: Pick<RespellPorts, "addresses">;

  constructor(sql: SqlStorage, ports: Pick<RespellPorts, "addresses">) {
    this.#sql = sql;
    this.#ports = ports;
    this.#sql.exec(SQL.schema);
  }

  /** Does one slice if one is due, and returns whether another is. Once all passes are done, it asks nothing of D1. */
  async next(now: () => Instant): Promise<boolean> {
    const { passes, dueAt, cursor } = this.#position();
    if (passes >= PASSES || dueAt > now()) return false;
    const next = await respellAddresses({ ...this.#ports, now }, cursor);
    if (next) this.#save({ passes, dueAt, cursor: next });
    else this.#save({ passes: passes + 1, dueAt: now() + AGAIN_MS, cursor: FIRST_LEAD });
    return next !== null;
  }

  #save({ passes, dueAt, cursor }: Position): void {
    this.#sql.exec(SQL.save, passes, dueAt, JSON.stringify(cursor));
  }

  #position(): Position {
    const [row] = this.#sql.exec<{ passes: number; due_at: number; cursor: string }>(SQL.read).toArray();
    if (!row) return { passes: 0, dueAt: 0, cursor: FIRST_LEAD };
    return { passes: row.passes, dueAt: row.due_at, cursor: JSON.parse(row.cursor) as LeadKey };
  }
}
