import { v7 as uuidv7 } from "uuid";
import { alertBody } from "../../src/wording/alert-body.ts";
import type { AlertFact } from "../../src/domain/alert.ts";
import type { DirectDelivery, ReachableTarget } from "../../src/ports/alerts.ts";
import { postAlert } from "../../src/platform/alert-post.ts";
import { log } from "../../src/platform/log.ts";

const SQL = {
  schema: `
    CREATE TABLE IF NOT EXISTS target_copies (id INTEGER PRIMARY KEY CHECK (id = 1), targets TEXT NOT NULL);
    DROP TABLE IF EXISTS told_directly;
    CREATE TABLE IF NOT EXISTS direct_deliveries (
      target_id TEXT NOT NULL, event_key TEXT NOT NULL, delivery_id TEXT NOT NULL, tried_at INTEGER NOT NULL,
      arrived_at INTEGER, PRIMARY KEY (target_id, event_key));`,
  read: "SELECT targets FROM target_copies",
  save: "INSERT OR REPLACE INTO target_copies VALUES (1, ?)",
  tried:
    "SELECT delivery_id AS id, arrived_at AS arrivedAt FROM direct_deliveries WHERE target_id = ? AND event_key = ?",
  try: "INSERT INTO direct_deliveries VALUES (?, ?, ?, ?, NULL) ON CONFLICT DO NOTHING",
  arrived: "UPDATE direct_deliveries SET arrived_at = ? WHERE delivery_id = ?",
  forget: "DELETE FROM direct_deliveries WHERE tried_at < ?",
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

  /** The delivery by which a target was to be told of this occurrence, and whether it arrived; null before the first try. */
  tried(targetId: string, key: string): DirectDelivery | null {
    return this.#sql.exec<DirectDelivery>(SQL.tried, targetId, key).toArray()[0] ?? null;
  }

  /** One attempt for each target that has not heard of a fact that it chose. */
  async tell(facts: AlertFact[], origin: string): Promise<void> {
    this.#sql.exec(SQL.forget, Date.now() - FORGOTTEN_MS);
    const [row] = this.#sql.exec<{ targets: string }>(SQL.read).toArray();
    const targets = JSON.parse(row?.targets ?? "[]") as ReachableTarget[];
    for (const fact of facts)
      for (const { id, kind, url, secret, events } of targets) {
        const before = this.tried(id, fact.key);
        if (!events.some((each) => each === fact.event) || before?.arrivedAt) continue;
        // Of a try whose answer was lost the receiver knows the id already.
        const deliveryId = before?.id ?? uuidv7();
        this.#sql.exec(SQL.try, id, fact.key, deliveryId, Date.now());
        const payload = alertBody(kind, fact, null, origin);
        const delivery = { id: deliveryId, attempts: 1, payload, kind, url, secret };
        const posted = await postAlert(delivery, Date.now());
        log("warn", "alert_told_directly", { event_told: fact.event, arrived: posted.arrived });
        if (posted.arrived) this.#sql.exec(SQL.arrived, Date.now(), deliveryId);
      }
  }
}
