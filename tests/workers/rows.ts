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
  dispatch: number;
  attempts: number;
  lease_until: number | null;
  pause_reason: string | null;
  error: string | null;
}

const JOBS_RECOUNTED = ["PENDING", "RUNNING", "PAUSED", "COMPLETED", "FAILED", "CANCELLED"].map(
  (each) => `status = '${each}'`,
);
const IS_REJECTED = `(verification ->> 'verdict' IN ('unknown', 'disposable', 'invalid')
  OR verification ->> 'verdict' = 'catch_all' AND campaigns.refuse_catch_all)`;
const LEADS_RECOUNTED = [
  "stage NOT IN ('reserved', 'dropped')",
  `verification IS NOT NULL AND NOT ${IS_REJECTED}`,
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
     FROM campaigns LEFT JOIN progress ON progress.campaign_id = campaigns.id)
     WHERE jobs IS NOT jobs_recounted OR leads IS NOT leads_recounted`,
  ).all();
  return results;
}

/**
 * Writes waiting jobs straight into the rows of a RUNNING campaign, with their counts and without queue messages.
 * CLEANUP_CAMPAIGN, unless `fields` says otherwise: such a job calls no provider. Returns their ids.
 */
export async function insertJobs(
  campaignId: string,
  count: number,
  fields: Record<string, string | number | null> = {},
) {
  const ids = Array.from({ length: count }, () => crypto.randomUUID());
  const job: Record<string, string | number | null> = {
    campaign_id: campaignId,
    type: "CLEANUP_CAMPAIGN",
    status: "PENDING",
    priority: 0,
    dispatch: 1,
    progress: JSON.stringify({ olderThanDays: 30 }),
    queued_at: Date.now(),
    created_at: Date.now(),
    ...fields,
  };
  const columns = Object.keys(job);
  await env.DB.batch([
    env.DB.prepare("UPDATE campaigns SET status = 'RUNNING' WHERE id = ?1").bind(campaignId),
    env.DB.prepare(`UPDATE progress SET ${job["status"]} = ${job["status"]} + ?2 WHERE campaign_id = ?1`).bind(
      campaignId,
      count,
    ),
    env.DB.prepare(
      `INSERT INTO jobs (id, ${columns.join(", ")}) SELECT value, ${columns.map((_, at) => `?${at + 2}`).join(", ")} FROM json_each(?1)`,
    ).bind(JSON.stringify(ids), ...Object.values(job)),
  ]);
  return ids;
}

export const theBreaker = () => env.BREAKER.getByName("global");

/** D1's gate follows a close in a moment. */
export const gateCloses = () =>
  eventually("the gate closed", async () => {
    const row = await env.DB.prepare("SELECT state FROM breaker_gate").first<{ state: string }>();
    return row?.state === "closed";
  });
