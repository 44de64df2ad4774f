import { InvariantError } from "../domain/invariant.ts";
import { JOB_STATUSES } from "../domain/job.ts";

type Value = string | number | null;

/** What a lead's new stage or outcome is counted as. */
const LEAD_COUNTERS = ["verified", "rejected", "researched", "written", "pushed", "failed"];
/** Of those after which nothing more is done with the lead. To look into a list with IN counts as a row read. */
const LEAD_ENDED = "counter = 'rejected' OR counter = 'pushed' OR counter = 'failed'";

/** Statements' texts are few and constant, and each is read once. */
const numbered = new Map<string, { text: string; names: string[] }>();

function numberNames(sql: string) {
  const names: string[] = [];
  const text = sql.replace(/(?<![:\w]):([a-z]\w*)/gi, (_, name: string) => {
    if (!names.includes(name)) names.push(name);
    return `?${names.indexOf(name) + 1}`;
  });
  return { text, names };
}

/** A statement that returns rows of this shape. */
export type Statement<Row> = D1PreparedStatement & { readonly rows?: Row };

/**
 * Prepares a statement with named parameters (`:name`), each bound once. Lists go in as one JSON parameter, because D1
 * binds at most 100.
 */
export function statement<Row = unknown>(
  db: D1Database,
  sql: string,
  values: Record<string, Value> = {},
): Statement<Row> {
  let known = numbered.get(sql);
  if (!known) numbered.set(sql, (known = numberNames(sql)));
  const bound = known.names.map((name) => {
    const value = values[name];
    if (value === undefined) throw new InvariantError(`db/sql: no value for :${name}`);
    return value;
  });
  return db.prepare(known.text).bind(...bound);
}

/** Runs statements as one transaction. Returns the rows of each. */
export async function batch<Rows extends unknown[]>(
  db: D1Database,
  statements: { [At in keyof Rows]: Statement<Rows[At]> },
): Promise<{ [At in keyof Rows]: Rows[At][] }> {
  const answers = await db.batch(statements);
  return answers.map(({ results }) => results) as { [At in keyof Rows]: Rows[At][] };
}

/** A set-based change of jobs' status. All parts are SQL; `m` is what `from` calls its rows. */
export interface Move {
  /** Rows that the jobs are matched with, e.g. `json_each(:dispatches) AS m`. */
  from?: string;
  where: string;
  /** The status that is stored. */
  becomes: string;
  /** The status that the job then has for everybody; absent: the same. */
  shows?: string;
  /** Further assignments, e.g. `, lease_until = NULL`. */
  set?: string;
  returning?: string;
  /** What became of leads in the same write: selects `campaign_id, counter, kind`. */
  leads?: string;
}

/**
 * The two statements of a move: the campaigns' counts first, from the same rows by the same predicate, then the jobs.
 * Run them in one batch, so that no count is ever seen to differ from the rows.
 */
export function move(
  db: D1Database,
  { from, where, becomes, shows = becomes, set, returning, leads }: Move,
  values: Record<string, Value>,
) {
  // A queue may deliver a message twice in one batch; the job is moved once, and so counted once.
  const moves = `SELECT ${from ? "DISTINCT" : ""} jobs.id, jobs.campaign_id, ${STATUS_NOW} AS was, ${shows} AS becomes
    FROM ${from ? `${from} CROSS JOIN` : ""} job_rows AS jobs WHERE ${where}`;
  return [
    statement(db, tally(moves, leads), values),
    statement(
      db,
      `UPDATE job_rows AS jobs SET status = ${becomes}${set ?? ""} ${from ? `FROM ${from}` : ""} WHERE ${where}
       ${returning ? `RETURNING ${returning}` : ""}`,
      values,
    ),
  ] as const;
}

const NO_MOVES = "SELECT '' AS campaign_id, '' AS was, '' AS becomes WHERE false";

/** The statement that counts leads alone, as `Move.leads` has them. Needs `:now`. */
export const countLeads = (leads: string): string => tally(NO_MOVES, leads);

/** What the failures of a group have in common; '' when that is nothing, as where `ended` counts others too. */
export const commonKind = (kind: string, ended: string): string =>
  `CASE WHEN count(${kind}) = ${ended} AND min(${kind}) = max(${kind}) THEN min(${kind}) ELSE '' END`;

/**
 * Goes on with a campaign's streak of failures, or ends it. `changed` has how many leads `ended`, and in `kind` why all of
 * them failed: '' when they did not, or not all for one reason, null when none ended. Needs `:now`.
 */
export const COUNT_STREAK = `failing_reason = CASE WHEN changed.kind IS NULL THEN progress.failing_reason
      ELSE nullif(changed.kind, '') END,
    failing_count = CASE WHEN changed.kind IS NULL THEN progress.failing_count WHEN changed.kind = '' THEN 0
      WHEN changed.kind = progress.failing_reason THEN progress.failing_count + changed.ended ELSE changed.ended END,
    failing_since = CASE WHEN changed.kind IS NULL OR changed.kind = progress.failing_reason THEN progress.failing_since
      WHEN changed.kind <> '' THEN :now END`;

/**
 * One write of each campaign's counts. `moves` selects `campaign_id, was, becomes`; an empty text stands for a row that is
 * not there. `leads` selects `campaign_id, counter`, and for those that failed their `kind` of failure. Needs `:now`.
 */
export function tally(moves: string, leads?: string): string {
  const jobs = JOB_STATUSES.map((status) => ({
    column: status.toLowerCase(),
    sum: `sum((becomes = '${status}') - (was = '${status}'))`,
  }));
  const counted = LEAD_COUNTERS.map((counter) => ({ column: `leads_${counter}`, sum: `sum(counter = '${counter}')` }));
  const sums = leads ? [...jobs, ...counted] : jobs;
  const rows = leads
    ? `SELECT campaign_id, was, becomes, '' AS counter, NULL AS kind FROM (${moves})
       UNION ALL SELECT campaign_id, '', '', counter, kind FROM (${leads})`
    : moves;
  const ended = `sum(${LEAD_ENDED})`;
  const streak = `, ${ended} AS ended, CASE WHEN ${ended} > 0 THEN ${commonKind("kind", ended)} END AS kind`;
  return `UPDATE progress SET ${sums.map(({ column }) => `${column} = ${COUNT_NOW[column] ?? `progress.${column}`} + changed.${column}`).join(", ")},
      epoch = gate.epoch, ${leads ? `${COUNT_STREAK},` : ""} updated_at = :now
    FROM (SELECT campaign_id, ${sums.map(({ column, sum }) => `${sum} AS ${column}`).join(", ")} ${leads ? streak : ""}
      FROM (${rows}) GROUP BY campaign_id) AS changed CROSS JOIN breaker_gate AS gate
    WHERE progress.campaign_id = changed.campaign_id AND gate.id = 1`;
}

/** How many jobs of a row of `progress` are not finished. */
export const UNFINISHED = "progress.pending + progress.running + progress.paused";

/** The epoch under which jobs must have been queued to be at work now; null while the gate is open. */
export const QUEUED_NOW = "(SELECT CASE state WHEN 'closed' THEN epoch END FROM breaker_gate WHERE id = 1)";
/** The same for what is queued now, by anybody but a resume; null also while one runs, in which everything waits its turn. */
export const QUEUES_AT_ONCE =
  "(SELECT CASE WHEN state = 'closed' AND reason IS NULL THEN epoch END FROM breaker_gate WHERE id = 1)";
/** What a job that is made, or queued again, is from then on. */
export const STATUS_OF_NEW = `CASE WHEN ${QUEUES_AT_ONCE} IS NULL THEN 'PAUSED' ELSE 'PENDING' END`;
/** What a row of `jobs` is for everybody: PAUSED until it is queued under the epoch in which the line runs. */
export const STATUS_NOW = `CASE WHEN jobs.finished_at IS NOT NULL OR jobs.queued_epoch = ${QUEUED_NOW} THEN jobs.status
  ELSE 'PAUSED' END`;
/** The same of the row that a statement returns. */
export const STATUS_RETURNED = STATUS_NOW.replaceAll("jobs.", "");
/** The job of a row `m` of a JSON list of dispatches, while it has that dispatch. */
export const SAME_DISPATCH = "jobs.id = m.value ->> 'jobId' AND jobs.dispatch = m.value ->> 'dispatch'";
/** A job as `JobStanding` has it: of the view `jobs`, and of the row that a statement returns. */
export const STANDING = "jobs.id AS jobId, jobs.dispatch, jobs.status, jobs.type, jobs.priority";
export const STANDING_RETURNED = `id AS jobId, dispatch, ${STATUS_RETURNED} AS status, type, priority`;
/** Whether a job that is queued may be queued again at once; else it waits for a resume. */
export const AGAIN_AT_ONCE = `coalesce(jobs.queued_epoch = ${QUEUES_AT_ONCE}, false)`;

/** With every change of the gate all unfinished jobs are PAUSED, whatever was counted before it. */
const COUNT_NOW: Record<string, string> = {
  pending: `CASE WHEN progress.epoch = gate.epoch THEN progress.pending ELSE 0 END`,
  running: `CASE WHEN progress.epoch = gate.epoch THEN progress.running ELSE 0 END`,
  paused: `CASE WHEN progress.epoch = gate.epoch THEN progress.paused
    ELSE progress.pending + progress.running + progress.paused END`,
};

/** Whether there is any work: while there is none, the watchdog sleeps. */
export const ANYTHING_UNFINISHED = `SELECT EXISTS (SELECT 1 FROM campaigns WHERE status = 'RUNNING')
  OR EXISTS (SELECT 1 FROM job_rows WHERE finished_at IS NULL) AS unfinished`;

/** True inside a statement while the breaker is closed. */
export const GATE_CLOSED = "(SELECT state FROM breaker_gate WHERE id = 1) = 'closed'";
