import type { LeadProfile, MessageBrief, RevealedPerson, Search } from "../domain/lead.ts";
import { addressOf } from "../domain/mailbox.ts";
import type { LeadStage, LeadOutcome } from "../domain/pipeline.ts";
import { type JobStatus, PRIORITY } from "../domain/job.ts";
import type { JobStanding } from "../ports/jobs.ts";
import type { LeadStore, Reservation } from "../ports/leads.ts";
import { MAILBOX_TAKEN, mailboxRange } from "./mailbox.ts";
import {
  batch,
  QUEUES_AT_ONCE,
  STANDING,
  STATUS_OF_NEW,
  STATUS_RETURNED,
  countLeads,
  statement,
  tally,
} from "./sql.ts";

/** Guards every write of a fetch: a dispatch that is over, or a job that was cancelled, makes nothing new. */
const MINE = `EXISTS (SELECT 1 FROM jobs AS mine
  WHERE mine.id = :jobId AND mine.dispatch = :dispatch AND mine.finished_at IS NULL)`;
/** A reservation leads to a payment, so a job that was paused meanwhile makes none. */
const RUNS = `EXISTS (SELECT 1 FROM jobs AS mine
  WHERE mine.id = :jobId AND mine.dispatch = :dispatch AND mine.status = 'RUNNING')`;
/** Whom it had paid for stay known all the same, though nobody works on them. */
const PAID = "EXISTS (SELECT 1 FROM jobs AS mine WHERE mine.id = :jobId AND mine.dispatch = :dispatch)";

const NEW_JOBS = `FROM json_each(:reserved) AS m CROSS JOIN leads
  WHERE leads.id = m.value ->> 'leadId' AND leads.stage = 'found' AND ${MINE}
    AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = m.value ->> 'jobId')`;

/** Whoever begins with a job reads its lead after that, so a lead that is rejected before is not worked on. */
const UNTOUCHED = "leads.stage = 'found' AND leads.outcome = 'open' AND jobs.attempts = 0 AND jobs.finished_at IS NULL";

const HELD_COUNTED = `SELECT :campaignId AS campaign_id, 'rejected' AS counter, NULL AS kind
  FROM json_each(:held) AS m CROSS JOIN leads CROSS JOIN jobs
  WHERE leads.id = m.value ->> 'leadId' AND jobs.id = m.value ->> 'jobId' AND ${UNTOUCHED}`;

const SQL = {
  loadWork: `SELECT leads.id, leads.stage, leads.outcome, leads.error, leads.email, leads.profile, leads.research, leads.copy,
      campaigns.message, campaigns.refuse_catch_all AS refuseCatchAll, campaigns.instantly_campaign_id AS senderCampaignId
    FROM json_each(:ids) AS m CROSS JOIN leads JOIN campaigns ON campaigns.id = leads.campaign_id WHERE leads.id = m.value`,

  loadFetch: `SELECT name, search, target_leads AS targetLeads, instantly_campaign_id AS senderCampaignId,
      progress.leads_found AS found
    FROM campaigns JOIN progress ON progress.campaign_id = campaigns.id WHERE campaigns.id = :campaignId`,

  saveProgress: `UPDATE job_rows SET progress = :progress
    WHERE id = :jobId AND dispatch = :dispatch AND finished_at IS NULL RETURNING ${STATUS_RETURNED} AS status`,

  saveSenderCampaign: `UPDATE campaigns SET instantly_campaign_id = coalesce(instantly_campaign_id, :senderCampaignId)
    WHERE id = :campaignId RETURNING instantly_campaign_id AS senderCampaignId`,

  reserve: `INSERT OR IGNORE INTO leads (id, campaign_id, person_id, stage, created_at, updated_at)
    SELECT m.value ->> 'leadId', :campaignId, m.value ->> 'personId', 'reserved', :now, :now
    FROM json_each(:wanted) AS m WHERE ${RUNS}`,

  saveReserved: `UPDATE job_rows SET progress = json_set(:progress, '$.reserved', json(
      (SELECT json_group_array(json(m.value)) FROM json_each(:wanted) AS m CROSS JOIN leads WHERE leads.id = m.value ->> 'leadId')))
    WHERE id = :jobId AND dispatch = :dispatch AND ${STATUS_RETURNED} = 'RUNNING' RETURNING progress -> '$.reserved' AS reserved`,

  // A mailbox that some lead has already, of whatever campaign, is not taken a second time; that person is dropped below.
  reveal: `UPDATE leads SET stage = CASE WHEN ${MINE} THEN 'found' ELSE 'dropped' END,
      outcome = CASE WHEN ${MINE} THEN 'open' ELSE 'cancelled' END, email = m.value ->> 'email', profile = m.value -> 'profile', updated_at = :now
    FROM json_each(:people) AS m
    WHERE leads.id = m.value ->> 'leadId' AND leads.stage = 'reserved' AND ${PAID}
      AND NOT ${MAILBOX_TAKEN}`,

  drop: `UPDATE leads SET stage = 'dropped', outcome = 'rejected', updated_at = :now FROM json_each(:reserved) AS m
    WHERE leads.id = m.value ->> 'leadId' AND leads.stage = 'reserved' AND ${PAID}`,

  countFound: `UPDATE progress SET leads_found = leads_found + (SELECT count(*) ${NEW_JOBS}) WHERE campaign_id = :campaignId`,

  insertJobs: `INSERT INTO job_rows (id, campaign_id, lead_id, type, status, priority, dispatch, queued_at, queued_epoch, created_at)
    SELECT m.value ->> 'jobId', :campaignId, leads.id, 'ENRICH_LEAD', 'PENDING', ${PRIORITY.ENRICH_LEAD}, 1, :now,
      ${QUEUES_AT_ONCE}, :now ${NEW_JOBS}`,

  made: `SELECT ${STANDING} FROM json_each(:reserved) AS m CROSS JOIN jobs
    WHERE jobs.id = m.value ->> 'jobId'`,

  addressesOf: `SELECT leads.id AS leadId, leads.email FROM json_each(:people) AS m CROSS JOIN leads CROSS JOIN jobs
    WHERE leads.id = m.value ->> 'leadId' AND jobs.id = m.value ->> 'jobId' AND ${UNTOUCHED}`,

  rejectHeld: `UPDATE leads SET outcome = 'rejected', error = :reason, updated_at = :now
    FROM json_each(:held) AS m CROSS JOIN jobs
    WHERE leads.id = m.value ->> 'leadId' AND jobs.id = m.value ->> 'jobId' AND ${UNTOUCHED}`,

  finished: `SELECT jobs.id FROM jobs JOIN campaigns ON campaigns.id = jobs.campaign_id
    WHERE jobs.campaign_id = :campaignId AND jobs.finished_at < :before
      AND NOT (jobs.type = 'FETCH_LEADS' AND (campaigns.status = 'RUNNING' OR jobs.status = 'FAILED')) ORDER BY jobs.id LIMIT :limit`,
};

interface WorkRow {
  id: string;
  stage: LeadStage;
  outcome: LeadOutcome;
  error: string | null;
  /** Null where nobody has found one: such a lead is none to work on. */
  email: string | null;
  profile: string | null;
  research: string | null;
  copy: string | null;
  message: string;
  refuseCatchAll: number;
  senderCampaignId: string | null;
}

export function createLeadStore(db: D1Database): LeadStore {
  return {
    async loadWork(leadIds) {
      const { results } = await statement(db, SQL.loadWork, { ids: JSON.stringify(leadIds) }).all<WorkRow>();
      return results.map(({ email, profile, ...row }) => ({
        ...row,
        // A row may be older than this way of writing addresses. What is none is for the verify step to say.
        profile: {
          ...(JSON.parse(profile ?? "{}") as Omit<LeadProfile, "email">),
          email: addressOf(email ?? "") ?? email ?? "",
        },
        research: row.research === null ? null : JSON.parse(row.research),
        copy: row.copy === null ? null : JSON.parse(row.copy),
        message: JSON.parse(row.message) as MessageBrief,
        refuseCatchAll: row.refuseCatchAll === 1,
      }));
    },

    async loadFetch(campaignId) {
      const row = await statement(db, SQL.loadFetch, { campaignId }).first<{
        name: string;
        search: string;
        targetLeads: number;
        senderCampaignId: string | null;
        found: number;
      }>();
      return row && { ...row, search: JSON.parse(row.search) as Search };
    },

    async saveProgress({ jobId, dispatch }, progress) {
      const values = { jobId, dispatch, progress: JSON.stringify(progress) };
      return statement(db, SQL.saveProgress, values).first<JobStatus>("status");
    },

    async saveSenderCampaign(campaignId, senderCampaignId) {
      const stands = await statement(db, SQL.saveSenderCampaign, { campaignId, senderCampaignId }).first<string>(
        "senderCampaignId",
      );
      return stands ?? senderCampaignId;
    },

    async reserve({ jobId, dispatch, campaignId }, wanted, progress, now) {
      const values = {
        jobId,
        dispatch,
        campaignId,
        now,
        wanted: JSON.stringify(wanted),
        progress: JSON.stringify(progress),
      };
      const [, saved] = await db.batch<{ reserved: string }>([
        statement(db, SQL.reserve, values),
        statement(db, SQL.saveReserved, values),
      ]);
      const reserved = saved?.results[0]?.reserved;
      return reserved === undefined ? null : (JSON.parse(reserved) as Reservation[]);
    },

    async reveal({ jobId, dispatch, campaignId }, { reserved, people, progress }, now) {
      const values = {
        jobId,
        dispatch,
        campaignId,
        now,
        reserved: JSON.stringify(reserved),
        progress: JSON.stringify(progress),
        people: JSON.stringify(withMailboxes(reserved, people)),
      };
      const made = `SELECT :campaignId AS campaign_id, '' AS was, ${STATUS_OF_NEW} AS becomes ${NEW_JOBS}`;
      const [, , , , , [saved], jobs] = await batch(db, [
        statement(db, SQL.reveal, values),
        statement(db, SQL.drop, values),
        statement(db, SQL.countFound, values),
        statement(db, tally(made), values),
        statement(db, SQL.insertJobs, values),
        statement<{ status: JobStatus }>(db, SQL.saveProgress, values),
        statement<JobStanding>(db, SQL.made, values),
      ]);
      return { status: saved?.status ?? null, made: saved ? jobs : [] };
    },

    async addressesOf(people) {
      const asking = statement(db, SQL.addressesOf, { people: JSON.stringify(people) });
      return (await asking.all<{ leadId: string; email: string }>()).results;
    },

    async rejectHeld({ campaignId, people, held, reason }, now) {
      const values = {
        campaignId,
        now,
        reason,
        reserved: JSON.stringify(people),
        held: JSON.stringify(people.filter(({ leadId }) => held.includes(leadId))),
      };
      const rejecting = [statement(db, countLeads(HELD_COUNTED), values), statement(db, SQL.rejectHeld, values)];
      const answers = await db.batch<JobStanding>([
        ...(held.length > 0 ? rejecting : []),
        statement(db, SQL.made, values),
      ]);
      return answers.at(-1)?.results ?? [];
    },

    async deleteFinishedJobs(campaignId, before, limit, now) {
      const values = { campaignId, before, limit, now };
      const gone = `SELECT jobs.campaign_id, jobs.status AS was, '' AS becomes FROM jobs WHERE jobs.id IN (${SQL.finished})`;
      const [, deleted] = await db.batch([
        statement(db, tally(gone), values),
        statement(db, `DELETE FROM job_rows WHERE id IN (${SQL.finished})`, values),
      ]);
      return deleted?.meta.changes ?? 0;
    },
  };
}

/** Those of the reserved people who have an address, each mailbox once: the first of those who were asked for has it. */
function withMailboxes(reserved: Reservation[], people: RevealedPerson[]) {
  const byId = new Map(people.map((person) => [person.personId, person]));
  const taken = new Set<string>();
  return reserved.flatMap(({ leadId, personId }) => {
    const person = byId.get(personId);
    const email = addressOf(person?.email ?? "");
    if (!person || email === null) return [];
    const range = mailboxRange(email);
    if (taken.has(range.mailbox)) return [];
    taken.add(range.mailbox);
    const { personId: _person, email: _spelling, ...profile } = person;
    return [{ leadId, email, profile, ...range }];
  });
}
