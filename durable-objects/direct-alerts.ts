import { v7 as uuidv7 } from "uuid";
import { alertBody } from "../src/contract/alert-payload.ts";
import type { AlertFact } from "../src/domain/alert.ts";
import type { Instant } from "../src/domain/breaker.ts";
import type { ReachableTarget } from "../src/operations/alerts.ts";
import { postAlert } from "../src/platform/alert-post.ts";
import { log } from "../src/platform/log.ts";

const SQL = {
  schema: `
    CREATE TABLE IF NOT EXISTS target_copies (id INTEGER PRIMARY KEY CHECK (id = 1), targets TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS told_directly (
      target_id TEXT NOT NULL, event_key TEXT NOT NULL, delivery_id TEXT NOT NULL, at INTEGER NOT NULL,
      PRIMARY KEY (target_id, event_key));`,
  read: "SELECT targets FROM target_copies",
  save: "INSERT OR REPLACE INTO target_copies VALUES (1, ?)",
  told: "SELECT delivery_id AS id, at FROM told_directly WHERE target_id = ? AND event_key = ?",
  tell: "INSERT OR REPLACE INTO told_directly VALUES (?, ?, ?, ?)",
  forget: "DELETE FROM told_directly WHERE at < ?",
};
const FORGOTTEN_MS = 30 * 24 * 60 * 60_000;

/** Tells operators while D1 is away, from copies of their targets in the Breaker's storage. */
export class DirectAlerts {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#sql.exec(SQL.schema);
  }

  /** The targets as D1 has them now. */
  keep(targets: ReachableTarget[]): void {
    const copies = JSON.stringify(targets);
    if (this.#sql.exec<{ targets: string }>(SQL.read).toArray()[0]?.targets !== copies)
      this.#sql.exec(SQL.save, copies);
  }

  /** The delivery by which a target was told of this occurrence; null when it was not. */
  told(targetId: string, key: string): { id: string; at: Instant } | null {
    return this.#sql.exec<{ id: string; at: number }>(SQL.told, targetId, key).toArray()[0] ?? null;
  }

  /** One attempt for each target that has not heard of a fact that it chose. */
  async tell(facts: AlertFact[], origin: string): Promise<void> {
    this.#sql.exec(SQL.forget, Date.now() - FORGOTTEN_MS);
    const [row] = this.#sql.exec<{ targets: string }>(SQL.read).toArray();
    const targets = JSON.parse(row?.targets ?? "[]") as ReachableTarget[];
    for (const fact of facts)
      for (const { id, kind, url, secret, events } of targets) {
        if (!events.some((each) => each === fact.event) || this.told(id, fact.key)) continue;
        const delivery = { id: uuidv7(), attempts: 1, payload: alertBody(kind, fact, null, origin), kind, url, secret };
        const posted = await postAlert(delivery, Date.now());
        log("warn", "alert_told_directly", { event_told: fact.event, arrived: posted.arrived });
        if (posted.arrived) this.#sql.exec(SQL.tell, id, fact.key, delivery.id, Date.now());
      }
  }
}
