import type { Mutation } from "./mutation.ts";

/** What the statements themselves guard. */
export const ROW_MUTATIONS: Mutation[] = [
  {
    name: "a claim does not look at the gate",
    file: "src/db/jobs.ts",
    find: "where: `${SAME_DISPATCH} AND jobs.status = 'PENDING' AND ${GATE_CLOSED}`",
    replace: "where: `${SAME_DISPATCH} AND jobs.status = 'PENDING'`",
  },
  {
    name: "a claim takes a job that somebody has claimed",
    file: "src/db/jobs.ts",
    find: "where: `${SAME_DISPATCH} AND jobs.status = 'PENDING' AND ${GATE_CLOSED}`",
    replace: "where: `${SAME_DISPATCH} AND jobs.status IN ('PENDING', 'RUNNING') AND ${GATE_CLOSED}`",
  },
  {
    name: "claims and results do not compare the dispatch",
    file: "src/db/jobs.ts",
    find: "jobs.id = m.value ->> 'jobId' AND jobs.dispatch = m.value ->> 'dispatch'\"",
    replace: "jobs.id = m.value ->> 'jobId'\"",
  },
  {
    name: "a result is written whatever the row's status is",
    file: "src/db/jobs.ts",
    find: "where: `${SAME_DISPATCH} AND jobs.status = 'RUNNING'`",
    replace: "where: `${SAME_DISPATCH}`",
  },
  {
    name: "a paused end stays paused when the line runs again",
    file: "src/db/jobs.ts",
    find: "CASE WHEN m.value ->> 'becomes' = 'PAUSED' AND ${GATE_CLOSED} THEN 'PENDING'\n  WHEN",
    replace: "CASE WHEN",
  },
  {
    name: "an attempt hands its job on while the line is stopped",
    file: "src/db/jobs.ts",
    find: "WHEN m.value ->> 'becomes' = 'PENDING' AND NOT ${GATE_CLOSED} THEN 'PAUSED' ELSE",
    replace: "ELSE",
  },
  {
    name: "an end keeps the old dispatch when it hands its job on",
    file: "src/db/jobs.ts",
    find: "dispatch = jobs.dispatch + (${END_BECOMES} = 'PENDING'),",
    replace: "dispatch = jobs.dispatch,",
  },
  {
    name: "an attempt does not let go of a job that was paused meanwhile",
    file: "src/db/jobs.ts",
    find: "...move(db, ending, values), statement(db, SQL.letGo, values)",
    replace: "...move(db, ending, values)",
  },
  {
    name: "a job that fails without a result leaves its lead open",
    file: "src/db/jobs.ts",
    find: "return [statement(db, SQL.countUnworked, values), statement(db, SQL.failUnworked, values)];",
    replace: "return [statement(db, SQL.countUnworked, values)].slice(1);",
  },
  {
    name: "a message that came twice in one batch is counted twice",
    file: "src/db/sql.ts",
    find: "SELECT DISTINCT jobs.id",
    replace: "SELECT jobs.id",
  },
  {
    name: "new jobs begin pending while the line is stopped",
    file: "src/db/sql.ts",
    find: "\"(SELECT CASE state WHEN 'closed' THEN 'PENDING' ELSE 'PAUSED' END FROM breaker_gate WHERE id = 1)\"",
    replace: "\"'PENDING'\"",
  },
  {
    name: "a resume does not compare the epoch",
    file: "src/db/sweeps.ts",
    find: "AND ${SHOWS_EPOCH}`",
    replace: "AND :epoch >= 0`",
    test: "tests/workers/jobs-claims.test.ts",
  },
  {
    name: "a resume does not wait for the earlier attempt's lease",
    file: "src/db/sweeps.ts",
    find: "\"jobs.status = 'PAUSED' AND (jobs.lease_until IS NULL OR jobs.lease_until < :now)\"",
    replace: "\"jobs.status = 'PAUSED' AND :now > 0\"",
  },
  {
    name: "the watchdog takes jobs back whose lease has not run out",
    file: "src/db/sweeps.ts",
    find: "\"jobs.status = 'RUNNING' AND jobs.lease_until < :now\"",
    replace: "\"jobs.status = 'RUNNING' AND :now > 0\"",
  },
  {
    name: "sweeps and the watchdog queue again under the old dispatch",
    file: "src/db/sweeps.ts",
    find: '", dispatch = jobs.dispatch + 1, queued_at',
    replace: '", queued_at',
  },
  {
    name: "the watchdog works on while the line is stopped",
    file: "src/db/sweeps.ts",
    find: "where: `${rows.sql} AND ${where} AND ${GATE_CLOSED}`",
    replace: "where: `${rows.sql} AND ${where}`",
    test: "tests/workers/jobs-watchdog.test.ts",
  },
  {
    name: "the gate may be overwritten by an older epoch",
    file: "src/db/sweeps.ts",
    find: "WHERE id = 1 AND epoch < :epoch",
    replace: "WHERE id = 1 AND epoch <> :epoch",
  },
  {
    name: "reservations are made for a dispatch that is over",
    file: "src/db/leads.ts",
    find: "FROM json_each(:wanted) AS m WHERE ${RUNS}`",
    replace: "FROM json_each(:wanted) AS m WHERE ${RUNS} OR :jobId <> ''`",
    test: "tests/workers/jobs-late.test.ts",
  },
  {
    name: "a campaign completes though a job is unfinished",
    file: "src/db/campaigns.ts",
    find: "\n      AND NOT EXISTS (SELECT 1 FROM jobs WHERE campaign_id = :id AND finished_at IS NULL)`",
    replace: "`",
  },
  {
    name: "a cancelled job's lead stays open",
    file: "src/db/jobs.ts",
    find: "        statement(db, SQL.cancelLead, values),\n",
    replace: "",
  },
  {
    name: "a pause that comes late does not compare the epoch",
    file: "src/db/sweeps.ts",
    find: "where: `${rows.sql} AND ${SHOWS_EPOCH}\n",
    replace: "where: `${rows.sql} AND :epoch >= 0\n",
  },
];
