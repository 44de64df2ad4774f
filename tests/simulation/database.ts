import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { numberOf } from "./people.ts";
import type { Process, World } from "./world.ts";

type Row = Record<string, unknown>;
type Values = (string | number | null)[];

/** What a statement does is seen once, when it is prepared: a history runs the same few many thousand times. */
interface Known {
  statement: StatementSync;
  kind: "reads" | "writes" | "returns";
}

function kindOf(sql: string): Known["kind"] {
  if (/^\s*(SELECT|WITH)\b/i.test(sql)) return "reads";
  return /\bRETURNING\b/i.test(sql) ? "returns" : "writes";
}

/** The tables of D1 or of an actor, in SQLite. */
export class Tables {
  readonly #db = new DatabaseSync(":memory:");
  readonly #begin = this.#db.prepare("BEGIN");
  readonly #commit = this.#db.prepare("COMMIT");
  readonly #rollback = this.#db.prepare("ROLLBACK");
  readonly #statements = new Map<string, Known>();
  readonly #lists = new Map<string, StatementSync>();
  /** How many statements may have written. */
  writes = 0;

  constructor(...scripts: string[]) {
    for (const script of scripts) this.#db.exec(script);
  }

  /** Statements that leave the database as they found it when one of them fails. */
  atomically<Result>(work: () => Result): Result {
    this.#begin.run();
    try {
      const result = work();
      this.#commit.run();
      return result;
    } catch (error) {
      this.#rollback.run();
      throw error;
    }
  }

  all(sql: string, values: Values = []): Row[] {
    return this.execute(sql, values).rows;
  }

  /** The rows that a statement reads or returns, and how many it has changed. */
  execute(sql: string, values: Values): { rows: Row[]; changes: number } {
    let known = this.#statements.get(sql);
    if (!known) this.#statements.set(sql, (known = { statement: this.#db.prepare(sql), kind: kindOf(sql) }));
    const { statement, kind } = known;
    if (kind === "reads") return { rows: statement.all(...values) as Row[], changes: 0 };
    this.writes++;
    if (kind === "writes") return { rows: [], changes: Number(statement.run(...values).changes) };
    const rows = statement.all(...values) as Row[];
    return { rows, changes: rows.length };
  }

  /** The rows that a query reads, as lists: two columns may have one name. */
  raw(sql: string, values: Values): unknown[][] {
    let statement = this.#lists.get(sql);
    if (!statement) {
      this.#lists.set(sql, (statement = this.#db.prepare(sql)));
      statement.setReturnArrays(true);
    }
    if (kindOf(sql) !== "reads") this.writes++;
    return statement.all(...values) as unknown as unknown[][];
  }

  /** Takes all rows away; the tables stay. */
  empty(): void {
    for (const { name } of this.all("SELECT name FROM sqlite_master WHERE type = 'table'"))
      this.all(`DELETE FROM ${String(name)}`);
  }

  /** For scripts of several statements. */
  run(script: string): void {
    this.#db.exec(script);
  }
}

const storages = new Map<string, Tables>();

/** The storage of an actor. It is kept from history to history, with its tables and statements, and found empty. */
export function emptyStorage(actor: string): Tables {
  let storage = storages.get(actor);
  if (storage) storage.empty();
  else storages.set(actor, (storage = new Tables()));
  return storage;
}

export function migrationScripts(): string[] {
  const folder = join(import.meta.dirname, "../../migrations");
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  return names.toSorted().map((name) => readFileSync(join(folder, name), "utf8"));
}

/** Until when D1 answers nothing, in each world. */
const away = new WeakMap<World, number>();

function isAway(world: World): boolean {
  const { chance, now } = world;
  if (chance.strikes("D1 goes away", 0.0004)) away.set(world, now + chance.between("D1's time away", 500, 90_000));
  return !chance.calm && now < (away.get(world) ?? 0);
}

class Refused extends Error {}

interface Prepared {
  sql: string;
  values: Values;
}

/** Whether a write holds the result that D1 takes at no time; its attempt is remembered. */
function isRefused({ refusal, chance }: World, tables: Tables, statements: Prepared[]): boolean {
  if (!refusal) return false;
  // To push is free, so a push is tried with patience: for longer than a history waits for its end.
  if (refusal.stage === "pushed" && chance.calm) return false;
  const saved = statements
    .filter(({ sql }) => sql.startsWith("UPDATE leads SET stage = m.value"))
    .flatMap(({ values }) => values.filter((value) => String(value).startsWith("[")) as string[])
    .flatMap((json) => JSON.parse(json) as { jobId: string; dispatch: number; leadId: string; stage: string }[]);
  const mine = saved.find(({ leadId, stage }) => {
    if (stage !== refusal.stage) return false;
    const [lead] = tables.all("SELECT email FROM leads WHERE id = ?1", [leadId]);
    return numberOf(String(lead?.["email"])) % 5 === refusal.people;
  });
  if (mine) refusal.met.add(`${mine.jobId} ${mine.dispatch}`);
  return mine !== undefined;
}

/**
 * D1 as one process sees it: every call takes time on its way there and back, may fail on either, and is heard of no
 * more by a process that died. `committed` is told after each call that did its work.
 */
export function d1(world: World, tables: Tables, process: Process, committed: (writer: Process) => void): D1Database {
  const failure = () => {
    process.disturbedAt = world.now;
    return new Error("D1_ERROR: Network connection lost.");
  };
  const call = <Result>(work: () => Result): Promise<Result> =>
    new Promise((resolve, reject) => {
      if (!process.alive) return;
      const { chance } = world;
      const answer = (tell: () => void) => {
        const ms = world.latency("D1's answer", 3, 4_000);
        // So late that a lease may run out meanwhile.
        if (ms > 10_000) process.disturbedAt = world.now + ms;
        world.after(ms, () => process.alive && tell());
      };
      const way = world.latency("D1", 3, 4_000);
      if (way > 10_000) process.disturbedAt = world.now + way;
      world.after(way, () => {
        if (isAway(world) || chance.strikes("D1 fails before it commits", 0.004))
          return answer(() => reject(failure()));
        let result: Result;
        try {
          result = work();
        } catch (error) {
          if (error instanceof Refused) return answer(() => reject(new Error("D1_ERROR: Network connection lost.")));
          return answer(() => reject(new Error(`D1_ERROR: ${(error as Error).message}: SQLITE_ERROR`)));
        }
        committed(process);
        if (chance.strikes("D1 fails after it committed", 0.004)) return answer(() => reject(failure()));
        answer(() => resolve(result));
      });
    });

  const execute = ({ sql, values }: Prepared) => {
    const { rows, changes } = tables.execute(sql, values);
    return { results: rows, success: true, meta: { changes } };
  };
  const prepare = (sql: string, values: Values = []) => ({
    sql,
    values,
    bind: (...bound: Values) => prepare(sql, bound),
    all: () => call(() => execute({ sql, values })),
    run: () => call(() => execute({ sql, values })),
    raw: () => call(() => tables.raw(sql, values)),
    first: async (column?: string) => {
      const { results } = await call(() => execute({ sql, values }));
      const row = results[0];
      return row === undefined ? null : column === undefined ? row : row[column];
    },
  });
  const batch = (statements: Prepared[]) =>
    call(() => {
      if (isRefused(world, tables, statements)) throw new Refused();
      return tables.atomically(() => statements.map(execute));
    });
  return { prepare: (sql: string) => prepare(sql), batch } as unknown as D1Database;
}
