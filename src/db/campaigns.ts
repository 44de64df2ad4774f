import { PRIORITY } from "../domain/job.ts";
import type { Campaign, CampaignDraft, CampaignStatus } from "../domain/campaign.ts";
import type { CampaignStore } from "../ports/campaigns.ts";
import type { JobStanding } from "../ports/jobs.ts";
import { REMOVE_SLICE } from "../operations/slices.ts";
import { type CampaignRow, toCampaign, SELECT_CAMPAIGN } from "./campaign-rows.ts";
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
  create: `INSERT INTO campaigns (id, name, description, target_leads, search, message, instantly_campaign_id,
      refuse_catch_all, status, created_at)
    VALUES (:id, :name, :description, :targetLeads, :search, :message, :instantlyCampaignId, :refuseCatchAll, 'CREATED', :createdAt)`,
  createProgress: "INSERT INTO progress (campaign_id) VALUES (:id)",
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

const COLUMNS: Record<keyof CampaignDraft, string> = {
  name: "name",
  description: "description",
  targetLeads: "target_leads",
  search: "search",
  message: "message",
  instantlyCampaignId: "instantly_campaign_id",
  refuseCatchAll: "refuse_catch_all",
};

const toColumn = (value: unknown): string | number | null => {
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return value as string | number | null;
};

export function createCampaignStore(db: D1Database): CampaignStore {
  return {
    async create(campaign) {
      const { id, createdAt, ...draft } = campaign;
      const values = Object.fromEntries(
        Object.keys(COLUMNS).map((key) => [key, toColumn(draft[key as keyof CampaignDraft])]),
      );
      await db.batch([
        statement(db, SQL.create, { ...values, id, createdAt }),
        statement(db, SQL.createProgress, { id }),
      ]);
    },

    async find(id): Promise<Campaign | null> {
      const row = await statement(db, `${SELECT_CAMPAIGN} WHERE campaigns.id = :id`, { id }).first<CampaignRow>();
      return row && toCampaign(row);
    },

    async update(id, changes) {
      const keys = Object.keys(changes) as (keyof CampaignDraft)[];
      // A sender campaign that was deleted can be replaced by another whenever that is noticed.
      // With nothing to change it still answers whether it could be changed.
      const set = keys.length === 0 ? "id = id" : keys.map((key) => `${COLUMNS[key]} = :${key}`).join(", ");
      const values = Object.fromEntries(keys.map((key) => [key, toColumn(changes[key])]));
      const isOther = keys.length === 1 && typeof changes.instantlyCampaignId === "string";
      const sql = `UPDATE campaigns SET ${set} WHERE id = :id ${isOther ? "" : "AND status = 'CREATED'"}`;
      return (await statement(db, sql, { ...values, id }).run()).meta.changes > 0;
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
