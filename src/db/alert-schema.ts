import { sql } from "drizzle-orm";
import { check, index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { ALERT_KINDS, type AlertEvent, type ChosenEvent, DELIVERY_STATUSES } from "../domain/alert.ts";
import { oneOf } from "./constraints.ts";

// The D1 tables of those who are called, and of what is on its way to them.

/** Who is called when the line stops. */
export const alertTargets = sqliteTable(
  "alert_targets",
  {
    id: text().primaryKey(),
    name: text().notNull(),
    kind: text({ enum: ALERT_KINDS }).notNull(),
    url: text().notNull(),
    /** What a webhook's requests are signed with. */
    secret: text(),
    events: text({ mode: "json" }).$type<ChosenEvent[]>().notNull(),
    stillOpenAfterMinutes: integer("still_open_after_minutes").notNull(),
    createdAt: integer("created_at").notNull(),
    disabledAt: integer("disabled_at"),
  },
  () => [
    check("alert_kind", oneOf("kind", ALERT_KINDS)),
    check("alert_secret", sql`("secret" IS NOT NULL) = ("kind" = 'webhook')`),
  ],
);

/** One fact on its way to one target. */
export const alertDeliveries = sqliteTable(
  "alert_deliveries",
  {
    /** Also the webhook's id. */
    id: text().primaryKey(),
    targetId: text("target_id").notNull(),
    event: text().$type<AlertEvent>().notNull(),
    /** Which occurrence of the event: a target is told of it once. */
    eventKey: text("event_key").notNull(),
    incidentId: text("incident_id"),
    /** The body of the request, the same on every attempt. */
    payload: text().notNull(),
    status: text({ enum: DELIVERY_STATUSES }).notNull(),
    attempts: integer().notNull().default(0),
    /** While PENDING: no attempt begins before. */
    nextAttemptAt: integer("next_attempt_at").notNull(),
    lastError: text("last_error"),
    createdAt: integer("created_at").notNull(),
    deliveredAt: integer("delivered_at"),
  },
  (table) => [
    check("delivery_status", oneOf("status", DELIVERY_STATUSES)),
    uniqueIndex("alert_deliveries_once").on(table.targetId, table.eventKey),
    index("alert_deliveries_pending")
      .on(table.id)
      .where(sql`"status" = 'PENDING'`),
  ],
);
