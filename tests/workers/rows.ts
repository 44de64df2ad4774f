import { env } from "cloudflare:workers";
import { eventually } from "./line.ts";

/** What a test reads from, and writes into, the rows and the actors, past the API. */

/** The rows of a campaign's jobs, as they stand. */
export async function rowsOf(campaignId: string): Promise<JobRow[]> {
  const all = await env.DB.prepare("SELECT * FROM jobs WHERE campaign_id = ?1 ORDER BY id")
    .bind(campaignId)
    .all<JobRow>();
  return all.results;
}

export interface JobRow {
  id: string;
  lead_id: string | null;
  type: string;
  status: string;
  row_status: string;
  dispatch: number;
  attempts: number;
  lease_until: number | null;
  pause_reason: string | null;
  error: string | null;
}

const STATUSES = ["PENDING", "RUNNING", "PAUSED", "COMPLETED", "FAILED", "CANCELLED"];
const JOBS_RECOUNTED = STATUSES.map((each) => `status = '${each}'`);
const IS_GOOD = `(verification ->> 'verdict' = 'ok'
  OR verification ->> 'verdict' = 'catch_all' AND NOT campaigns.refuse_catch_all)`;
const LEADS_RECOUNTED = [
  "stage NOT IN ('reserved', 'dropped')",
  `verification IS NOT NULL AND ${IS_GOOD}`,
  "outcome = 'rejected' AND stage <> 'dropped'",
  "research IS NOT NULL",
  "copy IS NOT NULL",
  "stage = 'pushed'",
  "outcome = 'failed'",
];
const sums = (conditions: string[]) => conditions.map((each) => `coalesce(sum(${each}), 0)`).join(", ");

/** Campaigns whose counts are not those of their rows, both read in one statement: none, at any moment. */
export async function miscounted() {
  const { results } = await env.DB.prepare(
    `SELECT * FROM (SELECT campaigns.id,
      json_array(pending, running, paused, completed, failed, cancelled) AS jobs,
      (SELECT json_array(${sums(JOBS_RECOUNTED)}) FROM jobs WHERE campaign_id = campaigns.id) AS jobs_recounted,
      json_array(leads_found, leads_verified, leads_rejected, leads_researched, leads_written, leads_pushed, leads_failed) AS leads,
      (SELECT json_array(${sums(LEADS_RECOUNTED)}) FROM leads WHERE campaign_id = campaigns.id) AS leads_recounted
     FROM campaigns LEFT JOIN progress_now AS progress ON progress.campaign_id = campaigns.id)
     WHERE jobs IS NOT jobs_recounted OR leads IS NOT leads_recounted`,
  ).all();
  return results;
}

/**
 * Writes waiting jobs straight into the rows of a RUNNING campaign, with their counts and without queue messages.
 * CLEANUP_CAMPAIGN, unless `fields` says otherwise: such a job calls no provider. A PAUSED one waits for the next resume;
 * all others are queued under the gate's epoch. Returns their ids.
 */
export async function insertJobs(
  campaignId: string,
  count: number,
  fields: Record<string, string | number | null> = {},
) {
  const ids = Array.from({ length: count }, () => crypto.randomUUID());
  const { status = "PENDING", ...others } = fields;
  const waits = status === "PAUSED";
  const job: Record<string, string | number | null> = {
    campaign_id: campaignId,
    type: "CLEANUP_CAMPAIGN",
    status: waits ? "PENDING" : status,
    priority: 0,
    dispatch: 1,
    progress: JSON.stringify({ olderThanDays: 30 }),
    queued_at: Date.now(),
    created_at: Date.now(),
    ...others,
  };
  const columns = Object.keys(job);
  await env.DB.batch([
    env.DB.prepare("UPDATE campaigns SET status = 'RUNNING' WHERE id = ?1").bind(campaignId),
    env.DB.prepare(
      `INSERT INTO job_rows (id, queued_epoch, ${columns.join(", ")})
       SELECT value, ${waits ? "NULL" : GATE_EPOCH}, ${columns.map((_, at) => `?${at + 2}`).join(", ")} FROM json_each(?1)`,
    ).bind(JSON.stringify(ids), ...Object.values(job)),
    recount(campaignId),
  ]);
  return ids;
}

const GATE_EPOCH = "(SELECT epoch FROM breaker_gate WHERE id = 1)";

/** Sets the counts of a campaign's jobs to those of its rows. */
export const recount = (campaignId: string) =>
  env.DB.prepare(
    `UPDATE progress SET (${STATUSES.join(", ")}, epoch) =
       (SELECT ${sums(JOBS_RECOUNTED)}, ${GATE_EPOCH} FROM jobs WHERE campaign_id = ?1) WHERE campaign_id = ?1`,
  ).bind(campaignId);

export const theBreaker = () => env.BREAKER.getByName("global");

/** D1's gate follows a close in a moment, and forgets the stop when its resume has ended. */
export const gateCloses = () =>
  eventually("the gate closed, and nothing waits any more", async () => {
    const row = await env.DB.prepare("SELECT state, reason FROM breaker_gate").first();
    return row?.["state"] === "closed" && row["reason"] === null;
  });
