import { and, asc, desc, eq, gt, inArray, lt, notInArray, type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { JobRow } from "../contract/jobs.ts";
import type { LeadRow } from "../contract/leads.ts";
import { CAMPAIGN_STATUSES, type Campaign, type CampaignStatus } from "../domain/campaign.ts";
import { JOB_STATUSES, type JobHistory, type JobStatus } from "../domain/job.ts";
import { LEAD_OUTCOMES, type LeadOutcome } from "../domain/pipeline.ts";
import { recordOf } from "../domain/record.ts";
import type { JobFilter } from "../ports/jobs.ts";
import { selectCampaigns, toCampaign } from "./campaign-rows.ts";
import { KEPT_COUNTS } from "./job-counts.ts";
import { matches } from "./job-filter.ts";
import { jobs, progressNow as progress } from "./job-schema.ts";
import { campaigns, leads } from "./schema.ts";
import { ANYTHING_UNFINISHED, statement } from "./sql.ts";

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

  /** By the counts that are kept with the rows, whatever their number. */
  const keptCount = async (status: JobStatus | undefined, campaignId: string | undefined): Promise<number> => {
    const where = campaignId ? eq(progress.campaignId, campaignId) : undefined;
    const [counts] = await db.select(KEPT_COUNTS).from(progress).where(where);
    const statuses: readonly JobStatus[] = status ? [status] : JOB_STATUSES;
    return statuses.reduce((sum, each) => sum + (counts?.[each] ?? 0), 0);
  };

  return {
    jobs(filter: JobFilter, page: Page) {
      const where = and(matches(filter), page.cursor ? lt(jobs.id, page.cursor) : undefined);
      return selectJobs(where, page.limit + 1);
    },

    async countJobs(filter: JobFilter): Promise<number> {
      const { status, campaignId, ...others } = filter;
      if (Object.values(others).every((value) => value === undefined)) return keptCount(status, campaignId);
      const [row] = await db
        .select({ count: sql<number>`count(*)` })
        .from(jobs)
        .leftJoin(leads, eq(leads.id, jobs.leadId))
        .where(matches(filter));
      return row?.count ?? 0;
    },

    async jobIds(filter: JobFilter, after: string, limit: number): Promise<string[]> {
      const rows = await db
        .select({ id: jobs.id })
        .from(jobs)
        .leftJoin(leads, eq(leads.id, jobs.leadId))
        .where(and(matches(filter), gt(jobs.id, after)))
        .orderBy(asc(jobs.id))
        .limit(limit);
      return rows.map(({ id }) => id);
    },

    async job(id: string): Promise<JobRow | null> {
      return (await selectJobs(eq(jobs.id, id), 1))[0] ?? null;
    },

    async jobHistory(id: string): Promise<JobHistory> {
      const [row] = await db.select({ history: jobs.history }).from(jobs).where(eq(jobs.id, id)).limit(1);
      return row?.history ?? [];
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
      const where = and(
        filter.status ? eq(campaigns.status, filter.status) : undefined,
        page.cursor ? lt(campaigns.id, page.cursor) : undefined,
      );
      const rows = await selectCampaigns(db)
        .where(where)
        .orderBy(desc(campaigns.id))
        .limit(page.limit + 1);
      return rows.map(toCampaign);
    },

    /** Over all campaigns, from the counts that are kept with the rows. */
    async jobCounts(): Promise<Record<JobStatus, number>> {
      const [row] = await db.select(KEPT_COUNTS).from(progress);
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

    /** Whether any job or campaign is unfinished, and how large the database is. */
    async ping(): Promise<{ due: boolean; sizeBytes: number }> {
      const { results, meta } = await statement(d1, ANYTHING_UNFINISHED).all<{ unfinished: number }>();
      return { due: results[0]?.unfinished === 1, sizeBytes: meta.size_after };
    },
  };
}

function counted<Key extends string>(keys: readonly Key[], rows: (readonly [Key, number])[]): Record<Key, number> {
  const counts = recordOf(keys, () => 0);
  for (const [key, count] of rows) counts[key] = count;
  return counts;
}
