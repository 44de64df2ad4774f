import { LEAD_STEPS, type LeadStep } from "../domain/pipeline.ts";
import { InvariantError } from "../domain/invariant.ts";
import { recordOf } from "../domain/record.ts";
import type { FetchCalls, ModelSpent, RemainingWork, Spent } from "../domain/remaining-work.ts";
import { batch, statement, UNFINISHED } from "./sql.ts";

/** Campaigns that are named. */
const CAMPAIGNS_SHOWN = 20;
/** What models cost stands in each lead's results, so it is added up only where so many leads or fewer are to be read. */
const LEADS_READ = 50_000;

const AFFECTED = `${UNFINISHED} > 0`;
/** A campaign's own jobs, found by the partial index over them. */
const OWN_JOBS = `progress CROSS JOIN job_rows AS jobs INDEXED BY jobs_of_campaign_itself JOIN campaigns ON campaigns.id = jobs.campaign_id
  WHERE ${AFFECTED} AND jobs.campaign_id = progress.campaign_id AND jobs.type <> 'ENRICH_LEAD'`;

const length = (list: string) => `coalesce(json_array_length(jobs.progress, '$.${list}'), 0)`;
/** Whole calls of up to so many. */
const calls = (people: string, atOnce: number) => `(${people} + ${atOnce - 1}) / ${atOnce}`;

const SQL = {
  /**
   * The counts that are kept with the rows tell how many leads have got to each stage and no further. No row of a job is
   * read, so it takes as long for a million of them as for ten.
   */
  counts: `SELECT count(*) AS campaigns, coalesce(sum(${UNFINISHED}), 0) AS total, coalesce(sum(leads_found), 0) AS found,
      coalesce(sum(leads_found - leads_verified - leads_rejected), 0) AS verify,
      coalesce(sum(leads_verified - leads_researched), 0) AS research,
      coalesce(sum(leads_researched - leads_written), 0) AS "write",
      coalesce(sum(leads_written - leads_pushed), 0) AS push
    FROM progress WHERE ${AFFECTED}`,

  /** …of which these are not worked on any more. */
  givenUp: `SELECT CASE leads.stage WHEN 'found' THEN 'verify' WHEN 'verified' THEN 'research' WHEN 'researched' THEN 'write'
      ELSE 'push' END AS step, count(*) AS count
    FROM progress CROSS JOIN leads INDEXED BY leads_given_up WHERE ${AFFECTED} AND leads.campaign_id = progress.campaign_id
      AND leads.outcome IN ('failed', 'cancelled') AND leads.stage IN ('found', 'verified', 'researched', 'written')
    GROUP BY 1`,

  /** Written, and turned down by the sender: counted among the rejected, who are mostly those of the first step. */
  turnedDown: `SELECT count(*) AS count FROM progress CROSS JOIN leads INDEXED BY leads_turned_down
    WHERE ${AFFECTED} AND leads.campaign_id = progress.campaign_id AND leads.outcome = 'rejected' AND leads.stage = 'written'`,

  largest: `SELECT campaigns.id AS campaignId, campaigns.name, ${UNFINISHED} AS count
    FROM progress JOIN campaigns ON campaigns.id = progress.campaign_id WHERE ${AFFECTED}
    ORDER BY count DESC, campaigns.id LIMIT ${CAMPAIGNS_SHOWN}`,

  ownJobs: `SELECT step, count(*) AS count, sum(senders) AS senders,
      sum((reserved > 0) + ${calls("page", 10)} + ${calls("later", 10)}) AS reveals, sum(${calls("later", 100)}) AS searches
    FROM (SELECT step, senders, reserved, page, CASE WHEN exhausted THEN 0 ELSE wanted - page END AS later
      FROM (SELECT *, min(candidates, wanted) AS page
        FROM (SELECT CASE WHEN jobs.type = 'CLEANUP_CAMPAIGN' THEN 'delete'
            WHEN ${length("reserved")} + ${length("candidates")} > 0 THEN 'reveal' ELSE 'search' END AS step,
          jobs.type = 'FETCH_LEADS' AND campaigns.instantly_campaign_id IS NULL AS senders,
          ${length("reserved")} AS reserved, ${length("candidates")} AS candidates,
          coalesce(jobs.progress ->> '$.exhausted', 0) AS exhausted,
          CASE jobs.type WHEN 'FETCH_LEADS'
            THEN max(0, campaigns.target_leads - progress.leads_found - ${length("reserved")}) ELSE 0 END AS wanted
          FROM ${OWN_JOBS} AND jobs.finished_at IS NULL)))
    GROUP BY step`,

  credits: `SELECT count(*) AS searches, coalesce(sum(jobs.progress ->> '$.creditsSpent'), 0) AS credits
    FROM ${OWN_JOBS} AND jobs.type = 'FETCH_LEADS'`,

  models: `SELECT ${["research", "copy"].map((result) => `count(${result}) AS ${result}s, ${sums(result)}`).join(", ")}
    FROM progress CROSS JOIN leads WHERE ${AFFECTED} AND leads.campaign_id = progress.campaign_id`,
};

function sums(result: string): string {
  return ["costUsd", "inputTokens", "outputTokens"]
    .map((field) => `${result} ->> '$.spend.${field}'`)
    .map((value, i) => `count(${value}) AS ${result}_known${i}, sum(${value}) AS ${result}_sum${i}`)
    .join(", ");
}

type Counts = Record<"campaigns" | "total" | "found" | LeadStep, number>;
type OwnJobs = { step: string; count: number } & FetchCalls;

/** What is before the line when it runs again: all unfinished jobs, by counts and in a handful of statements. */
export async function remainingWork(db: D1Database): Promise<RemainingWork> {
  const [[counted], gone, [turnedDown], campaigns, ownJobs, [credits]] = await batch(db, [
    statement<Counts>(db, SQL.counts),
    statement<{ step: LeadStep; count: number }>(db, SQL.givenUp),
    statement<{ count: number }>(db, SQL.turnedDown),
    statement<RemainingWork["campaigns"][number]>(db, SQL.largest),
    statement<OwnJobs>(db, SQL.ownJobs),
    statement<{ searches: number; credits: number }>(db, SQL.credits),
  ]);
  if (!counted || !credits) throw new InvariantError("db/remaining-work: an aggregate returned no row");
  const counts = correctedBy(turnedDown?.count ?? 0, counted);
  const gaveUp = (step: LeadStep) => gone.find((each) => each.step === step)?.count ?? 0;
  const leads = recordOf(LEAD_STEPS, (step) => Math.max(0, counts[step] - gaveUp(step)));
  const sum = (field: keyof FetchCalls) => ownJobs.reduce((total, each) => total + each[field], 0);
  return {
    total: counts.total,
    bySteps: [...ownJobs, ...LEAD_STEPS.map((step) => ({ step, count: leads[step] }))]
      .map(({ step, count }) => ({ step, count }))
      .filter(({ count }) => count > 0),
    leads,
    fetching: { searches: sum("searches"), reveals: sum("reveals"), senders: sum("senders") },
    campaigns,
    moreCampaigns: counts.campaigns - campaigns.length,
    spent: { ...creditsOf(counts, credits), ...(await modelsOf(db, counts)) },
  };
}

const correctedBy = (turnedDown: number, counts: Counts): Counts => ({
  ...counts,
  verify: counts.verify + turnedDown,
  push: counts.push - turnedDown,
});

/** Not known where a search's row has been cleaned up. */
function creditsOf(counts: Counts, { searches, credits }: { searches: number; credits: number }): Spent {
  return counts.campaigns > 0 && searches === counts.campaigns ? { apollo: { credits } } : {};
}

async function modelsOf(db: D1Database, { found }: Counts): Promise<Spent> {
  if (found > LEADS_READ) return {};
  const row = await statement(db, SQL.models).first<Record<string, number | null>>();
  const perplexity = row && modelOf(row, "research");
  const openai = row && modelOf(row, "copy");
  return { ...(perplexity ? { perplexity } : {}), ...(openai ? { openai } : {}) };
}

/** A sum is known if every answer told its part. */
function modelOf(row: Record<string, number | null>, result: string): ModelSpent | null {
  const answers = row[`${result}s`] ?? 0;
  const known = (["usd", "input_tokens", "output_tokens"] as const).flatMap((name, i) =>
    answers > 0 && row[`${result}_known${i}`] === answers ? [[name, row[`${result}_sum${i}`] ?? 0] as const] : [],
  );
  return known.length === 0 ? null : Object.fromEntries(known);
}
