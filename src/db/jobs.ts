import type { Dispatch, JobStatus } from "../domain/job.ts";
import { failureKind } from "../domain/failing.ts";
import type { ClaimedJob, JobResult, JobStanding, JobStore, LeadChange } from "../ports/jobs.ts";
import { BEGUN, commanded, ended, remembered } from "./job-history.ts";
import {
  AGAIN_AT_ONCE,
  COUNT_STREAK,
  GATE_CLOSED,
  QUEUED_NOW,
  QUEUES_AT_ONCE,
  SAME_DISPATCH,
  STANDING,
  STANDING_RETURNED,
  STATUS_OF_NEW,
  UNFINISHED,
  commonKind,
  countLeads,
  move,
  statement,
} from "./sql.ts";

const FAILED_OF_IDS = "jobs.id = m.value AND jobs.status = 'FAILED'";

/** An attempt that ends unfinished is queued again at once, unless the line stands, or a resume lets jobs go in their turn. */
const HANDED_ON = `(m.value ->> 'becomes' = 'PENDING' AND ${AGAIN_AT_ONCE})`;
const END_SHOWS = `CASE WHEN m.value ->> 'becomes' <> 'PENDING' THEN m.value ->> 'becomes'
  WHEN ${HANDED_ON} THEN 'PENDING' ELSE 'PAUSED' END`;

/** The leads whose stage or outcome a write changes, as they stand before it. */
const LEADS_COUNTED = `SELECT jobs.campaign_id, m.value ->> 'counter' AS counter, m.value ->> 'kind' AS kind
  FROM json_each(:leads) AS m CROSS JOIN jobs CROSS JOIN leads
  WHERE ${SAME_DISPATCH} AND leads.id = m.value ->> 'leadId' AND leads.stage = m.value ->> 'from'
    AND (leads.outcome = 'open' OR leads.outcome = 'cancelled' AND m.value ->> 'counter' NOT IN ('failed', 'rejected'))`;

const SQL = {
  // A cancelled lead keeps what a late call brought, and stays cancelled unless it was pushed.
  changeLeads: `UPDATE leads SET stage = m.value ->> 'stage',
      outcome = CASE WHEN leads.outcome = 'cancelled' AND m.value ->> 'outcome' <> 'pushed' THEN 'cancelled'
        ELSE m.value ->> 'outcome' END,
      error = CASE WHEN leads.outcome = 'cancelled' THEN leads.error ELSE m.value ->> 'error' END,
      verification = coalesce(m.value -> 'result' -> 'verification', leads.verification),
      research = coalesce(m.value -> 'result' -> 'research', leads.research),
      copy = coalesce(m.value -> 'result' -> 'copy', leads.copy),
      push = coalesce(m.value -> 'result' -> 'push', leads.push), updated_at = :now
    FROM json_each(:leads) AS m CROSS JOIN jobs
    WHERE leads.id = m.value ->> 'leadId' AND leads.stage = m.value ->> 'from'
      AND (leads.outcome = 'open' OR leads.outcome = 'cancelled' AND m.value ->> 'stage' <> m.value ->> 'from')
      AND ${SAME_DISPATCH}`,

  /** Of jobs that fail without a result: their leads are not worked on either, until a retry opens them again. */
  countUnworked: `UPDATE progress SET leads_failed = leads_failed + changed.ended, ${COUNT_STREAK}, updated_at = :now
    FROM (SELECT jobs.campaign_id, count(*) AS ended, ${commonKind("m.value ->> 'kind'", "count(*)")} AS kind
      FROM json_each(:failing) AS m CROSS JOIN jobs JOIN leads ON leads.id = jobs.lead_id
      WHERE ${SAME_DISPATCH} AND jobs.row_status = :status AND leads.outcome = 'open' GROUP BY jobs.campaign_id) AS changed
    WHERE progress.campaign_id = changed.campaign_id`,
  failUnworked: `UPDATE leads SET outcome = 'failed', error = m.value ->> 'error', updated_at = :now
    FROM json_each(:failing) AS m CROSS JOIN jobs
    WHERE ${SAME_DISPATCH} AND jobs.row_status = :status AND leads.id = jobs.lead_id AND leads.outcome = 'open'`,

  standing: `SELECT ${STANDING} FROM json_each(:ids) AS m CROSS JOIN jobs WHERE jobs.id = m.value`,

  idleCampaigns: `SELECT campaign_id AS id FROM json_each(:ids) AS m CROSS JOIN progress
    WHERE campaign_id = m.value AND ${UNFINISHED} = 0`,

  ownOf: `SELECT jobs.id FROM json_each(:dispatches) AS m CROSS JOIN jobs
    WHERE ${SAME_DISPATCH} AND jobs.finished_at IS NULL AND jobs.lease_until IS NOT NULL`,

  renew: `UPDATE job_rows AS jobs SET lease_until = :until FROM json_each(:dispatches) AS m
    WHERE ${SAME_DISPATCH} AND jobs.status = 'RUNNING' AND jobs.lease_until IS NOT NULL RETURNING id AS jobId`,

  cancelLead: `UPDATE leads SET outcome = 'cancelled', updated_at = :now
    WHERE outcome = 'open' AND id = (SELECT lead_id FROM jobs WHERE id = :id AND finished_at IS NULL)`,

  uncountFailedLeads: `UPDATE progress SET leads_failed = leads_failed - counted.n, updated_at = :now
    FROM (SELECT jobs.campaign_id, count(*) AS n FROM json_each(:ids) AS m CROSS JOIN jobs JOIN leads ON leads.id = jobs.lead_id
      WHERE ${GATE_CLOSED} AND ${FAILED_OF_IDS} AND leads.outcome = 'failed' GROUP BY jobs.campaign_id) AS counted
    WHERE progress.campaign_id = counted.campaign_id`,

  reopenLeads: `UPDATE leads SET outcome = 'open', error = NULL, updated_at = :now
    FROM json_each(:ids) AS m CROSS JOIN jobs
    WHERE ${GATE_CLOSED} AND ${FAILED_OF_IDS} AND leads.id = jobs.lead_id AND leads.outcome = 'failed'`,

  reopenCampaigns: `UPDATE campaigns SET status = 'RUNNING', error = NULL, completed_at = NULL, failed_at = NULL
    WHERE ${GATE_CLOSED} AND status IN ('COMPLETED', 'FAILED') AND id IN (SELECT jobs.campaign_id
      FROM json_each(:ids) AS m CROSS JOIN jobs WHERE ${FAILED_OF_IDS} AND jobs.type <> 'CLEANUP_CAMPAIGN')`,
};

/**
 * How an attempt ends; `:ends` has the job, its dispatch and what became of it. One that stays unfinished and is not queued
 * again at once is left to the resume, which gives it its next dispatch.
 */
const ENDING = {
  from: "json_each(:ends) AS m",
  where: `${SAME_DISPATCH} AND jobs.status = 'RUNNING'`,
  becomes: "m.value ->> 'becomes'",
  shows: END_SHOWS,
  set: `, lease_until = NULL, error = m.value ->> 'error', result = m.value -> 'result',
    dispatch = jobs.dispatch + ${HANDED_ON},
    queued_at = CASE WHEN ${HANDED_ON} THEN :now + coalesce(m.value ->> 'waitMs', 0) ELSE jobs.queued_at END,
    queued_epoch = CASE WHEN m.value ->> 'becomes' = 'PENDING' AND jobs.queued_epoch = ${QUEUED_NOW}
      AND NOT ${HANDED_ON} THEN NULL ELSE jobs.queued_epoch END,
    finished_at = CASE WHEN m.value ->> 'becomes' IN ('COMPLETED', 'FAILED') THEN :now END,
    disturbed = coalesce(m.value ->> 'disturbed', 0), history = ${ended(END_SHOWS)}`,
};

/** A campaign that was there when the database was found taken back: of its leads the sender may know more than the rows. */
const BEFORE_RESTORE = `CASE WHEN (SELECT restored_at FROM breaker_gate WHERE id = 1) IS NULL THEN 0
  ELSE (SELECT created_at FROM campaigns WHERE campaigns.id = campaign_id) <
    (SELECT restored_at FROM breaker_gate WHERE id = 1) END`;

export function createJobStore(db: D1Database): JobStore {
  return {
    async claim(dispatches, { now, until }) {
      const [, claimed] = await db.batch<ClaimedJob>(
        move(
          db,
          {
            from: "json_each(:dispatches) AS m",
            where: `${SAME_DISPATCH} AND jobs.status = 'PENDING' AND jobs.queued_epoch = ${QUEUED_NOW}`,
            becomes: "'RUNNING'",
            set: `, lease_until = :until, attempts = jobs.attempts + 1, started_at = coalesce(jobs.started_at, :now),
              history = ${BEGUN}`,
            returning: `id, campaign_id AS campaignId, lead_id AS leadId, type, dispatch, attempts, progress,
              queued_epoch AS epoch, disturbed, ${BEFORE_RESTORE} AS beforeRestore`,
          },
          { dispatches: JSON.stringify(dispatches), now, until },
        ).slice(),
      );
      return claimed?.results ?? [];
    },

    async record(results, now) {
      const batches = recordStatements(db, results, now);
      const answers = await db.batch<JobStanding>(batches);
      return answers.at(-1)?.results ?? [];
    },

    async idleCampaigns(campaignIds) {
      const looking = statement(db, SQL.idleCampaigns, { ids: JSON.stringify(campaignIds) });
      return (await looking.all<{ id: string }>()).results.map(({ id }) => id);
    },

    async standing(dispatches) {
      const looking = statement(db, SQL.ownOf, { dispatches: JSON.stringify(dispatches) });
      return (await looking.all<{ id: string }>()).results.map(({ id }) => id);
    },

    async renewLeases(dispatches, until) {
      const renewing = statement(db, SQL.renew, { dispatches: JSON.stringify(dispatches), until });
      return (await renewing.all<{ jobId: string }>()).results.map(({ jobId }) => jobId);
    },

    async cancel(jobId, { by, now }) {
      const values = { id: jobId, by, now };
      const answers = await db.batch([
        statement(db, SQL.cancelLead, values),
        ...move(
          db,
          {
            where: "jobs.id = :id AND jobs.finished_at IS NULL",
            becomes: "'CANCELLED'",
            set: `, finished_at = :now, lease_until = NULL, history = ${commanded("cancelled")}`,
            returning: "id",
          },
          values,
        ),
      ]);
      return (answers.at(-1)?.results.length ?? 0) > 0;
    },

    async retry(jobIds, { by, now }) {
      const values = { ids: JSON.stringify(jobIds), by, now };
      const answers = await db.batch<JobStanding>([
        statement(db, SQL.uncountFailedLeads, values),
        statement(db, SQL.reopenLeads, values),
        statement(db, SQL.reopenCampaigns, values),
        ...move(
          db,
          {
            from: "json_each(:ids) AS m",
            where: `${FAILED_OF_IDS} AND ${GATE_CLOSED}`,
            becomes: "'PENDING'",
            shows: STATUS_OF_NEW,
            set: `, dispatch = jobs.dispatch + 1, queued_at = :now, queued_epoch = ${QUEUES_AT_ONCE}, error = NULL,
              disturbed = 0, finished_at = NULL, history = ${commanded("retried")}`,
            returning: STANDING_RETURNED,
          },
          values,
        ),
      ]);
      return answers.at(-1)?.results ?? [];
    },

    async failUnsent(dispatches, error, now) {
      const failing = dispatches.map(({ jobId, dispatch }) => ({ jobId, dispatch, error }));
      const answers = await db.batch([
        ...failLeads(db, failing, "PENDING", now),
        ...move(
          db,
          {
            from: "json_each(:dispatches) AS m",
            where: `${SAME_DISPATCH} AND jobs.status = 'PENDING'`,
            becomes: "'FAILED'",
            set: ", error = :error, finished_at = :now",
            returning: "id",
          },
          { dispatches: JSON.stringify(dispatches), error, now },
        ),
      ]);
      return answers.at(-1)?.results.length ?? 0;
    },
  };
}

const kindOf = ({ counter, error = "" }: LeadChange) => (counter === "failed" ? { kind: failureKind(error) } : {});

function failLeads(db: D1Database, failing: (Dispatch & { error: string })[], status: JobStatus, now: number) {
  const kinds = failing.map((each) => ({ ...each, kind: failureKind(each.error) }));
  const values = { failing: JSON.stringify(kinds), status, now };
  return [statement(db, SQL.countUnworked, values), statement(db, SQL.failUnworked, values)];
}

function recordStatements(db: D1Database, results: JobResult[], now: number): D1PreparedStatement[] {
  const same = ({ jobId, dispatch }: Dispatch) => ({ jobId, dispatch });
  const leads = results.flatMap((result) =>
    result.lead ? [{ ...same(result), ...result.lead, ...kindOf(result.lead) }] : [],
  );
  const ends = results.flatMap((result) =>
    result.end ? [{ ...same(result), ...result.end, ...remembered(result.calls ?? []) }] : [],
  );
  const values = { leads: JSON.stringify(leads), ends: JSON.stringify(ends), now };
  const hasLeads = leads.length > 0;
  const [count, endJobs] =
    ends.length > 0
      ? move(db, { ...ENDING, ...(hasLeads && { leads: LEADS_COUNTED }) }, values)
      : [statement(db, countLeads(LEADS_COUNTED), values), null];
  const statements = [count];
  if (hasLeads) statements.push(statement(db, SQL.changeLeads, values));
  const failing = ends.flatMap(({ jobId, dispatch, ...end }) =>
    end.becomes === "FAILED" ? [{ jobId, dispatch, error: end.error }] : [],
  );
  if (failing.length > 0) statements.push(...failLeads(db, failing, "RUNNING", now));
  if (endJobs) statements.push(endJobs);
  statements.push(statement(db, SQL.standing, { ids: JSON.stringify(results.map((result) => result.jobId)) }));
  return statements;
}
