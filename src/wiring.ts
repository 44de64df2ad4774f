// What is made of what: the only place that makes stores, queues, clients and stubs of actors.
import { v7 as uuidv7 } from "uuid";
import { createAddressStore } from "./db/addresses.ts";
import { createTargetStore } from "./db/alert-targets.ts";
import { createBackupPages } from "./db/backup-pages.ts";
import { createCampaignStore } from "./db/campaigns.ts";
import { createLists } from "./db/lists.ts";
import { remainingWork } from "./db/remaining-work.ts";
import { createSessions } from "./db/sessions.ts";
import { createSweepStore } from "./db/sweeps.ts";
import type { RateName } from "./domain/throttle.ts";
import type { BackUpPorts } from "./operations/backup/back-up.ts";
import { createBackupBucket } from "./platform/backup-bucket.ts";
import { createDeliveryStore } from "./db/alerts.ts";
import { createJobStore } from "./db/jobs.ts";
import { createLeadStore } from "./db/leads.ts";
import { recordingTogether } from "./db/recording-together.ts";
import { nothingHeld } from "./operations/line/admissions.ts";
import type { DeliverPorts } from "./operations/alert/deliver.ts";
import { createLine } from "./operations/line/line.ts";
import type { Providers } from "./ports/providers.ts";
import type { BatchPorts } from "./operations/job/run-batch.ts";
import { runJob } from "./operations/job/run.ts";
import { createProviders } from "./providers/index.ts";
import { createBreakerActor, createCampaignActors, createThrottleActor } from "./platform/actors.ts";
import { postAlert } from "./platform/alert-post.ts";
import { createAlertQueue } from "./platform/alert-queue.ts";
import { coalesce } from "./platform/coalesce.ts";
import { consoleOriginOf, readConfig, modelsOf, outboundFetch, timeoutsOf } from "./platform/config.ts";
import { createJobQueue } from "./platform/job-queue.ts";
import { describeError, log } from "./platform/log.ts";
import { oneAtATime } from "./platform/one-at-a-time.ts";
import { failureOf } from "./platform/failures.ts";
import { persist } from "./platform/persist.ts";

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
    jobs: recordingTogether(jobs, oneAtATime),
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

/** What a batch of dead letters is handled with. */
export const deadLetterPorts = (env: Env) => ({
  sweeps: createSweepStore(env.DB),
  queue: createJobQueue(env),
  now: Date.now,
});

/** What the routes call, made for one request from its bindings. */
export const services = (env: Env) => ({
  breaker: createBreakerActor(env),
  campaignActors: createCampaignActors(env),
  campaigns: createCampaignStore(env.DB),
  jobs: createJobStore(env.DB),
  lists: createLists(env.DB),
  queue: createJobQueue(env),
  targets: createTargetStore(env.DB),
  deliveries: createDeliveryStore(env.DB),
  alertQueue: createAlertQueue(env),
  throttle: (rate: RateName) => createThrottleActor(env, rate),
  now: Date.now,
  newId: uuidv7,
  remainingWork: () => remainingWork(env.DB),
  /** @throws Misconfigured */
  providers: () => providersOf(env),
});

/** What the Breaker's alarm works with outside its own storage. */
export const breakerPorts = (env: Env) => ({
  sweeps: createSweepStore(env.DB),
  jobs: createJobStore(env.DB),
  queue: createJobQueue(env),
  campaigns: createCampaignActors(env),
  addresses: createAddressStore(env.DB),
  nextSlotMs: (rate: RateName) => createThrottleActor(env, rate).nextSlotMs(),
  now: Date.now,
});

/** What the Breaker tells operators with. */
export const announcePorts = (env: Env) => ({
  deliveries: createDeliveryStore(env.DB),
  queue: createAlertQueue(env),
  now: Date.now,
  newId: uuidv7,
  consoleOrigin: consoleOriginOf(env),
});

/** What a Campaign starts and completes itself with. */
export const campaignPorts = (env: Env) => ({
  campaigns: createCampaignStore(env.DB),
  breaker: createBreakerActor(env),
  queue: createJobQueue(env),
  now: Date.now,
  newId: uuidv7,
});

/** Null where there is no bucket for backups. */
export const backUpPorts = (env: Env): BackUpPorts | null =>
  env.BACKUPS ? { pages: createBackupPages(env.DB), bucket: createBackupBucket(env.BACKUPS), now: Date.now } : null;

export const sessionsOf = (env: Env) => createSessions(env.DB);
