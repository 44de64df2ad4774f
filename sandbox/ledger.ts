import type { LedgerCall, LedgerQuery, ProviderSummary } from "../src/contract/sandbox.ts";
import { PROVIDERS, type Provider } from "../src/domain/fault.ts";
import type { Row } from "./admission.ts";
import { isServiceFault } from "./faults.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS ledger (
    seq INTEGER PRIMARY KEY, provider TEXT NOT NULL, path TEXT NOT NULL, at INTEGER NOT NULL, subject TEXT NOT NULL,
    outcome TEXT NOT NULL, cost_usd REAL NOT NULL
  );
  CREATE INDEX IF NOT EXISTS ledger_provider ON ledger (provider);
  CREATE TABLE IF NOT EXISTS subject (
    provider TEXT NOT NULL, subject TEXT NOT NULL, calls INTEGER NOT NULL, successes INTEGER NOT NULL,
    PRIMARY KEY (provider, subject)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS subject_repeated ON subject (provider) WHERE successes > 1;
  CREATE TABLE IF NOT EXISTS tally (
    provider TEXT PRIMARY KEY, calls INTEGER NOT NULL, faults INTEGER NOT NULL, subjects INTEGER NOT NULL,
    repeated INTEGER NOT NULL
  ) WITHOUT ROWID;
`;

const SQL = {
  write: `INSERT INTO ledger (provider, path, at, subject, outcome, cost_usd) VALUES (?, ?, ?, ?, ?, ?)`,
  meetSubject: `INSERT INTO subject (provider, subject, calls, successes) VALUES (?, ?, 1, ?)
    ON CONFLICT DO UPDATE SET calls = calls + 1, successes = successes + excluded.successes RETURNING calls, successes`,
  count: `INSERT INTO tally (provider, calls, faults, subjects, repeated) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, faults = faults + excluded.faults,
      subjects = subjects + excluded.subjects, repeated = repeated + excluded.repeated`,
  page: `SELECT * FROM ledger WHERE seq > ? ORDER BY seq LIMIT ?`,
  pageOfProvider: `SELECT * FROM ledger WHERE provider = ? AND seq > ? ORDER BY seq LIMIT ?`,
  tally: `SELECT calls, faults, subjects, repeated FROM tally WHERE provider = ?`,
  repeated: `SELECT subject FROM subject INDEXED BY subject_repeated WHERE provider = ? AND successes > 1 LIMIT 100`,
  clear: `DELETE FROM ledger; DELETE FROM subject; DELETE FROM tally`,
} as const;

/** One call, with a row for each subject. */
interface LedgerEntry {
  provider: Provider;
  path: string;
  atMs: number;
  /** Whether a second success for a subject is a repetition worth reporting. */
  paid: boolean;
  rows: Row[];
}

type StoredCall = Omit<LedgerCall, "at"> & { at: number };

/** Every call that arrived. Counts as it writes, so that a summary costs the same however long the ledger is. */
export class Ledger {
  #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(SCHEMA);
  }

  write({ provider, path, atMs, paid, rows }: LedgerEntry): void {
    let newSubjects = 0;
    let newlyRepeated = 0;
    for (const { subject, outcome, costUsd } of rows) {
      this.#sql.exec(SQL.write, provider, path, atMs, subject, outcome, costUsd);
      const success = paid && (outcome === "ok" || outcome === "timeout_after_effect") ? 1 : 0;
      const met = this.#sql
        .exec<{ calls: number; successes: number }>(SQL.meetSubject, provider, subject, success)
        .one();
      if (met.calls === 1) newSubjects += 1;
      if (success === 1 && met.successes === 2) newlyRepeated += 1;
    }
    const faults = rows.filter((row) => isServiceFault(row.outcome)).length;
    this.#sql.exec(SQL.count, provider, rows.length, faults, newSubjects, newlyRepeated);
  }

  calls({ provider, after, limit }: LedgerQuery): LedgerCall[] {
    const rows =
      provider === undefined
        ? this.#sql.exec<StoredCall>(SQL.page, after, limit)
        : this.#sql.exec<StoredCall>(SQL.pageOfProvider, provider, after, limit);
    return rows.toArray().map((row) => ({ ...row, at: new Date(row.at).toISOString() }));
  }

  summary(): Record<Provider, ProviderSummary> {
    const summaries = PROVIDERS.map((provider) => [provider, this.#summaryOf(provider)] as const);
    return Object.fromEntries(summaries) as Record<Provider, ProviderSummary>;
  }

  clear(): void {
    this.#sql.exec(SQL.clear);
  }

  #summaryOf(provider: Provider): ProviderSummary {
    const [tally] = this.#sql
      .exec<{ calls: number; faults: number; subjects: number; repeated: number }>(SQL.tally, provider)
      .toArray();
    const repeated = this.#sql.exec<{ subject: string }>(SQL.repeated, provider).toArray();
    return {
      calls: tally?.calls ?? 0,
      faults: tally?.faults ?? 0,
      distinct_subjects: tally?.subjects ?? 0,
      repeated_subjects: repeated.map((row) => row.subject),
      repeated_subjects_count: tally?.repeated ?? 0,
    };
  }
}
