import type { JobKey } from "../domain/sweep.ts";
import type { JobStanding } from "../operations/jobs.ts";
import type { KeyRange, SweepStore } from "../operations/sweeps.ts";
import { GATE_CLOSED, move, statement, UNFINISHED } from "./sql.ts";

const STANDING = "id AS jobId, dispatch, status, type, priority";

const UNFINISHED_TOTAL = `SELECT coalesce(sum(${UNFINISHED}), 0) AS unfinished FROM progress`;

const SQL = {
  setGate: "UPDATE breaker_gate SET state = :state, epoch = :epoch, reason = :reason WHERE id = 1 AND epoch < :epoch",
  countPaused: "SELECT coalesce(sum(paused), 0) AS paused FROM progress",
  sliceEnd: `SELECT campaign_id AS campaignId, id AS jobId FROM jobs
    WHERE finished_at IS NULL AND (campaign_id, id) > (:fromCampaign, :fromJob)
    ORDER BY campaign_id, id LIMIT 1 OFFSET :skip`,
  campaignsToComplete: `SELECT campaigns.id FROM campaigns JOIN progress ON progress.campaign_id = campaigns.id
    WHERE campaigns.status = 'RUNNING' AND ${UNFINISHED} = 0 LIMIT :limit`,
  anythingUnfinished: `SELECT EXISTS (SELECT 1 FROM campaigns WHERE status = 'RUNNING')
    OR EXISTS (SELECT 1 FROM jobs WHERE finished_at IS NULL) AS unfinished`,
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

/** A statement of a sweep may reach D1 long after the breaker has moved on: then it changes nothing. */
const SHOWS_EPOCH = "(SELECT epoch FROM breaker_gate WHERE id = 1) = :epoch";

/** Paused, and no earlier attempt may be alive. */
const RESUMABLE = "jobs.status = 'PAUSED' AND (jobs.lease_until IS NULL OR jobs.lease_until < :now)";

const AGAIN = ", dispatch = jobs.dispatch + 1, queued_at = :now, lease_until = NULL, pause_reason = NULL";

export function createSweepStore(db: D1Database): SweepStore {
  /** → PENDING with a new dispatch, for the rows of the range that `where` picks. */
  const queueAgain = async (range: KeyRange, where: string, values: Record<string, number>): Promise<JobStanding[]> => {
    const rows = within(range);
    const answers = await db.batch<JobStanding>([
      ...move(
        db,
        { where: `${rows.sql} AND ${where} AND ${GATE_CLOSED}`, becomes: "'PENDING'", set: AGAIN, returning: STANDING },
        { ...rows.values, ...values },
      ),
    ]);
    return answers[1]?.results ?? [];
  };

  return {
    async setGate({ state, epoch, reason }) {
      const [, total] = await db.batch<{ unfinished: number }>([
        statement(db, SQL.setGate, { state, epoch, reason }),
        statement(db, UNFINISHED_TOTAL),
      ]);
      return { unfinished: total?.results[0]?.unfinished ?? 0 };
    },

    async countUnfinished() {
      return (await statement(db, UNFINISHED_TOTAL).first<number>("unfinished")) ?? 0;
    },

    async countPaused() {
      return (await statement(db, SQL.countPaused).first<number>("paused")) ?? 0;
    },

    async sliceEnd(from, limit) {
      const values = { fromCampaign: from.campaignId, fromJob: from.jobId, skip: limit - 1 };
      return statement(db, SQL.sliceEnd, values).first<JobKey>();
    },

    async pause(range, { epoch, reason }, now) {
      const rows = within(range);
      const [, paused] = await db.batch([
        ...move(
          db,
          {
            where: `${rows.sql} AND ${SHOWS_EPOCH}
              AND (jobs.status IN ('PENDING', 'RUNNING') OR jobs.status = 'PAUSED' AND jobs.pause_reason IS NOT :reason)`,
            becomes: "'PAUSED'",
            set: ", pause_reason = :reason",
          },
          { ...rows.values, epoch, reason, now },
        ),
      ]);
      return paused?.meta.changes ?? 0;
    },

    async resumableEnd(range, limit, now) {
      const rows = within(range);
      const sql = `SELECT campaign_id AS campaignId, id AS jobId FROM jobs WHERE ${rows.sql} AND ${RESUMABLE}
        ORDER BY campaign_id, id LIMIT 1 OFFSET :skip`;
      return statement(db, sql, { ...rows.values, now, skip: limit - 1 }).first<JobKey>();
    },

    resume: (range, epoch, now) => queueAgain(range, `${RESUMABLE} AND ${SHOWS_EPOCH}`, { epoch, now }),

    takeBack: (range, now) => queueAgain(range, "jobs.status = 'RUNNING' AND jobs.lease_until < :now", { now }),

    redispatch: (range, { leads, campaigns }, now) =>
      queueAgain(
        range,
        `jobs.status = 'PENDING'
         AND jobs.queued_at < CASE jobs.type WHEN 'ENRICH_LEAD' THEN :leads ELSE :campaigns END`,
        { leads, campaigns, now },
      ),

    async redispatchIf(dispatches, now) {
      const [, again] = await db.batch<JobStanding>([
        ...move(
          db,
          {
            from: "json_each(:dispatches) AS m",
            where: `jobs.id = m.value ->> 'jobId' AND jobs.dispatch = m.value ->> 'dispatch' AND jobs.status = 'PENDING'`,
            becomes: "'PENDING'",
            set: AGAIN,
            returning: STANDING,
          },
          { dispatches: JSON.stringify(dispatches), now },
        ),
      ]);
      return again?.results ?? [];
    },

    async campaignsToComplete(limit) {
      const { results } = await statement(db, SQL.campaignsToComplete, { limit }).all<{ id: string }>();
      return results.map((row) => row.id);
    },

    async anythingUnfinished() {
      return (await statement(db, SQL.anythingUnfinished).first<number>("unfinished")) === 1;
    },
  };
}
