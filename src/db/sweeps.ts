import { InvariantError } from "../domain/invariant.ts";
import { QUIET_MS } from "../domain/job.ts";
import type { SeenGate } from "../domain/reconcile.ts";
import type { JobKey } from "../domain/sweep.ts";
import type { Movement } from "../domain/stalled.ts";
import type { JobStanding } from "../ports/jobs.ts";
import type { KeyRange, ResumedJob, SweepStore } from "../ports/resume.ts";
import {
  AGAIN_AT_ONCE,
  ANYTHING_UNFINISHED,
  type Move,
  move,
  QUEUED_NOW,
  SAME_DISPATCH,
  STANDING_RETURNED,
  statement,
  UNFINISHED,
} from "./sql.ts";

const RESUMED = `${STANDING_RETURNED}, created_at > :since AS late`;

const UNFINISHED_TOTAL = `SELECT coalesce(sum(${UNFINISHED}), 0) AS unfinished FROM progress`;

const SQL = {
  // The reason stays when the gate closes: it is what jobs are told of that still wait, and it says that a resume runs.
  setGate: `UPDATE breaker_gate SET state = :state, epoch = :epoch, reason = :reason, restored_at = coalesce(:restoredAt, restored_at)
    WHERE id = 1 AND (epoch < :epoch OR epoch = :epoch AND :restoredAt > coalesce(restored_at, 0))`,
  seenGate: "SELECT state, epoch, reason, looked_at AS lookedAt FROM breaker_gate WHERE id = 1",
  // One that comes late, of a life before, must not look like a database that was taken back.
  noteLook: "UPDATE breaker_gate SET looked_at = max(coalesce(looked_at, 0), :now) WHERE id = 1",
  // With a pace it lasts as long as a search that may find more: else what that finds would not be held to it.
  endResume: `UPDATE breaker_gate SET reason = NULL WHERE id = 1 AND epoch = :epoch AND state = 'closed'
    AND NOT EXISTS (SELECT 1 FROM job_rows INDEXED BY jobs_unqueued WHERE queued_epoch IS NULL AND finished_at IS NULL)
    AND (:paced = 0 OR NOT EXISTS (SELECT 1 FROM job_rows INDEXED BY jobs_of_campaign_itself
      WHERE type <> 'ENRICH_LEAD' AND type = 'FETCH_LEADS' AND finished_at IS NULL))`,
  isResumeOwed:
    "SELECT 1 FROM breaker_gate WHERE id = 1 AND epoch = :epoch AND state = 'closed' AND reason IS NOT NULL",
  sliceEnd: `SELECT campaign_id AS campaignId, id AS jobId FROM job_rows
    WHERE finished_at IS NULL AND (campaign_id, id) > (:fromCampaign, :fromJob)
    ORDER BY campaign_id, id LIMIT 1 OFFSET :skip`,
  countWritten: `SELECT count(*) AS count FROM json_each(:ids) AS m CROSS JOIN job_rows CROSS JOIN leads
    WHERE job_rows.id = m.value AND leads.id = job_rows.lead_id AND leads.stage = 'written'`,
  campaignsToComplete: `SELECT campaigns.id FROM campaigns JOIN progress ON progress.campaign_id = campaigns.id
    WHERE campaigns.status = 'RUNNING' AND ${UNFINISHED} = 0 LIMIT :limit`,
  movement: `SELECT coalesce(sum(completed + failed + cancelled + leads_found + leads_verified + leads_rejected + leads_researched
      + leads_written + leads_pushed + leads_failed), 0) AS ended, coalesce(sum(pending + running + paused), 0) AS unfinished,
      coalesce(sum(running), 0) AS running
    FROM campaigns INDEXED BY campaigns_running CROSS JOIN progress_now AS progress ON progress.campaign_id = campaigns.id
    WHERE campaigns.status = 'RUNNING'`,
};

/** Rows of the range, found by the partial index of unfinished jobs. */
function within(range: KeyRange): { sql: string; values: Record<string, string> } {
  const from = { fromCampaign: range.from.campaignId, fromJob: range.from.jobId };
  const sql = "jobs.finished_at IS NULL AND (jobs.campaign_id, jobs.id) > (:fromCampaign, :fromJob)";
  if (!range.to) return { sql, values: from };
  return {
    sql: `${sql} AND (jobs.campaign_id, jobs.id) <= (:toCampaign, :toJob)`,
    values: { ...from, toCampaign: range.to.campaignId, toJob: range.to.jobId },
  };
}

/** A statement of a resume may reach D1 long after the breaker has moved on: then it changes nothing. */
const RUNS_AT_EPOCH = `coalesce(:epoch = ${QUEUED_NOW}, false)`;
/** No earlier attempt may be alive. */
const FREE = "(jobs.lease_until IS NULL OR jobs.lease_until < :now)";
const NOT_QUEUED = "jobs.queued_epoch IS NOT :epoch";
/** Found by the small index over them. */
const UNQUEUED = "jobs.queued_epoch IS NULL AND jobs.finished_at IS NULL";

/** → PENDING with a new dispatch, under this epoch. */
const QUEUED = `, dispatch = jobs.dispatch + 1, queued_at = :now, queued_epoch = :epoch, lease_until = NULL`;

/** The same for what the watchdog finds; while a resume runs it waits its turn in it instead. */
const AGAIN = `, dispatch = jobs.dispatch + ${AGAIN_AT_ONCE}, queued_at = :now, lease_until = NULL,
  queued_epoch = CASE WHEN ${AGAIN_AT_ONCE} THEN jobs.queued_epoch END`;
const AGAIN_SHOWS = `CASE WHEN ${AGAIN_AT_ONCE} THEN 'PENDING' ELSE 'PAUSED' END`;
/** Each message that nobody came with doubles the wait for the next, up to sixteen times. */
const PATIENCE = `${QUIET_MS} * ((1 << min(4, max(0, jobs.dispatch - 1 - jobs.attempts))) - 1)`;
const IS_QUEUED = `jobs.queued_epoch = ${QUEUED_NOW}`;

const AS_LOST = { becomes: "'PENDING'", shows: AGAIN_SHOWS, set: AGAIN, returning: STANDING_RETURNED };
const AS_RESUMED = { becomes: "'PENDING'", set: QUEUED, returning: RESUMED };

export function createSweepStore(db: D1Database): SweepStore {
  /** Moves jobs, and does `also` in the same batch. Returns the rows that moved. */
  const moved = async <Row>(
    change: Move,
    values: Record<string, string | number | null>,
    also: D1PreparedStatement[] = [],
  ): Promise<Row[]> => {
    const answers = await db.batch<Row>([...move(db, change, values), ...also]);
    return answers[1]?.results ?? [];
  };
  /** Queues again what is queued under this epoch and got lost, for the rows of the range that `where` picks. */
  const queueAgain = (range: KeyRange, where: string, values: Record<string, number>) => {
    const rows = within(range);
    const change = {
      ...AS_LOST,
      where: `${rows.sql} AND ${where} AND ${IS_QUEUED}`,
    };
    return moved<JobStanding>(change, { ...rows.values, ...values });
  };

  return {
    async setGate({ state, epoch, reason, restoredAt = null }) {
      const [, total] = await db.batch<{ unfinished: number }>([
        statement(db, SQL.setGate, { state, epoch, reason, restoredAt }),
        statement(db, UNFINISHED_TOTAL),
      ]);
      return { unfinished: total?.results[0]?.unfinished ?? 0 };
    },

    async seenGate() {
      const gate = await statement(db, SQL.seenGate).first<SeenGate>();
      if (!gate) throw new InvariantError("db/sweeps: the gate has no row");
      return gate;
    },

    async noteLook(now) {
      await statement(db, SQL.noteLook, { now }).run();
    },

    async endResume(epoch, paced) {
      const ended = await statement(db, SQL.endResume, { epoch, paced: paced ? 1 : 0 }).run();
      return ended.meta.changes > 0;
    },

    async isResumeOwed(epoch) {
      return (await statement(db, SQL.isResumeOwed, { epoch }).first()) !== null;
    },

    async sliceEnd(from, limit) {
      const values = { fromCampaign: from.campaignId, fromJob: from.jobId, skip: limit - 1 };
      return statement(db, SQL.sliceEnd, values).first<JobKey>();
    },

    async resumableEnd(range, { epoch, limit, now }) {
      const rows = within(range);
      const sql = `SELECT campaign_id AS campaignId, id AS jobId FROM job_rows AS jobs
        WHERE ${rows.sql} AND ${NOT_QUEUED} AND ${FREE} ORDER BY campaign_id, id LIMIT 1 OFFSET :skip`;
      return statement(db, sql, { ...rows.values, epoch, now, skip: limit - 1 }).first<JobKey>();
    },

    async resume(range, resume, now) {
      const rows = within(range);
      const values = { ...rows.values, ...resume, now };
      const where = `${rows.sql} AND ${NOT_QUEUED} AND ${FREE} AND ${RUNS_AT_EPOCH}`;
      // Whoever still has an attempt is found again without a look at all the others.
      const unqueue = `UPDATE job_rows AS jobs SET queued_epoch = NULL WHERE ${rows.sql} AND jobs.queued_epoch IS NOT NULL
        AND ${NOT_QUEUED} AND ${RUNS_AT_EPOCH}`;
      return moved<ResumedJob>({ ...AS_RESUMED, where }, values, [statement(db, unqueue, values)]);
    },

    async resumeRest(resume, limit, now) {
      const rest = `SELECT jobs.id FROM job_rows AS jobs INDEXED BY jobs_unqueued WHERE ${UNQUEUED} AND ${FREE}
        ORDER BY jobs.campaign_id, jobs.id LIMIT :limit`;
      const where = `jobs.id IN (${rest}) AND ${RUNS_AT_EPOCH}`;
      const values = { ...resume, limit, now };
      // A row that a statement returns does not tell any more when it was queued before.
      const [again, , resumed] = await db.batch<ResumedJob>([
        statement(
          db,
          `SELECT jobs.id AS jobId FROM job_rows AS jobs WHERE ${where} AND jobs.queued_at >= :since`,
          values,
        ),
        ...move(db, { ...AS_RESUMED, where }, values),
      ]);
      const handedOn = new Set((again?.results ?? []).map(({ jobId }) => jobId));
      return (resumed?.results ?? []).map((job) => ({ ...job, late: handedOn.has(job.jobId) ? 1 : job.late }));
    },

    async countWritten(jobs) {
      const ids = JSON.stringify(jobs.map(({ jobId }) => jobId));
      return (await statement(db, SQL.countWritten, { ids }).first<number>("count")) ?? 0;
    },

    takeBack: (range, now) => queueAgain(range, "jobs.status = 'RUNNING' AND jobs.lease_until < :now", { now }),

    redispatch: (range, { leads, campaigns }, now) =>
      queueAgain(
        range,
        `jobs.status = 'PENDING'
         AND jobs.queued_at < CASE jobs.type WHEN 'ENRICH_LEAD' THEN :leads ELSE :campaigns END - ${PATIENCE}`,
        { leads, campaigns, now },
      ),

    redispatchIf: (dispatches, now) =>
      moved<JobStanding>(
        {
          ...AS_LOST,
          from: "json_each(:dispatches) AS m",
          where: `${SAME_DISPATCH} AND jobs.status = 'PENDING' AND ${IS_QUEUED}`,
        },
        { dispatches: JSON.stringify(dispatches), now },
      ),

    async campaignsToComplete(limit) {
      const { results } = await statement(db, SQL.campaignsToComplete, { limit }).all<{ id: string }>();
      return results.map((row) => row.id);
    },

    async movement() {
      const seen = await statement(db, SQL.movement).first<Movement>();
      return seen ?? { ended: 0, unfinished: 0, running: 0 };
    },

    async anythingUnfinished() {
      return (await statement(db, ANYTHING_UNFINISHED).first<number>("unfinished")) === 1;
    },
  };
}
