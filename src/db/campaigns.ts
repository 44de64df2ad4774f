import { and, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { PRIORITY } from "../domain/job.ts";
import type { Campaign, CampaignStatus } from "../domain/campaign.ts";
import type { CampaignStore } from "../ports/campaigns.ts";
import type { JobStanding } from "../ports/jobs.ts";
import { REMOVE_SLICE } from "../operations/slices.ts";
import { selectCampaigns, toCampaign } from "./campaign-rows.ts";
import { campaigns, progress } from "./schema.ts";
import { QUEUES_AT_ONCE, STANDING_RETURNED, STATUS_OF_NEW, statement, tally } from "./sql.ts";

/** Inserts one job where `condition` holds. */
const insertJob = (type: "FETCH_LEADS" | "CLEANUP_CAMPAIGN", condition: string) =>
  `INSERT INTO job_rows (id, campaign_id, type, status, priority, dispatch, queued_at, queued_epoch, progress, created_at)
   SELECT :jobId, :id, '${type}', 'PENDING', ${PRIORITY[type]}, 1, :now, ${QUEUES_AT_ONCE}, :progress, :now
   WHERE ${condition} RETURNING ${STANDING_RETURNED}`;

const countJob = (condition: string) =>
  tally(`SELECT :id AS campaign_id, '' AS was, ${STATUS_OF_NEW} AS becomes WHERE ${condition}`);

const IS_CREATED = "EXISTS (SELECT 1 FROM campaigns WHERE id = :id AND status = 'CREATED')";
const WAS_STARTED = "EXISTS (SELECT 1 FROM campaigns WHERE id = :id AND status <> 'CREATED')";

const REMOVED_IDS = `SELECT id FROM job_rows WHERE campaign_id = :id
  AND EXISTS (SELECT 1 FROM campaigns WHERE id = :id AND status <> 'RUNNING') ORDER BY id LIMIT :limit`;

const SQL = {
  start: "UPDATE campaigns SET status = 'RUNNING', started_at = :now WHERE id = :id AND status = 'CREATED'",
  complete: `UPDATE campaigns SET
      status = CASE WHEN failure IS NULL THEN 'COMPLETED' ELSE 'FAILED' END, error = failure,
      completed_at = CASE WHEN failure IS NULL THEN :now END, failed_at = CASE WHEN failure IS NOT NULL THEN :now END
    FROM (SELECT (SELECT coalesce(error, 'the search for leads failed') FROM job_rows INDEXED BY jobs_of_campaign_itself
      WHERE campaign_id = :id AND type <> 'ENRICH_LEAD' AND type = 'FETCH_LEADS' AND status = 'FAILED' LIMIT 1) AS failure)
    WHERE campaigns.id = :id AND campaigns.status = 'RUNNING'
      AND NOT EXISTS (SELECT 1 FROM job_rows INDEXED BY jobs_unfinished WHERE campaign_id = :id AND finished_at IS NULL)`,
  status: "SELECT status FROM campaigns WHERE id = :id",
  removed: `SELECT jobs.campaign_id, jobs.status AS was, '' AS becomes FROM jobs WHERE jobs.id IN (${REMOVED_IDS})`,
  removable: "EXISTS (SELECT 1 FROM campaigns WHERE id = :id AND status <> 'RUNNING')",
};

export function createCampaignStore(db: D1Database): CampaignStore {
  const drizzled = drizzle(db);
  return {
    async create(campaign) {
      await drizzled.batch([
        drizzled.insert(campaigns).values(campaign),
        drizzled.insert(progress).values({ campaignId: campaign.id }),
      ]);
    },

    async find(id): Promise<Campaign | null> {
      const [row] = await selectCampaigns(drizzled).where(eq(campaigns.id, id));
      return row ? toCampaign(row) : null;
    },

    async update(id, changes) {
      // With nothing to change it still answers whether it could be changed.
      const set = Object.keys(changes).length === 0 ? { id } : changes;
      // A sender campaign that was deleted can be replaced by another whenever that is noticed.
      const isOther = Object.keys(changes).length === 1 && typeof changes.instantlyCampaignId === "string";
      const may = isOther ? undefined : eq(campaigns.status, "CREATED");
      const { meta } = await drizzled
        .update(campaigns)
        .set(set)
        .where(and(eq(campaigns.id, id), may));
      return meta.changes > 0;
    },

    async remove(id) {
      // D1 changes some ten thousand rows a statement. Should this be cut off, the counts are those of the rows that are left.
      for (let gone = REMOVE_SLICE; gone === REMOVE_SLICE;) {
        const values = { id, now: Date.now(), limit: REMOVE_SLICE };
        const [, deleted] = await db.batch([
          statement(db, tally(SQL.removed), values),
          statement(db, `DELETE FROM job_rows WHERE id IN (${REMOVED_IDS})`, values),
        ]);
        gone = deleted?.meta.changes ?? 0;
      }
      const answers = await db.batch([
        statement(db, `DELETE FROM job_rows WHERE campaign_id = :id AND ${SQL.removable}`, { id }),
        statement(db, `DELETE FROM progress WHERE campaign_id = :id AND ${SQL.removable}`, { id }),
        statement(db, "DELETE FROM campaigns WHERE id = :id AND status <> 'RUNNING'", { id }),
      ]);
      return (answers[2]?.meta.changes ?? 0) > 0;
    },

    async start(id, jobId, now) {
      const values = { id, jobId, now, progress: null };
      const answers = await db.batch<JobStanding>([
        statement(db, countJob(IS_CREATED), values),
        statement(db, insertJob("FETCH_LEADS", IS_CREATED), values),
        statement(db, SQL.start, values),
      ]);
      return answers[1]?.results[0] ?? null;
    },

    async complete(id, now) {
      const answers = await db.batch<{ status: CampaignStatus }>([
        statement(db, SQL.complete, { id, now }),
        statement(db, SQL.status, { id }),
      ]);
      return answers[1]?.results[0]?.status ?? null;
    },

    async addCleanup(id, jobId, { olderThanDays, now }) {
      const values = { id, jobId, now, progress: JSON.stringify({ olderThanDays }) };
      const answers = await db.batch<JobStanding>([
        statement(db, countJob(WAS_STARTED), values),
        statement(db, insertJob("CLEANUP_CAMPAIGN", WAS_STARTED), values),
      ]);
      return answers[1]?.results[0] ?? null;
    },
  };
}
