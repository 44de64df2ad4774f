import { and, desc, eq, lt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { AlertDeliveryRow } from "../contract/alerts.ts";
import type { DeliveryStatus } from "../domain/alert.ts";
import type { TargetStore } from "../ports/alert-targets.ts";
import { alertDeliveries, alertTargets } from "./alert-schema.ts";
import type { Page } from "./lists.ts";
import { statement } from "./sql.ts";

/** Each announcement is written once a target. */
const MOST_TARGETS = 20;

// One statement decides, so that two who make one at once cannot make one too many.
const CREATE = `INSERT INTO alert_targets (id, name, kind, url, secret, events, still_open_after_minutes, created_at)
  SELECT :id, :name, :kind, :url, :secret, :events, :stillOpenAfterMinutes, :createdAt
  WHERE (SELECT count(*) FROM alert_targets) < ${MOST_TARGETS}`;

export function createTargetStore(d1: D1Database): TargetStore {
  const db = drizzle(d1);
  const giveUp = (targetId: string, lastError: string) =>
    db
      .update(alertDeliveries)
      .set({ status: "FAILED", lastError })
      .where(and(eq(alertDeliveries.targetId, targetId), eq(alertDeliveries.status, "PENDING")));
  return {
    list: () => db.select().from(alertTargets).orderBy(desc(alertTargets.id)),

    async find(id) {
      const [target] = await db.select().from(alertTargets).where(eq(alertTargets.id, id));
      return target ?? null;
    },

    async create({ id, name, kind, url, secret, events, stillOpenAfterMinutes, createdAt }) {
      const values = { id, name, kind, url, secret, events: JSON.stringify(events), stillOpenAfterMinutes, createdAt };
      return (await statement(d1, CREATE, values).run()).meta.changes > 0;
    },

    async update(id, { disabled, ...changes }, now) {
      const { disabledAt } = alertTargets;
      const set = {
        ...changes,
        ...(disabled !== undefined && { disabledAt: disabled ? sql`coalesce(${disabledAt}, ${now})` : null }),
      };
      // With nothing to change it still answers what there is.
      const isSame = Object.values(set).every((value) => value === undefined);
      const update = db
        .update(alertTargets)
        .set(isSame ? { id } : set)
        .where(eq(alertTargets.id, id))
        .returning();
      const problem = "The target was switched off before it arrived.";
      const [updated] = disabled ? await db.batch([update, giveUp(id, problem)]) : [await update];
      return updated[0] ?? null;
    },

    async remove(id) {
      const problem = "The target was deleted before it arrived.";
      const [removed] = await db.batch([db.delete(alertTargets).where(eq(alertTargets.id, id)), giveUp(id, problem)]);
      return removed.meta.changes > 0;
    },

    async delivery(id) {
      const [delivery] = await db.select().from(alertDeliveries).where(eq(alertDeliveries.id, id));
      return delivery ?? null;
    },
  };
}

/** The log of deliveries, newest first, and one more than it shows. */
export async function listDeliveries(
  d1: D1Database,
  filter: { targetId?: string | undefined; status?: DeliveryStatus | undefined },
  page: Page,
): Promise<AlertDeliveryRow[]> {
  const where = and(
    filter.targetId ? eq(alertDeliveries.targetId, filter.targetId) : undefined,
    filter.status ? eq(alertDeliveries.status, filter.status) : undefined,
    page.cursor ? lt(alertDeliveries.id, page.cursor) : undefined,
  );
  return drizzle(d1)
    .select()
    .from(alertDeliveries)
    .where(where)
    .orderBy(desc(alertDeliveries.id))
    .limit(page.limit + 1);
}
