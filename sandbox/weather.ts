import type { FaultOrder, Latency, SandboxFault } from "../src/contract/sandbox.ts";
import { PROVIDERS, type Provider } from "../src/domain/fault.ts";
import { realisticMs } from "./slowness.ts";
import { isUsedUp, meetFaults, type ActiveFault, type FaultTarget } from "./faults.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY, provider TEXT NOT NULL, kind TEXT NOT NULL, path TEXT, after INTEGER NOT NULL,
    count INTEGER, seen INTEGER NOT NULL DEFAULT 0, shown INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE IF NOT EXISTS latency (provider TEXT PRIMARY KEY, ms INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS realistic (provider TEXT PRIMARY KEY) WITHOUT ROWID;
`;

const SQL = {
  faults: `SELECT id, provider, kind, path, after, count, seen, shown FROM fault ORDER BY id`,
  addFault: `INSERT INTO fault (provider, kind, path, after, count) VALUES (?, ?, ?, ?, ?)`,
  countFault: `UPDATE fault SET seen = ?, shown = ? WHERE id = ?`,
  removeFault: `DELETE FROM fault WHERE id = ?`,
  clearFaults: `DELETE FROM fault WHERE ?1 IS NULL OR provider = ?1`,
  latencies: `SELECT provider, ms FROM latency`,
  setLatency: `INSERT INTO latency (provider, ms) VALUES (?, ?) ON CONFLICT DO UPDATE SET ms = excluded.ms`,
  realistic: `SELECT provider FROM realistic`,
  beRealistic: `INSERT OR IGNORE INTO realistic (provider) VALUES (?)`,
  stopRealistic: `DELETE FROM realistic WHERE provider = ?`,
  clearLatencies: `DELETE FROM latency; DELETE FROM realistic`,
} as const;

type StoredFault = { [Field in keyof ActiveFault]: ActiveFault[Field] };

/** The faults and latencies that were ordered. They outlive a crash: a broken provider stays broken over a restart. */
export class Weather {
  #sql: SqlStorage;
  #faults: ActiveFault[];
  #latencies: Map<Provider, number>;
  #realistic: Set<Provider>;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(SCHEMA);
    this.#faults = this.#storedFaults();
    const rows = sql.exec<{ provider: Provider; ms: number }>(SQL.latencies).toArray();
    this.#latencies = new Map(rows.map((row) => [row.provider, row.ms]));
    this.#realistic = new Set(
      sql
        .exec<{ provider: Provider }>(SQL.realistic)
        .toArray()
        .map((row) => row.provider),
    );
  }

  /** Counts the call, and says which fault it meets. */
  meet(target: FaultTarget): SandboxFault | null {
    const { kind, counted } = meetFaults(this.#faults, target);
    if (counted.length === 0) return null;
    for (const fault of counted) {
      if (isUsedUp(fault)) this.#sql.exec(SQL.removeFault, fault.id);
      else this.#sql.exec(SQL.countFault, fault.seen, fault.shown, fault.id);
    }
    this.#faults = this.#storedFaults();
    return kind;
  }

  latencyMs(provider: Provider, subject: string): number {
    return this.#realistic.has(provider) ? realisticMs(provider, subject) : (this.#latencies.get(provider) ?? 0);
  }

  setFault({ provider, kind, path, after, count }: FaultOrder): void {
    this.#sql.exec(SQL.addFault, provider, kind, path ?? null, after ?? 0, count ?? null);
    this.#faults = this.#storedFaults();
  }

  get faults(): readonly ActiveFault[] {
    return this.#faults;
  }

  clearFaults(provider: Provider | null = null): void {
    this.#sql.exec(SQL.clearFaults, provider);
    this.#faults = this.#storedFaults();
  }

  setLatency({ provider, ms, realistic }: Latency): void {
    for (const each of provider === undefined ? PROVIDERS : [provider]) {
      this.#beRealistic(each, realistic === true);
      if (ms === undefined) continue;
      this.#sql.exec(SQL.setLatency, each, ms);
      this.#latencies.set(each, ms);
    }
  }

  clear(): void {
    this.clearFaults();
    this.#sql.exec(SQL.clearLatencies);
    this.#latencies.clear();
    this.#realistic.clear();
  }

  #beRealistic(provider: Provider, realistic: boolean): void {
    this.#sql.exec(realistic ? SQL.beRealistic : SQL.stopRealistic, provider);
    if (realistic) this.#realistic.add(provider);
    else this.#realistic.delete(provider);
  }

  #storedFaults(): ActiveFault[] {
    return this.#sql.exec<StoredFault>(SQL.faults).toArray();
  }
}
