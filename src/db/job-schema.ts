import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, sqliteTable, sqliteView, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { JOB_STATUSES, JOB_TYPES, type JobHistory, type SearchPosition } from "../domain/job.ts";
import { anyOf } from "./constraints.ts";

/** What a row has, and the view over it shows. Made anew for each: a column belongs to one. */
const columns = () => ({
  id: text().notNull(),
  campaignId: text("campaign_id").notNull(),
  leadId: text("lead_id"),
  type: text({ enum: JOB_TYPES }).notNull(),
  status: text({ enum: JOB_STATUSES }).notNull(),
  priority: integer().notNull(),
  dispatch: integer().notNull(),
  attempts: integer().notNull().default(0),
  leaseUntil: integer("lease_until"),
  /** When the row last became PENDING: the watchdog's measure of a message that never came. */
  queuedAt: integer("queued_at"),
  /** The gate's epoch under which it was last queued; null for one that waits for a resume. */
  queuedEpoch: integer("queued_epoch"),
  /** In the row it is of an earlier release, and not written any more. */
  pauseReason: text("pause_reason"),
  error: text(),
  progress: text({ mode: "json" }).$type<SearchPosition>(),
  result: text({ mode: "json" }).$type<unknown>(),
  /** JSON; its attempts, newest last. Written only where the row is written anyway. */
  history: text({ mode: "json" }).$type<JobHistory>(),
  createdAt: integer("created_at").notNull(),
  startedAt: integer("started_at"),
  finishedAt: integer("finished_at"),
});

/** What its last attempts weigh that our own platform ended (`afterDisturbance`). Of the row alone. */
const disturbed = integer().notNull().default(0);

/**
 * What happened to each job, and under which of the gate's epochs it was last queued. PAUSED is not written here: it is what
 * an unfinished job is whose epoch is not the one in which the line runs (the view `jobs`). A stop writes no row of it.
 * Clustered by campaign, WITHOUT ROWID in the migration: what a sweep or a list reads lies together.
 */
export const jobRows = sqliteTable("job_rows", { ...columns(), disturbed }, (table) => [
  check("job_type", anyOf("type", JOB_TYPES)),
  check("job_status", anyOf("status", JOB_STATUSES)),
  check("job_finished", sql`("finished_at" IS NULL) = (${anyOf("status", ["PENDING", "RUNNING", "PAUSED"])})`),
  primaryKey({ columns: [table.campaignId, table.id] }),
  uniqueIndex("jobs_id").on(table.id),
  // Keyed by what never changes and filtered by what changes once, so a job's changes of status do not touch it.
  index("jobs_unfinished")
    .on(table.campaignId, table.id)
    .where(sql`"finished_at" IS NULL`),
  // What was made, or left by its attempt, while the line stood or a resume ran: few, and found without a look at the others.
  index("jobs_unqueued")
    .on(table.campaignId, table.id)
    .where(sql`"queued_epoch" IS NULL AND "finished_at" IS NULL`),
  // A campaign's own jobs: a handful among those of its leads.
  index("jobs_of_campaign_itself")
    .on(table.campaignId, table.id)
    .where(sql`"type" <> 'ENRICH_LEAD'`),
  index("jobs_failed")
    .on(table.id)
    .where(sql`"status" = 'FAILED'`),
]);

/** The jobs as everybody sees them: the view of that name, made by a migration. */
export const jobs = sqliteView("jobs", {
  ...columns(),
  /** As the row has it: what finished jobs are found by, because an index knows it. */
  rowStatus: text("row_status", { enum: JOB_STATUSES }).notNull(),
}).existing();

const count = (column: string) => integer(column).notNull();

/** The counts of each campaign as they are now: the view of that name. */
export const progressNow = sqliteView("progress_now", {
  campaignId: text("campaign_id").notNull(),
  pending: count("pending"),
  running: count("running"),
  paused: count("paused"),
  completed: count("completed"),
  failed: count("failed"),
  cancelled: count("cancelled"),
  leadsFound: count("leads_found"),
  leadsVerified: count("leads_verified"),
  leadsRejected: count("leads_rejected"),
  leadsResearched: count("leads_researched"),
  leadsWritten: count("leads_written"),
  leadsPushed: count("leads_pushed"),
  leadsFailed: count("leads_failed"),
  failingReason: text("failing_reason"),
  failingCount: count("failing_count"),
  failingSince: integer("failing_since"),
  updatedAt: integer("updated_at"),
}).existing();
