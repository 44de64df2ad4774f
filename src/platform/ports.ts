import { v7 as uuidv7 } from "uuid";
import { createDeliveryStore } from "../db/alerts.ts";
import { createJobStore } from "../db/jobs.ts";
import { createLeadStore } from "../db/leads.ts";
import type { JobResult, JobStore } from "../operations/jobs.ts";
import { nothingHeld } from "../operations/admissions.ts";
import type { DeliverPorts } from "../operations/deliver-alerts.ts";
import { createLine } from "../operations/line.ts";
import type { Providers } from "../operations/providers.ts";
import type { BatchPorts } from "../operations/run-batch.ts";
import { runJob } from "../operations/run-job.ts";
import { createProviders } from "../providers/index.ts";
import { createBreakerActor, createCampaignActors, createThrottleActor } from "./actors.ts";
import { postAlert } from "./alert-post.ts";
import { createAlertQueue } from "./alert-queue.ts";
import { coalesce } from "./coalesce.ts";
import { readConfig, modelsOf, outboundFetch, timeoutsOf } from "./config.ts";
import { createJobQueue } from "./job-queue.ts";
import { describeError, log } from "./log.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { failureOf } from "./failures.ts";
import { persist } from "./persist.ts";

/** The providers, as this environment is configured to reach them. @throws Misconfigured */
export function providersOf(env: Env) {
  const { mode, keys } = readConfig(env);
  return createProviders({
    fetch: outboundFetch(env, mode),
    keys,
    timeoutsMs: timeoutsOf(env),
    models: modelsOf(env),
  });
}

/** Shared by the invocations of this isolate: plain data, so no invocation waits for another's request. */
const ISOLATE = nothingHeld();

/** Jobs of one batch that have something to save at the same time save it in one write. */
function recordingTogether(jobs: JobStore): JobStore {
  const record = oneAtATime(async (asked: { results: JobResult[]; now: number }[]) => {
    const latest = Math.max(...asked.map(({ now }) => now));
    const standings = await jobs.record(
      asked.flatMap(({ results }) => results),
      latest,
    );
    const byJob = new Map(standings.map((standing) => [standing.jobId, standing]));
    return asked.map(({ results }) => results.flatMap(({ jobId }) => byJob.get(jobId) ?? []));
  });
  return { ...jobs, record: (results, now) => record({ results, now }) };
}

/** What one batch of jobs runs with. @throws Misconfigured */
export function batchPorts(env: Env, providers: Providers = providersOf(env), held = ISOLATE): BatchPorts {
  const timeouts = timeoutsOf(env);
  const jobs = createJobStore(env.DB);
  const shared = { now: Date.now, newId: uuidv7, wait: (ms: number) => scheduler.wait(ms) };
  return {
    ...shared,
    run: runJob,
    line: createLine({
      ...shared,
      breaker: createBreakerActor(env),
      held,
      timeoutMs: (provider) => timeouts[provider],
      throttle: (rate) => createThrottleActor(env, rate),
      coalesce,
      onLate: ({ roundTripMs, validForMs }) =>
        log("warn", "admission_late", { round_trip_ms: roundTripMs, valid_for_ms: validForMs }),
      standing: (claimed) => jobs.standing(claimed.map(({ id, dispatch }) => ({ jobId: id, dispatch }))),
    }),
    providers,
    jobs: recordingTogether(jobs),
    leads: createLeadStore(env.DB),
    queue: createJobQueue(env),
    campaigns: createCampaignActors(env),
    persist,
    failureOf,
    onUnexpected: (error, job) =>
      log("error", "attempt_disturbed", { ...describeError(error), job_id: job.id, campaign_id: job.campaignId }),
  };
}

/** What a batch of alerts is delivered with. Alerts need none of the providers' keys. */
export function deliverPorts(env: Env): DeliverPorts {
  return {
    deliveries: createDeliveryStore(env.DB),
    queue: createAlertQueue(env),
    post: (attempt) => postAlert(attempt, Date.now()),
    persist,
    now: Date.now,
  };
}
