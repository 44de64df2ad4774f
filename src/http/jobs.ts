import { createRoute } from "@hono/zod-openapi";
import type { z } from "zod";
import { breakerView } from "../contract/breaker.ts";
import { IdParams } from "../contract/common.ts";
import {
  JobAnswer,
  JobCount,
  JobCountQuery,
  JobList,
  JobQuery,
  type JobRow,
  JobStatusAnswer,
  JobsRetried,
  JobsStatus,
  JobWithSteps,
  jobView,
  jobWithSteps,
  RetryJobs,
} from "../contract/jobs.ts";
import { JobTimeline } from "../contract/job-timeline.ts";
import { jobTimeline } from "../wording/job-timeline.ts";
import { openDetails } from "../contract/breaker.ts";
import { type Reason, reasonText } from "../domain/breaker.ts";
import { explain } from "../wording/explanation.ts";
import { retryJob, retryJobs } from "../operations/job/retry.ts";
import { cancelJob } from "../operations/job/cancel.ts";
import type { JobFilter } from "../ports/jobs.ts";
import { answers, body, createRouter, good, NO_BODY, NO_QUERY, page, route } from "./endpoint.ts";
import { ApiError } from "./errors.ts";
import { services } from "../wiring.ts";

const TAG = "Jobs";
/** The line's stops that a job's timeline shows are of these, the newest. */
const INCIDENTS_LOOKED_AT = 100;

export const jobs = createRouter();

const filterOf = ({ campaign_id, ...rest }: z.infer<typeof JobCountQuery>): JobFilter => ({
  ...rest,
  campaignId: campaign_id,
});

async function jobOf(env: Env, id: string): Promise<JobRow> {
  const job = await services(env).lists.job(id);
  if (!job) throw new ApiError("not_found", "No job has this id. GET /api/v1/jobs lists those there are.");
  return job;
}

jobs.openapi(
  createRoute({
    ...route("viewer", TAG, "Jobs, newest first"),
    method: "get",
    path: "/",
    request: { query: JobQuery },
    responses: answers(JobList),
  }),
  async (c) => {
    const { limit, cursor, ...filter } = c.req.valid("query");
    const { rows, next_cursor } = page(await services(c.env).lists.jobs(filterOf(filter), { limit, cursor }), limit);
    return c.json(good({ jobs: rows.map(jobView), next_cursor }), 200);
  },
);

jobs.openapi(
  createRoute({
    ...route("viewer", TAG, "How many jobs match a filter"),
    method: "get",
    path: "/count",
    request: { query: JobCountQuery },
    responses: answers(JobCount),
  }),
  async (c) => c.json(good({ count: await services(c.env).lists.countJobs(filterOf(c.req.valid("query"))) }), 200),
);

jobs.openapi(
  createRoute({
    ...route("operator", TAG, "Retry all failed jobs that match: each goes on where it failed"),
    method: "post",
    path: "/retry",
    request: { query: NO_QUERY, body: body(RetryJobs) },
    responses: answers(JobsRetried, ["breaker_open"]),
  }),
  async (c) => {
    const answer = await retryJobs(services(c.env), filterOf(c.req.valid("json")), c.get("caller").name);
    if (answer.outcome === "breaker_open") throw breakerOpen(answer.reason, "the jobs stay FAILED");
    return c.json(good({ retried: answer.retried, remaining: answer.remaining }), 200);
  },
);

jobs.openapi(
  createRoute({
    ...route("viewer", TAG, "How many jobs are in each status, and the breaker"),
    method: "get",
    path: "/status",
    request: { query: NO_QUERY },
    responses: answers(JobsStatus),
  }),
  async (c) => {
    const { lists, breaker } = services(c.env);
    const [counts, status] = await Promise.all([lists.jobCounts(), breaker.status()]);
    return c.json(good({ job_counts: counts, circuit_breaker: breakerView(status) }), 200);
  },
);

jobs.openapi(
  createRoute({
    ...route("viewer", TAG, "One job with its steps"),
    method: "get",
    path: "/{id}",
    request: { params: IdParams, query: NO_QUERY },
    responses: answers(JobWithSteps, ["not_found"]),
  }),
  async (c) => c.json(good({ job: jobWithSteps(await jobOf(c.env, c.req.valid("param").id)) }), 200),
);

jobs.openapi(
  createRoute({
    ...route("viewer", TAG, "One job, the breaker, and why the job is not running"),
    method: "get",
    path: "/{id}/status",
    request: { params: IdParams, query: NO_QUERY },
    responses: answers(JobStatusAnswer, ["not_found"]),
  }),
  async (c) => {
    const job = await jobOf(c.env, c.req.valid("param").id);
    const stands = await services(c.env).breaker.status();
    const open = stands.breaker.state === "open";
    return c.json(
      good({
        job: jobWithSteps(job),
        circuit_breaker: breakerView(stands),
        pause_reason: job.pauseReason,
        resume_available: job.status === "PAUSED" && open,
        explanation: explain(job, open),
      }),
      200,
    );
  },
);

jobs.openapi(
  createRoute({
    ...route("viewer", TAG, "What became of one job: each attempt with its calls, and the stops of the line meanwhile"),
    method: "get",
    path: "/{id}/timeline",
    request: { params: IdParams, query: NO_QUERY },
    responses: answers(JobTimeline, ["not_found"]),
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const { lists, breaker } = services(c.env);
    const [job, history, incidents] = await Promise.all([
      jobOf(c.env, id),
      lists.jobHistory(id),
      breaker.incidents(null, INCIDENTS_LOOKED_AT),
    ]);
    return c.json(good(jobTimeline(job, history, incidents)), 200);
  },
);

jobs.openapi(
  createRoute({
    ...route("operator", TAG, "Cancel a job that is not finished; what it has done is kept"),
    method: "delete",
    path: "/{id}",
    request: { params: IdParams, query: NO_QUERY },
    responses: answers(JobAnswer, ["not_found", "invalid_transition"]),
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const cancelled = await cancelJob(services(c.env), await jobOf(c.env, id), c.get("caller").name);
    const job = await jobOf(c.env, id);
    if (!cancelled) {
      throw new ApiError(
        "invalid_transition",
        `The job is ${job.status}: only a job that is not finished can be cancelled.`,
        {
          status: job.status,
        },
      );
    }
    return c.json(good({ job: jobView(job) }), 200);
  },
);

jobs.openapi(
  createRoute({
    ...route("operator", TAG, "Retry a failed job: it goes on where it failed"),
    method: "post",
    path: "/{id}/retry",
    request: { params: IdParams, query: NO_QUERY, body: NO_BODY },
    responses: answers(JobAnswer, ["not_found", "invalid_transition", "breaker_open"]),
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const job = await jobOf(c.env, id);
    if (job.status !== "FAILED") throw notFailed(job);
    const answer = await retryJob(services(c.env), id, c.get("caller").name);
    if (answer.outcome === "breaker_open") throw breakerOpen(answer.reason, "the job stays FAILED");
    if (answer.outcome === "not_now") {
      const after = await jobOf(c.env, id);
      if (after.status !== "FAILED") throw notFailed(after);
      throw new ApiError(
        "conflict",
        "The line is just being stopped or started. The job stays FAILED; try again in a moment.",
      );
    }
    return c.json(good({ job: jobView(await jobOf(c.env, id)) }), 200);
  },
);

function notFailed(job: JobRow): ApiError {
  return new ApiError("invalid_transition", `The job is ${job.status}: only a FAILED job can be retried.`, {
    status: job.status,
  });
}

function breakerOpen(reason: Reason, stays: string): ApiError {
  const message = `The line is stopped (${reasonText(reason)}). An operator must close the breaker first; ${stays}.`;
  return new ApiError("breaker_open", message, openDetails(reason));
}
