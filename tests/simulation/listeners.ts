import { v7 as uuidv7 } from "./ids.ts";
import { createDeliveryStore } from "../../src/db/alerts.ts";
import { ALERT_EVENTS } from "../../src/domain/alert.ts";
import { FAILING_AFTER } from "../../src/domain/failing.ts";
import type { DeliveryAttempt, Posted } from "../../src/ports/alerts.ts";
import type { DeliverPorts } from "../../src/operations/alert/deliver.ts";
import { createAlertQueue } from "../../src/platform/alert-queue.ts";
import { persist } from "../../src/platform/persist.ts";
import type { Tables } from "./database.ts";
import type { Process, World } from "./world.ts";

/** Those who are called when the line stops. They may be away, and their answers may be lost. */
export class Listeners {
  readonly #world: World;
  readonly #tables: Tables;
  readonly #breakerTables: Tables;
  /** Ids of the deliveries that each target has received. */
  readonly #received = new Set<string>();
  #awayUntil = 0;

  constructor(world: World, tables: Tables, breakerTables: Tables) {
    this.#world = world;
    this.#tables = tables;
    this.#breakerTables = breakerTables;
  }

  begin(): void {
    for (let left = this.#world.chance.between("targets of alerts", 0, 2); left > 0; left--)
      this.#tables.all(
        `INSERT INTO alert_targets (id, name, kind, url, secret, events, still_open_after_minutes, created_at)
         VALUES (?1, 'A receiver', 'webhook', 'https://receiver.example', 'unused', ?2, 1, ?3)`,
        [uuidv7(), JSON.stringify(ALERT_EVENTS), this.#world.now],
      );
  }

  /** What a consumer delivers with. */
  seenBy(process: Process, env: Env): DeliverPorts {
    return {
      deliveries: createDeliveryStore(env.DB),
      queue: createAlertQueue(env),
      post: (attempt) => this.#post(process, attempt),
      persist,
      now: Date.now,
    };
  }

  #post(process: Process, { id }: DeliveryAttempt): Promise<Posted> {
    const world = this.#world;
    const { chance } = world;
    const missed: Posted = { arrived: false, problem: "The receiver could not be reached." };
    return new Promise((resolve) => {
      if (!process.alive) return;
      const answer = (posted: Posted) =>
        world.after(world.latency("a receiver's answer", 30, 9_000), () => process.alive && resolve(posted));
      world.after(world.latency("a receiver", 30, 1_000), () => {
        if (chance.strikes("a receiver goes away", 0.05))
          this.#awayUntil = world.now + chance.between("a receiver's time away", 1_000, 90_000);
        if (!chance.calm && world.now < this.#awayUntil) return answer(missed);
        world.note(`a receiver hears alert ${id}`);
        this.#received.add(id);
        answer(chance.strikes("a receiver's answer is lost", 0.05) ? missed : { arrived: true });
      });
    });
  }

  /** What has happened to the line and is not known to every target, in words; empty when all is told. */
  unheard(): string {
    const targets = this.#tables.all("SELECT id FROM alert_targets").map(({ id }) => String(id));
    const happened = this.#breakerTables.all(`
      SELECT 'opened:' || id AS key FROM incidents
      UNION ALL SELECT 'closed:' || id FROM incidents WHERE closed_at IS NOT NULL
      UNION ALL SELECT 'resumed:' || incidents.id FROM incidents JOIN sweeps ON sweeps.epoch = incidents.epoch + 1
        WHERE sweeps.kind = 'resume' AND sweeps.state = 'done'`);
    const failing = this.#tables.all(
      `SELECT 'failing:' || campaign_id || ':' || failing_since AS key FROM progress WHERE failing_count >= ${FAILING_AFTER}`,
    );
    const deliveries = this.#tables.all(
      "SELECT id, status, target_id || ' ' || event_key AS told FROM alert_deliveries",
    ) as { id: string; status: string; told: string }[];
    const told = new Map(deliveries.map((each) => [each.told, each]));
    const untold = targets.flatMap((target) =>
      [...happened, ...failing].map(({ key }) => `${target} ${String(key)}`).filter((each) => !told.has(each)),
    );
    const waiting = deliveries.filter(({ status }) => status !== "DELIVERED").map((each) => `${each.told} waits`);
    const lied = deliveries.filter(({ id, status }) => status === "DELIVERED" && !this.#received.has(id));
    for (const each of lied) this.#world.violated(`alerts: ${each.told} counts as delivered, and nobody heard it`);
    return [...untold, ...waiting].join("; ");
  }
}
