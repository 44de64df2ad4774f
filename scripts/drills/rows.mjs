// Rows that no campaign of a drill could make in its time: put into the database of an instance that does not run.

/** So long nobody misses the message of a job that waits: it has none, and is not to run before its stop and close. */
const UNMISSED_MS = 3_600_000;

const LEADS = `INSERT INTO leads (id, campaign_id, person_id, stage, outcome, profile, verification, created_at, updated_at)
  SELECT id, campaign_id, id, 'verified', 'rejected', '{}', '{"verdict":"invalid"}', at, at FROM made`;
const JOB = "id, campaign_id, lead_id, type, status, priority, dispatch, attempts, queued_at, created_at, finished_at";
const MADE_JOB = "id, campaign_id, id, 'ENRICH_LEAD', $status, 0, 1, 0, $queued, at, $finished";
const GATE_EPOCH = "(SELECT epoch FROM breaker_gate WHERE id = 1)";
/** Ids like the campaign's, and beside each other. */
const MADE = `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $count),
  made AS (SELECT substr($campaign, 1, 24) || printf('%012x', n) AS id, $campaign AS campaign_id, $at AS at FROM numbers)`;
const PROGRESS = `INSERT INTO progress (campaign_id, pending, completed, leads_found, leads_rejected)
  VALUES ($campaign, $pending, $completed, $count, $count) ON CONFLICT DO UPDATE SET pending = excluded.pending,
  completed = excluded.completed, leads_found = excluded.leads_found, leads_rejected = excluded.leads_rejected`;

/** Since some revision `jobs` is a view, and its rows and the counts know the epoch of the gate. */
const hasEpochs = (database) =>
  database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'job_rows'").get() !== undefined;
const jobsTable = (database) => (hasEpochs(database) ? "job_rows" : "jobs");

/**
 * Gives a campaign that was not started jobs without anything left to do: their leads have been turned down.
 * @param database D1's
 * @param {"PENDING" | "COMPLETED"} status of the jobs; the campaign is then RUNNING, or COMPLETED too
 */
export function addJobs(database, { campaign, count, status }) {
  const at = Date.now();
  const waits = status === "PENDING";
  const run = (sql, fields) => database.prepare(sql).run(fields);
  database.exec("BEGIN");
  run(`${MADE} ${LEADS}`, { $campaign: campaign, $count: count, $at: at });
  const times = { $queued: at + (waits ? UNMISSED_MS : 0), $finished: waits ? null : at };
  const jobs = hasEpochs(database)
    ? `INSERT INTO job_rows (${JOB}, queued_epoch) SELECT ${MADE_JOB}, ${GATE_EPOCH} FROM made`
    : `INSERT INTO jobs (${JOB}) SELECT ${MADE_JOB} FROM made`;
  run(`${MADE} ${jobs}`, { $campaign: campaign, $count: count, $at: at, $status: status, ...times });
  const counts = { $count: count, $pending: waits ? count : 0, $completed: waits ? 0 : count };
  run(PROGRESS, { $campaign: campaign, ...counts });
  if (hasEpochs(database))
    run(`UPDATE progress SET epoch = ${GATE_EPOCH} WHERE campaign_id = $campaign`, { $campaign: campaign });
  run("UPDATE campaigns SET status = $status, started_at = $at, completed_at = $ended WHERE id = $campaign", {
    $campaign: campaign,
    $status: waits ? "RUNNING" : "COMPLETED",
    $at: at,
    $ended: waits ? null : at,
  });
  database.exec("COMMIT");
}

/** Leaves of such jobs the last that a pause has reached and the next that it has not, `kept` of each. */
export function thinOut(database, { campaign, kept }) {
  const some = (status, order) =>
    database
      .prepare(`SELECT id FROM jobs WHERE campaign_id = ? AND status = ? ORDER BY id ${order} LIMIT ${kept}`)
      .all(campaign, status)
      .map(({ id }) => id);
  const paused = some("PAUSED", "DESC");
  const pending = some("PENDING", "ASC");
  const ids = JSON.stringify([...paused, ...pending]);
  for (const table of [jobsTable(database), "leads"])
    database
      .prepare(`DELETE FROM ${table} WHERE campaign_id = ? AND id NOT IN (SELECT value FROM json_each(?))`)
      .run(campaign, ids);
  const left = paused.length + pending.length;
  database
    .prepare("UPDATE progress SET paused = ?, pending = ?, leads_found = ?, leads_rejected = ? WHERE campaign_id = ?")
    .run(paused.length, pending.length, left, left, campaign);
}
