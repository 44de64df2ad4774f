import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { CAMPAIGN_STATUSES } from "../domain/campaign.ts";
import { FAILING_AFTER } from "../domain/failing.ts";
import type { Copy, LeadProfile, MessageBrief, Paid, Push, Research, Search, Verification } from "../domain/lead.ts";
import { LEAD_OUTCOMES, LEAD_STAGES } from "../domain/pipeline.ts";
import { anyOf, oneOf } from "./constraints.ts";

/**
 * The D1 tables. Times are milliseconds since 1970. Every index entry that changes is a written row, and written rows
 * are the bill: an index here is either never updated, or touched only when a job finishes.
 */

export const campaigns = sqliteTable(
  "campaigns",
  {
    id: text().primaryKey(),
    name: text().notNull(),
    description: text(),
    targetLeads: integer("target_leads").notNull(),
    search: text({ mode: "json" }).$type<Search>().notNull(),
    message: text({ mode: "json" }).$type<MessageBrief>().notNull(),
    instantlyCampaignId: text("instantly_campaign_id"),
    refuseCatchAll: integer("refuse_catch_all", { mode: "boolean" }).notNull(),
    status: text({ enum: CAMPAIGN_STATUSES }).notNull(),
    error: text(),
    createdAt: integer("created_at").notNull(),
    startedAt: integer("started_at"),
    completedAt: integer("completed_at"),
    failedAt: integer("failed_at"),
  },
  (table) => [
    check("campaign_status", oneOf("status", CAMPAIGN_STATUSES)),
    check("campaign_target", sql`"target_leads" BETWEEN 1 AND 50000`),
    index("campaigns_running")
      .on(table.id)
      .where(sql`"status" = 'RUNNING'`),
  ],
);

/** One row a campaign: how many jobs are in each status, how many leads got how far. Written with what it counts. */
export const progress = sqliteTable(
  "progress",
  {
    campaignId: text("campaign_id").primaryKey(),
    pending: integer().notNull().default(0),
    running: integer().notNull().default(0),
    paused: integer().notNull().default(0),
    completed: integer().notNull().default(0),
    failed: integer().notNull().default(0),
    cancelled: integer().notNull().default(0),
    leadsFound: integer("leads_found").notNull().default(0),
    leadsVerified: integer("leads_verified").notNull().default(0),
    leadsRejected: integer("leads_rejected").notNull().default(0),
    leadsResearched: integer("leads_researched").notNull().default(0),
    leadsWritten: integer("leads_written").notNull().default(0),
    leadsPushed: integer("leads_pushed").notNull().default(0),
    leadsFailed: integer("leads_failed").notNull().default(0),
    /** The streak of failures that the last leads to end are: why all of them failed, how many, since when. */
    failingReason: text("failing_reason"),
    failingCount: integer("failing_count").notNull().default(0),
    failingSince: integer("failing_since"),
    updatedAt: integer("updated_at"),
    /** The gate's epoch at the last change: with every later one, all that is unfinished is PAUSED. */
    epoch: integer().notNull().default(0),
  },
  (table) => [
    // Keyed by the last change, so that what was told long ago is not read again.
    index("progress_failing")
      .on(table.updatedAt)
      .where(sql`"failing_count" >= ${sql.raw(String(FAILING_AFTER))}`),
  ],
);

// Clustered by campaign, WITHOUT ROWID in the migration: what a list reads lies together. So are the rows of jobs.
export const leads = sqliteTable(
  "leads",
  {
    id: text().notNull(),
    campaignId: text("campaign_id").notNull(),
    /** Apollo's id. Unique over all campaigns: the first to reserve a person owns them, and they are paid for once. */
    personId: text("person_id").notNull(),
    email: text(),
    profile: text({ mode: "json" }).$type<LeadProfile>(),
    stage: text({ enum: LEAD_STAGES }).notNull(),
    outcome: text({ enum: LEAD_OUTCOMES }).notNull().default("open"),
    error: text(),
    verification: text({ mode: "json" }).$type<Paid<Verification>>(),
    research: text({ mode: "json" }).$type<Paid<Research>>(),
    copy: text({ mode: "json" }).$type<Paid<Copy>>(),
    push: text({ mode: "json" }).$type<Paid<Push>>(),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [
    check("lead_stage", anyOf("stage", LEAD_STAGES)),
    check("lead_outcome", anyOf("outcome", LEAD_OUTCOMES)),
    uniqueIndex("leads_person").on(table.personId),
    // Not of those who are reserved: they have no address yet, and an entry is a written row.
    uniqueIndex("leads_email")
      .on(table.email)
      .where(sql`"email" IS NOT NULL`),
    primaryKey({ columns: [table.campaignId, table.id] }),
    uniqueIndex("leads_id").on(table.id),
    // Written only when a lead is given up, or opened again by a retry.
    index("leads_given_up")
      .on(table.campaignId, table.stage)
      .where(sql`"outcome" IN ('failed', 'cancelled')`),
    // Leads that the sender turned down when they were written already: few, and counted as written and as rejected.
    index("leads_turned_down")
      .on(table.campaignId)
      .where(sql`"outcome" = 'rejected' AND "stage" = 'written'`),
  ],
);

/** One row, written only by the Breaker: what every claim checks in its own statement. */
export const breakerGate = sqliteTable(
  "breaker_gate",
  {
    id: integer().primaryKey(),
    state: text({ enum: ["open", "closed"] }).notNull(),
    epoch: integer().notNull(),
    /** Why it is open: what a job carries that is written PAUSED from the start. */
    reason: text(),
    /**
     * When the database was found taken back to an earlier moment: of what is older than this the services may know more
     * than the rows do.
     */
    restoredAt: integer("restored_at"),
    /** When the watchdog last looked and wrote so: a database that tells an earlier time than the Breaker was taken back. */
    lookedAt: integer("looked_at"),
  },
  () => [check("gate_single", sql`"id" = 1`), check("gate_state", oneOf("state", ["open", "closed"]))],
);

export const tokens = sqliteTable(
  "tokens",
  {
    /** Public part of the token, by which its row is found. */
    id: text().primaryKey(),
    name: text().notNull(),
    role: text({ enum: ["viewer", "operator", "admin"] }).notNull(),
    /** SHA-256 of the secret part, hexadecimal. */
    hash: text().notNull(),
    createdAt: integer("created_at").notNull(),
    /** Noted at most once an hour. */
    lastUsedAt: integer("last_used_at"),
    expiresAt: integer("expires_at"),
    revokedAt: integer("revoked_at"),
  },
  () => [check("token_role", oneOf("role", ["viewer", "operator", "admin"]))],
);

/** Who is signed in to the console. Only the hash of what the browser holds is here. */
export const sessions = sqliteTable(
  "sessions",
  {
    /** SHA-256 of the session's secret, hexadecimal. */
    hash: text().primaryKey(),
    name: text().notNull(),
    role: text({ enum: ["viewer", "operator", "admin"] }).notNull(),
    /** The token that signed in, and without which the session is over; null for the sandbox's fixed tokens. */
    tokenId: text("token_id"),
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at").notNull(),
  },
  () => [check("session_role", oneOf("role", ["viewer", "operator", "admin"]))],
);

/** Queue messages that no job could be made of. Kept for a person to look at. */
export const parkedMessages = sqliteTable("parked_messages", {
  id: text().primaryKey(),
  queue: text().notNull(),
  body: text().notNull(),
  problem: text().notNull(),
  parkedAt: integer("parked_at").notNull(),
});
