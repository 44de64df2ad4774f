import {
  type AlertFact,
  closingFact,
  failingFact,
  openingFact,
  resumedFact,
  stalledFact,
} from "../../src/domain/alert.ts";
import type { Stall } from "../../src/domain/stalled.ts";
import { announce } from "../../src/operations/alert/announce.ts";
import { consoleOriginOf } from "../../src/platform/config.ts";
import { describeError, log } from "../../src/platform/log.ts";
import { announcePorts } from "../../src/wiring.ts";
import type { BreakerStore } from "./storage/breaker-store.ts";
import { DirectAlerts } from "./direct-alerts.ts";

// A Breaker that is older than its alerts does not announce its past.
const SQL = {
  schema: `
    CREATE TABLE IF NOT EXISTS announced (
      id INTEGER PRIMARY KEY CHECK (id = 1), changed_epoch INTEGER NOT NULL, resumed_epoch INTEGER NOT NULL);
    INSERT OR IGNORE INTO announced SELECT 1, epoch, epoch FROM breaker;`,
  read: "SELECT changed_epoch AS changedEpoch, resumed_epoch AS resumedEpoch FROM announced",
  save: "UPDATE announced SET changed_epoch = ?, resumed_epoch = ?",
};

/** All changes up to the one epoch are announced, and all ends of resumes up to the other. */
type Announced = { changedEpoch: number; resumedEpoch: number };

/** More changes than this that nobody was told of are no news: the older ones are left out. */
const MOST_CHANGES = 100;
/** A statement takes no more of these at once. */
const MOST_FAILING = 50;
/** A campaign that has not moved for so long is no news. */
const FAILING_MS = 60 * 60_000;
const WAIT_MS = 1_000;
/** So many tries in a row that D1 did not take: then who is called is told past it. */
const FAILURES_BEFORE_DIRECT = 3;
const LONGEST_WAIT_MS = 60_000;

/**
 * What the Breaker owes its operators: it is read off the incidents and sweeps, so what happened is announced even by the
 * next life. It runs beside the work for the line, and nothing waits for it; no method but `lookForFailing` throws.
 */
export class BreakerAlerts {
  readonly #sql: SqlStorage;
  readonly #store: BreakerStore;
  readonly #env: Env;
  #running = false;
  #failures = 0;
  /** When to look at the targets and at what waits for them; null: not before something happens. */
  #lookAt: number | null = 0;
  #notBefore = 0;
  readonly #direct: DirectAlerts;
  /** Campaigns that fail, and are not announced yet. */
  #failing: AlertFact[] = [];
  /** Work that stands still. */
  #stalled: AlertFact | null = null;
  #stalledTold: string | null = null;
  /** Keys of those that are, in this life. A next one announces them again, which tells nobody twice. */
  #told = new Set<string>();

  constructor(sql: SqlStorage, store: BreakerStore, env: Env) {
    this.#sql = sql;
    this.#store = store;
    this.#env = env;
    this.#sql.exec(SQL.schema);
    this.#direct = new DirectAlerts(sql);
  }

  /** Looks at the rows of deliveries with the next `begin`. */
  look(): void {
    this.#lookAt = 0;
  }

  /** Looks for campaigns whose last leads all failed; those that are new are announced with the next `begin`. */
  async lookForFailing(): Promise<void> {
    const now = Date.now();
    const found = await announcePorts(this.#env).deliveries.failingCampaigns(now - FAILING_MS);
    const breaker = this.#store.load();
    const facts = found.map((campaign) => failingFact(campaign, breaker, now));
    this.#failing = facts.filter(({ key }) => !this.#told.has(key));
    this.#told = new Set(facts.flatMap(({ key }) => (this.#told.has(key) ? [key] : [])));
  }

  /** Work stands still; null when it moves. Announced with the next `begin`, once. */
  stalled(stall: Stall | null): void {
    this.#stalled = stall && stalledFact(stall, this.#store.load(), Date.now());
    if (this.#stalled?.key === this.#stalledTold) this.#stalled = null;
  }

  /** Begins what is owed, unless it is under way. */
  begin(): void {
    if (!this.#running && Date.now() >= this.#notBefore) void this.#run();
  }

  /** In how many ms to begin again; null when nothing is owed and nothing can become due by itself. */
  nextInMs(): number | null {
    if (this.#running) return WAIT_MS;
    const waitMs = Math.max(0, this.#notBefore - Date.now());
    if (this.#failures > 0) return waitMs;
    return this.#lookAt === null ? null : Math.max(waitMs, this.#lookAt - Date.now(), 0);
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      while (this.#owes() || (this.#lookAt !== null && Date.now() >= this.#lookAt)) await this.#announce();
      this.#failures = 0;
    } catch (error) {
      const waitMs = Math.min(WAIT_MS * 2 ** this.#failures++, LONGEST_WAIT_MS);
      this.#notBefore = Date.now() + waitMs;
      log("error", "alerts_failed", describeError(error));
      if (this.#failures >= FAILURES_BEFORE_DIRECT) await this.#tellDirectly();
    } finally {
      this.#running = false;
    }
  }

  async #tellDirectly(): Promise<void> {
    try {
      await this.#direct.tell(this.#owed(this.#announced(), this.#settled()), consoleOriginOf(this.#env));
    } catch (error) {
      log("error", "alerts_failed", describeError(error));
    }
  }

  async #announce(): Promise<void> {
    const known = this.#announced();
    const settled = this.#settled();
    const breaker = this.#store.load();
    const owed = this.#owed(known, settled);
    const ports = announcePorts(this.#env);
    // A look that is asked for while this one is under way still comes.
    this.#lookAt = null;
    const nextAt = await announce(
      {
        ...ports,
        tried: (targetId, key) => this.#direct.tried(targetId, key),
      },
      {
        facts: owed,
        open: breaker.state === "open" ? breaker.incident : null,
        isStillOpen: () => this.#store.epoch() === breaker.epoch,
      },
    );
    this.#sql.exec(SQL.save, settled.changedEpoch, settled.resumedEpoch);
    for (const { key, failing, stall } of owed) {
      if (failing) this.#told.add(key);
      if (stall) this.#stalledTold = key;
    }
    this.#failing = this.#failing.filter(({ key }) => !this.#told.has(key));
    if (this.#stalled?.key === this.#stalledTold) this.#stalled = null;
    this.#direct.keep(await ports.deliveries.reachable());
    this.#lookAt = this.#lookAt === null ? nextAt : Math.min(this.#lookAt, nextAt ?? Infinity);
  }

  #owed(known: Announced, settled: Announced): AlertFact[] {
    const stalled = this.#stalled ? [this.#stalled] : [];
    return [...this.#facts(known, settled), ...this.#failing.slice(0, MOST_FAILING), ...stalled];
  }

  /** What happened after `known` and up to `settled`, in its order. */
  #facts(known: Announced, settled: Announced): AlertFact[] {
    const store = this.#store;
    const first = Math.min(known.changedEpoch, known.resumedEpoch) + 1;
    const facts: (AlertFact | null)[] = [];
    for (let epoch = Math.max(first, settled.changedEpoch - MOST_CHANGES); epoch <= settled.changedEpoch; epoch++) {
      const [incident] = store.incidents(epoch + 1, 1);
      if (!incident) continue;
      const isClose = incident.epoch < epoch;
      if (epoch > known.changedEpoch)
        facts.push(isClose ? closingFact(incident) : openingFact(incident, store.sweepAt(epoch - 1)));
      if (isClose && epoch > known.resumedEpoch && epoch <= settled.resumedEpoch)
        facts.push(resumedFact(incident, store.sweepAt(epoch)));
    }
    return facts.filter((fact) => fact !== null);
  }

  #owes(): boolean {
    const [known, settled] = [this.#announced(), this.#settled()];
    const changed = known.changedEpoch < settled.changedEpoch || known.resumedEpoch < settled.resumedEpoch;
    return changed || this.#failing.length > 0 || this.#stalled !== null;
  }

  #announced(): Announced {
    return this.#sql.exec<Announced>(SQL.read).one();
  }

  /** A resume that runs may still end; one that was superseded never does. */
  #settled(): Announced {
    const epoch = this.#store.epoch();
    return { changedEpoch: epoch, resumedEpoch: this.#store.runningResume() ? epoch - 1 : epoch };
  }
}
