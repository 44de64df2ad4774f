import { and, eq, inArray, isNull, notInArray, type SQL, sql } from "drizzle-orm";
import type { JobStatus } from "../domain/job.ts";
import { type JobStep, LEAD_STAGES, nextStep } from "../domain/pipeline.ts";
import type { JobFilter } from "../ports/jobs.ts";
import { jobs } from "./job-schema.ts";
import { leads } from "./schema.ts";

/** A filter as a condition on jobs, joined with their leads. */
export function matches({ status, type, campaignId, step, error }: JobFilter): SQL | undefined {
  return and(
    campaignId ? eq(jobs.campaignId, campaignId) : undefined,
    status ? hasStatus(status) : undefined,
    type ? eq(jobs.type, type) : undefined,
    step ? isBefore(step) : undefined,
    error ? sql`instr(lower(${jobs.error}), lower(${error})) > 0` : undefined,
  );
}

/** What has ended is so in its row, where an index knows it; what has not is PAUSED by the gate. */
function hasStatus(status: JobStatus): SQL {
  // Written out, and not bound: only so does SQLite use the index over the FAILED ones.
  const is = sql.raw(`'${status}'`);
  switch (status) {
    case "COMPLETED":
    case "FAILED":
    case "CANCELLED":
      return sql`${jobs.rowStatus} = ${is}`;
    case "PENDING":
    case "RUNNING":
    case "PAUSED":
      return sql`(${isNull(jobs.finishedAt)} AND ${jobs.status} = ${is})`;
  }
}

function isBefore(step: JobStep): SQL | undefined {
  return and(notInArray(jobs.rowStatus, ["COMPLETED", "CANCELLED"]), isNext(step));
}

function isNext(step: JobStep): SQL | undefined {
  const length = (list: string) => sql`coalesce(json_array_length(${jobs.progress}, ${`$.${list}`}), 0)`;
  const toReveal = sql`${length("candidates")} + ${length("reserved")}`;
  switch (step) {
    case "search":
      return and(eq(jobs.type, "FETCH_LEADS"), sql`${toReveal} = 0`);
    case "reveal":
      return and(eq(jobs.type, "FETCH_LEADS"), sql`${toReveal} > 0`);
    case "delete":
      return eq(jobs.type, "CLEANUP_CAMPAIGN");
    case "verify":
    case "research":
    case "write":
    case "push": {
      const before = LEAD_STAGES.filter((stage) => nextStep(stage) === step);
      return and(eq(jobs.type, "ENRICH_LEAD"), inArray(leads.stage, before));
    }
  }
}
