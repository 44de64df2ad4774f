import {
  type AttemptCall,
  CALLS_KEPT,
  type Dispatch,
  EVENTS_KEPT,
  type JobStatus,
  type PastCommand,
} from "../domain/job.ts";
import { failureKind } from "../domain/failing.ts";
import type { ClaimedJob, JobResult, JobStanding, JobStore, LeadChange } from "../operations/jobs.ts";
import { commonKind, COUNT_STREAK, countLeads, GATE_CLOSED, GATE_REASON, move, statement, UNFINISHED } from "./sql.ts";

const SAME_DISPATCH = "jobs.id = m.value ->> 'jobId' AND jobs.dispatch = m.value ->> 'dispatch'";
const STANDING = "jobs.id AS jobId, jobs.dispatch, jobs.status, jobs.type, jobs.priority";

/** A job's history with one event more, and without the oldest when there are too many. */
const remembering = (event: string) => `json_insert(CASE
  WHEN json_array_length(jobs.history) >= ${EVENTS_KEPT} THEN json_remove(jobs.history, '$[0]')
  ELSE coalesce(jobs.history, '[]') END, '$[#]', ${event})`;
/** Of a job whose attempt begins, of one that a person takes in hand, and of one whose last attempt ends. */
const BEGUN = remembering("json_object('dispatch', jobs.dispatch, 'at', :now)");
const commanded = (command: PastCommand["command"]) =>
  remembering(`json_object('command', '${command}', 'at', :now, 'by', :by)`);
const ended = (becomes: string) => `json_set(jobs.history, '$[#-1].endedAt', :now, '$[#-1].end', ${becomes},
  '$[#-1].calls', m.value -> 'calls', '$[#-1].more', m.value -> 'more')`;

const FAILED_OF_IDS = "jobs.id = m.value AND jobs.status = 'FAILED'";

/** A PAUSED end whose gate has closed meanwhile would wait for a sweep that is over: it queues again instead. */
const END_BECOMES = `CASE WHEN m.value ->> 'becomes' = 'PAUSED' AND ${GATE_CLOSED} THEN 'PENDING'
  WHEN m.value ->> 'becomes' = 'PENDING' AND NOT ${GATE_CLOSED} THEN 'PAUSED' ELSE m.value ->> 'becomes' END`;

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

  // A row that the sweep has paused meanwhile keeps its status; only its lease is let go, so that a resume need not wait.
  letGo: `UPDATE jobs SET lease_until = NULL, history = ${ended("'PAUSED'")}
    FROM json_each(:ends) AS m WHERE ${SAME_DISPATCH} AND jobs.status = 'PAUSED' AND jobs.lease_until IS NOT NULL`,

  /** Of jobs that fail without a result: their leads are not worked on either, until a retry opens them again. */
  countUnworked: `UPDATE progress SET leads_failed = leads_failed + changed.ended, ${COUNT_STREAK}, updated_at = :now
    FROM (SELECT jobs.campaign_id, count(*) AS ended, ${commonKind("m.value ->> 'kind'", "count(*)")} AS kind
      FROM json_each(:failing) AS m CROSS JOIN jobs JOIN leads ON leads.id = jobs.lead_id
      WHERE ${SAME_DISPATCH} AND jobs.status = :status AND leads.outcome = 'open' GROUP BY jobs.campaign_id) AS changed
    WHERE progress.campaign_id = changed.campaign_id`,
  failUnworked: `UPDATE leads SET outcome = 'failed', error = m.value ->> 'error', updated_at = :now
    FROM json_each(:failing) AS m CROSS JOIN jobs
    WHERE ${SAME_DISPATCH} AND jobs.status = :status AND leads.id = jobs.lead_id AND leads.outcome = 'open'`,

  standing: `SELECT ${STANDING} FROM json_each(:ids) AS m CROSS JOIN jobs WHERE jobs.id = m.value`,

  idleCampaigns: `SELECT campaign_id AS id FROM json_each(:ids) AS m CROSS JOIN progress
    WHERE campaign_id = m.value AND ${UNFINISHED} = 0`,

  ownOf: `SELECT jobs.id FROM json_each(:dispatches) AS m CROSS JOIN jobs
    WHERE ${SAME_DISPATCH} AND jobs.finished_at IS NULL AND jobs.lease_until IS NOT NULL`,

  renew: `UPDATE jobs SET lease_until = :until FROM json_each(:dispatches) AS m
    WHERE ${SAME_DISPATCH} AND jobs.status IN ('RUNNING', 'PAUSED') AND jobs.lease_until IS NOT NULL
    RETURNING jobs.id AS jobId`,

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

/** How an attempt ends; `:ends` has the job, its dispatch and what became of it. */
const ENDING = {
  from: "json_each(:ends) AS m",
  where: `${SAME_DISPATCH} AND jobs.status = 'RUNNING'`,
  becomes: END_BECOMES,
  set: `, lease_until = NULL, error = m.value ->> 'error', result = m.value -> 'result',
    pause_reason = CASE WHEN ${END_BECOMES} = 'PAUSED' THEN coalesce(m.value ->> 'pauseReason', ${GATE_REASON}) END,
    dispatch = jobs.dispatch + (${END_BECOMES} = 'PENDING'),
    queued_at = CASE WHEN ${END_BECOMES} = 'PENDING' THEN :now ELSE jobs.queued_at END,
    finished_at = CASE WHEN m.value ->> 'becomes' IN ('COMPLETED', 'FAILED') THEN :now END,
    history = ${ended(END_BECOMES)}`,
};

export function createJobStore(db: D1Database): JobStore {
  return {
    async claim(dispatches, { now, until }) {
      const [, claimed] = await db.batch<ClaimedJob>(
        move(
          db,
          {
            from: "json_each(:dispatches) AS m",
            where: `${SAME_DISPATCH} AND jobs.status = 'PENDING' AND ${GATE_CLOSED}`,
            becomes: "'RUNNING'",
            set: `, lease_until = :until, attempts = jobs.attempts + 1, started_at = coalesce(jobs.started_at, :now),
              history = ${BEGUN}`,
            returning: `id, campaign_id AS campaignId, lead_id AS leadId, type, dispatch, attempts, progress`,
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
            set: `, finished_at = :now, lease_until = NULL, pause_reason = NULL, history = ${commanded("cancelled")}`,
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
            set: `, dispatch = jobs.dispatch + 1, queued_at = :now, error = NULL, finished_at = NULL,
              history = ${commanded("retried")}`,
            returning: STANDING.replaceAll("jobs.", ""),
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

const remembered = (calls: AttemptCall[]) => ({
  calls: calls.slice(-CALLS_KEPT),
  more: Math.max(0, calls.length - CALLS_KEPT),
});

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
  if (endJobs) statements.push(endJobs, statement(db, SQL.letGo, values));
  statements.push(statement(db, SQL.standing, { ids: JSON.stringify(results.map((result) => result.jobId)) }));
  return statements;
}
