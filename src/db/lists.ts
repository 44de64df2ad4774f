import { and, desc, eq, inArray, lt, notInArray, type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { JobRow } from "../contract/jobs.ts";
import type { LeadRow } from "../contract/leads.ts";
import { CAMPAIGN_STATUSES, type Campaign, type CampaignStatus } from "../domain/campaign.ts";
import { JOB_STATUSES, type JobStatus, type JobType } from "../domain/job.ts";
import { LEAD_OUTCOMES, type LeadOutcome } from "../domain/pipeline.ts";
import { type CampaignRow, SELECT_CAMPAIGN, toCampaign } from "./campaign-rows.ts";
import { campaigns, jobs, leads, progress } from "./schema.ts";
import { statement } from "./sql.ts";

export interface Page {
  limit: number;
  cursor?: string | undefined;
}

/** What the API shows of the rows. Lists are newest first; each asks for one more than it shows, to know of a next page. */
export type Lists = ReturnType<typeof createLists>;

/** People who are only reserved, or were dropped, are no leads yet. */
const HIDDEN = ["reserved", "dropped"] as const;

const JOB_COLUMNS = {
  id: jobs.id,
  campaignId: jobs.campaignId,
  leadId: jobs.leadId,
  type: jobs.type,
  status: jobs.status,
  priority: jobs.priority,
  dispatch: jobs.dispatch,
  attempts: jobs.attempts,
  leaseUntil: jobs.leaseUntil,
  pauseReason: jobs.pauseReason,
  error: jobs.error,
  progress: jobs.progress,
  result: jobs.result,
  createdAt: jobs.createdAt,
  startedAt: jobs.startedAt,
  finishedAt: jobs.finishedAt,
  leadStage: leads.stage,
};

export function createLists(d1: D1Database) {
  const db = drizzle(d1);
  const selectJobs = (where: SQL | undefined, limit: number): Promise<JobRow[]> =>
    db
      .select(JOB_COLUMNS)
      .from(jobs)
      .leftJoin(leads, eq(leads.id, jobs.leadId))
      .where(where)
      .orderBy(desc(jobs.id))
      .limit(limit);

  return {
    jobs(
      filter: { status?: JobStatus | undefined; type?: JobType | undefined; campaignId?: string | undefined },
      page: Page,
    ) {
      const where = and(
        filter.campaignId ? eq(jobs.campaignId, filter.campaignId) : undefined,
        filter.status ? eq(jobs.status, filter.status) : undefined,
        filter.type ? eq(jobs.type, filter.type) : undefined,
        page.cursor ? lt(jobs.id, page.cursor) : undefined,
      );
      return selectJobs(where, page.limit + 1);
    },

    async job(id: string): Promise<JobRow | null> {
      return (await selectJobs(eq(jobs.id, id), 1))[0] ?? null;
    },

    leads(
      filter: { campaignId?: string | undefined; outcome?: LeadOutcome | undefined },
      page: Page,
    ): Promise<LeadRow[]> {
      const where = and(
        filter.campaignId ? eq(leads.campaignId, filter.campaignId) : undefined,
        filter.outcome ? eq(leads.outcome, filter.outcome) : undefined,
        notInArray(leads.stage, [...HIDDEN]),
        page.cursor ? lt(leads.id, page.cursor) : undefined,
      );
      return db
        .select()
        .from(leads)
        .where(where)
        .orderBy(desc(leads.id))
        .limit(page.limit + 1);
    },

    async lead(id: string): Promise<LeadRow | null> {
      const [row] = await db.select().from(leads).where(eq(leads.id, id)).limit(1);
      return row ?? null;
    },

    async leadStats(campaignId: string): Promise<Record<LeadOutcome, number>> {
      const rows = await db
        .select({ outcome: leads.outcome, count: sql<number>`count(*)` })
        .from(leads)
        .where(and(eq(leads.campaignId, campaignId), notInArray(leads.stage, [...HIDDEN])))
        .groupBy(leads.outcome);
      return counted(
        LEAD_OUTCOMES,
        rows.map((row) => [row.outcome, row.count] as const),
      );
    },

    async campaigns(filter: { status?: CampaignStatus | undefined }, page: Page): Promise<Campaign[]> {
      const where = [
        ...(filter.status ? ["campaigns.status = :status"] : []),
        ...(page.cursor ? ["campaigns.id < :cursor"] : []),
      ];
      const { results } = await statement(
        d1,
        `${SELECT_CAMPAIGN} ${where.length > 0 ? `WHERE ${where.join(" AND ")}` : ""} ORDER BY campaigns.id DESC LIMIT :limit`,
        { status: filter.status ?? null, cursor: page.cursor ?? null, limit: page.limit + 1 },
      ).all<CampaignRow>();
      return results.map(toCampaign);
    },

    /** Over all campaigns, from the counts that are kept with the rows. */
    async jobCounts(): Promise<Record<JobStatus, number>> {
      const sum = (column: keyof typeof columns) => sql<number>`coalesce(sum(${columns[column]}), 0)`;
      const columns = {
        PENDING: progress.pending,
        RUNNING: progress.running,
        PAUSED: progress.paused,
        COMPLETED: progress.completed,
        FAILED: progress.failed,
        CANCELLED: progress.cancelled,
      };
      const [row] = await db
        .select({
          PENDING: sum("PENDING"),
          RUNNING: sum("RUNNING"),
          PAUSED: sum("PAUSED"),
          COMPLETED: sum("COMPLETED"),
          FAILED: sum("FAILED"),
          CANCELLED: sum("CANCELLED"),
        })
        .from(progress);
      return row ?? counted(JOB_STATUSES, []);
    },

    async campaignCounts(): Promise<Record<CampaignStatus, number>> {
      const rows = await db
        .select({ status: campaigns.status, count: sql<number>`count(*)` })
        .from(campaigns)
        .where(inArray(campaigns.status, [...CAMPAIGN_STATUSES]))
        .groupBy(campaigns.status);
      return counted(
        CAMPAIGN_STATUSES,
        rows.map((row) => [row.status, row.count] as const),
      );
    },

    async ping(): Promise<void> {
      await db.run(sql`SELECT 1`);
    },
  };
}

function counted<Key extends string>(keys: readonly Key[], rows: (readonly [Key, number])[]): Record<Key, number> {
  const counts = Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;
  for (const [key, count] of rows) counts[key] = count;
  return counts;
}
