import { v7 as uuidv7 } from "uuid";
import { createTargetStore } from "../db/alert-targets.ts";
import { createDeliveryStore } from "../db/alerts.ts";
import { createCampaignStore } from "../db/campaigns.ts";
import { createJobStore } from "../db/jobs.ts";
import { createLists } from "../db/lists.ts";
import type { RateName } from "../domain/throttle.ts";
import { createBreakerActor, createCampaignActors, createThrottleActor } from "../platform/actors.ts";
import { createAlertQueue } from "../platform/alert-queue.ts";
import { createJobQueue } from "../platform/job-queue.ts";
import { providersOf } from "../platform/ports.ts";

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
  /** @throws Misconfigured */
  providers: () => providersOf(env),
});
