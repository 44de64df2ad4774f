import type { BackedUp, Row } from "../domain/backup.ts";
import { JOB_STATUSES } from "../domain/job.ts";

// A backup's rows as the statements that write them into an empty database, and what makes them fit each other: the tables were
// read one after another while the line ran.

/** A statement of D1 takes 100,000 bytes, and a character has up to three. */
const STATEMENT_CHARACTERS = 30_000;

const literal = (value: Row[string] | undefined): string => {
  if (value === null || value === undefined) return "NULL";
  return typeof value === "number" ? String(value) : `'${String(value).replaceAll("'", "''")}'`;
};

/** The gate has a row from the beginning: it is replaced. */
export function insertions(table: BackedUp["table"], rows: Row[]): string[] {
  const statements: string[] = [];
  let values: string[] = [];
  let size = 0;
  const columns = Object.keys(rows[0] ?? {});
  const end = () => {
    if (values.length > 0)
      statements.push(`INSERT OR REPLACE INTO ${table} (${columns.join(", ")}) VALUES\n${values.join(",\n")};`);
    values = [];
    size = 0;
  };
  const valueOf = (row: Row) => `(${columns.map((column) => literal(row[column])).join(", ")})`;
  for (const row of rows) {
    const whole = valueOf(row);
    // A long search's history is for people to look at, and may be longer than a statement.
    const value = whole.length > STATEMENT_CHARACTERS && row["history"] ? valueOf({ ...row, history: null }) : whole;
    if (size + value.length > STATEMENT_CHARACTERS) end();
    values.push(value);
    size += value.length;
  }
  end();
  return statements;
}

const IS_GOOD = `(leads.verification ->> 'verdict' = 'ok'
  OR leads.verification ->> 'verdict' = 'catch_all' AND NOT (SELECT refuse_catch_all FROM campaigns WHERE id = leads.campaign_id))`;
const LEADS = {
  leads_found: "stage NOT IN ('reserved', 'dropped')",
  leads_verified: `verification IS NOT NULL AND ${IS_GOOD}`,
  leads_rejected: "outcome = 'rejected' AND stage <> 'dropped'",
  leads_researched: "research IS NOT NULL",
  leads_written: "copy IS NOT NULL",
  leads_pushed: "stage = 'pushed'",
  leads_failed: "outcome = 'failed'",
};
const sums = (conditions: string[]) => conditions.map((each) => `coalesce(sum(${each}), 0)`).join(", ");
const BEGAN_LATER = `campaign_id NOT IN (SELECT id FROM campaigns)
  OR campaign_id IN (SELECT id FROM campaigns WHERE status = 'CREATED')`;

/** What is run after all rows are written. */
export const REPAIRS = [
  // Campaigns are as they were at the backup's beginning: of those that began after it nothing is left.
  `DELETE FROM leads WHERE ${BEGAN_LATER};`,
  `DELETE FROM job_rows WHERE ${BEGAN_LATER};`,
  "DELETE FROM progress WHERE campaign_id NOT IN (SELECT id FROM campaigns);",
  "INSERT OR IGNORE INTO progress (campaign_id) SELECT id FROM campaigns;",
  // No attempt of then still lives, and none that does may write into these rows.
  "UPDATE job_rows SET status = 'PENDING', lease_until = NULL, dispatch = dispatch + 1 WHERE finished_at IS NULL;",
  // Found after the jobs were read.
  `INSERT INTO job_rows (id, campaign_id, lead_id, type, status, priority, dispatch, created_at)
   SELECT id, campaign_id, id, 'ENRICH_LEAD', 'PENDING', 0, 1, created_at FROM leads
   WHERE outcome = 'open' AND stage NOT IN ('reserved', 'dropped')
     AND NOT EXISTS (SELECT 1 FROM job_rows WHERE job_rows.campaign_id = leads.campaign_id AND job_rows.lead_id = leads.id);`,
  // Retried after they were read.
  `UPDATE job_rows SET status = 'PENDING', finished_at = NULL, error = NULL, queued_epoch = NULL, lease_until = NULL
   WHERE finished_at IS NOT NULL AND lead_id IN (SELECT id FROM leads WHERE outcome = 'open' AND stage <> 'pushed');`,
  `UPDATE campaigns SET status = 'RUNNING', error = NULL, completed_at = NULL, failed_at = NULL
   WHERE status IN ('COMPLETED', 'FAILED')
     AND EXISTS (SELECT 1 FROM job_rows WHERE campaign_id = campaigns.id AND finished_at IS NULL);`,
  `UPDATE progress SET epoch = (SELECT epoch FROM breaker_gate WHERE id = 1),
     (${JOB_STATUSES.map((each) => each.toLowerCase()).join(", ")}) =
       (SELECT ${sums(JOB_STATUSES.map((each) => `status = '${each}'`))} FROM jobs WHERE campaign_id = progress.campaign_id),
     (${Object.keys(LEADS).join(", ")}) =
       (SELECT ${sums(Object.values(LEADS))} FROM leads WHERE campaign_id = progress.campaign_id);`,
];
