import { z } from "zod";
import { explain, JOB_STATUSES, JOB_TYPES, type Job as JobState, type JobType } from "../domain/job.ts";
import { LEAD_STEPS, type LeadStage, nextStep } from "../domain/pipeline.ts";
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
  step: z.string().nullable().describe("The step that comes next; null when none does."),
  pause_reason: z.string().nullable(),
  error: z.string().nullable(),
  result: z.unknown(),
  created_at: Time,
  started_at: Time.nullable(),
  finished_at: Time.nullable(),
});

export const JobStep = z.object({ step: z.string(), state: z.enum(["done", "next", "waiting"]) });
export const JobAnswer = z.object({ job: Job });
export const JobWithSteps = z.object({ job: Job.extend({ steps: z.array(JobStep) }) });
export const JobList = z.object({ jobs: z.array(Job), next_cursor: NextCursor });
export const JobQuery = PageQuery.extend({
  status: z.enum(JOB_STATUSES).optional(),
  type: z.enum(JOB_TYPES).optional(),
  campaign_id: Id.optional(),
});
export const JobsStatus = z.object({ job_counts: JobCounts, circuit_breaker: CircuitBreaker });
export const JobStatusAnswer = z.object({
  job: Job.extend({ steps: z.array(JobStep) }),
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
    result: job.result === null ? null : (JSON.parse(job.result) as unknown),
    created_at: time(job.createdAt),
    started_at: timeOrNull(job.startedAt),
    finished_at: timeOrNull(job.finishedAt),
  };
}

export function jobWithSteps(job: JobRow): z.infer<typeof JobWithSteps>["job"] {
  const steps = stepsOf(job.type);
  const next = stepOf(job);
  const at = next === null ? steps.length : steps.indexOf(next);
  const state = (index: number) => (index < at ? "done" : index === at ? "next" : "waiting");
  return { ...jobView(job), steps: steps.map((step, index) => ({ step, state: state(index) })) };
}

export function explanationOf(job: JobRow, breakerOpen: boolean): string {
  return explain(job, breakerOpen);
}

function stepsOf(type: JobType): readonly string[] {
  switch (type) {
    case "ENRICH_LEAD":
      return LEAD_STEPS;
    case "FETCH_LEADS":
      return ["search", "reveal"];
    case "CLEANUP_CAMPAIGN":
      return ["delete"];
  }
}

function stepOf(job: JobRow): string | null {
  if (job.status === "COMPLETED" || job.status === "CANCELLED") return null;
  switch (job.type) {
    case "ENRICH_LEAD":
      return job.leadStage === null ? null : nextStep(job.leadStage);
    case "FETCH_LEADS": {
      const progress = JSON.parse(job.progress ?? "{}") as { candidates?: unknown[]; reserved?: unknown[] };
      return (progress.candidates?.length ?? 0) + (progress.reserved?.length ?? 0) > 0 ? "reveal" : "search";
    }
    case "CLEANUP_CAMPAIGN":
      return "delete";
  }
}
