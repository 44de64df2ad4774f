import { z } from "zod";
import { JOB_STATUSES, JOB_TYPES, type Job as JobState } from "../domain/job.ts";
import { JOB_STEPS, type JobStep, type LeadStage, nextStep, STEPS } from "../domain/pipeline.ts";
import { CircuitBreaker } from "./breaker.ts";
import { JobCounts } from "./campaigns.ts";
import { Id, NextCursor, PageQuery, Time, time, timeOrNull } from "./common.ts";

export const Job = z.object({
  id: Id,
  campaign_id: Id,
  lead_id: Id.nullable(),
  type: z.enum(JOB_TYPES),
  status: z.enum(JOB_STATUSES),
  priority: z.int(),
  dispatch: z.int().describe("Rises with each queue message made for the job."),
  attempts: z.int(),
  step: z.enum(JOB_STEPS).nullable().describe("The step that comes next; null when none does."),
  pause_reason: z.string().nullable(),
  error: z.string().nullable(),
  result: z.unknown(),
  created_at: Time,
  started_at: Time.nullable(),
  finished_at: Time.nullable(),
});

const StepState = z.object({
  step: z.enum(JOB_STEPS),
  state: z.enum(["done", "next", "waiting", "not_done"]).describe("`not_done`: the job has ended before this step."),
});
export const JobAnswer = z.object({ job: Job });
export const JobWithSteps = z.object({ job: Job.extend({ steps: z.array(StepState) }) });
export const JobList = z.object({ jobs: z.array(Job), next_cursor: NextCursor });
const FILTER = {
  type: z.enum(JOB_TYPES).optional(),
  campaign_id: Id.optional(),
  step: z.enum(JOB_STEPS).optional().describe("The step that comes next."),
  error: z.string().trim().min(1).max(200).optional().describe("A part of the job's error, in any case of letters."),
};
const WITH_STATUS = { status: z.enum(JOB_STATUSES).optional(), ...FILTER };
export const JobQuery = PageQuery.extend(WITH_STATUS);
export const JobCountQuery = z.strictObject(WITH_STATUS);
export const JobCount = z.object({ count: z.int() });
/** Which FAILED jobs; `{}` means all. */
export const RetryJobs = z.strictObject(FILTER);
export const JobsRetried = z.object({
  retried: z.int().describe("Queued again by this request."),
  remaining: z.int().describe("Still FAILED and matching. One request retries 10,000 at the most: ask again."),
});
export const JobsStatus = z.object({ job_counts: JobCounts, circuit_breaker: CircuitBreaker });
export const JobStatusAnswer = z.object({
  job: Job.extend({ steps: z.array(StepState) }),
  circuit_breaker: CircuitBreaker,
  pause_reason: z.string().nullable(),
  resume_available: z.boolean().describe("Whether closing the breaker would queue this job again."),
  explanation: z.string().describe("One sentence: why it is not running."),
});

/** A job with how far its lead is. */
export type JobRow = JobState & { leadStage: LeadStage | null };

export function jobView(job: JobRow): z.infer<typeof Job> {
  return {
    id: job.id,
    campaign_id: job.campaignId,
    lead_id: job.leadId,
    type: job.type,
    status: job.status,
    priority: job.priority,
    dispatch: job.dispatch,
    attempts: job.attempts,
    step: stepOf(job),
    pause_reason: job.pauseReason,
    error: job.error,
    result: job.result,
    created_at: time(job.createdAt),
    started_at: timeOrNull(job.startedAt),
    finished_at: timeOrNull(job.finishedAt),
  };
}

export function jobWithSteps(job: JobRow): z.infer<typeof JobWithSteps>["job"] {
  const steps = STEPS[job.type];
  const next = stepReached(job);
  const at = next === null ? steps.length : steps.indexOf(next);
  const ended = stepOf(job) === null;
  const state = (index: number) => (index < at ? "done" : ended ? "not_done" : index === at ? "next" : "waiting");
  return { ...jobView(job), steps: steps.map((step, index) => ({ step, state: state(index) })) };
}

function stepOf(job: JobRow): JobStep | null {
  return job.status === "COMPLETED" || job.status === "CANCELLED" ? null : stepReached(job);
}

/** The first step that is not done, whether or not it will be; a lead that was turned down has not had the rest. */
function stepReached(job: JobRow): JobStep | null {
  if (job.status === "COMPLETED" && job.type !== "ENRICH_LEAD") return null;
  switch (job.type) {
    case "ENRICH_LEAD":
      return job.leadStage === null ? null : nextStep(job.leadStage);
    case "FETCH_LEADS": {
      const { candidates = [], reserved = [] } = job.progress ?? {};
      return candidates.length + reserved.length > 0 ? "reveal" : "search";
    }
    case "CLEANUP_CAMPAIGN":
      return "delete";
  }
}
