import { DurableObject } from "cloudflare:workers";
import type { Activity, CallRecord } from "../src/domain/activity.ts";
import type { Instant } from "../src/domain/breaker.ts";
import type { Provider } from "../src/domain/fault.ts";
import { ratesOf, timeoutsOf } from "../src/platform/config.ts";
import { type Grant, type Permits, grant, release } from "../src/domain/throttle.ts";
import { ActivityStore } from "./activity-store.ts";

/** Counts wait this long to be saved together: a written row for each call would cost as much as the call's own results. */
const SAVE_MS = 10_000;
/** A permit whose caller died is taken back this long after its call must have ended. */
const SLACK_MS = 5_000;

/**
 * One a provider, named after it: grants permits for calls at the provider's rate, and counts the calls that were made
 * with them. Permits are never on disk; counts are, for people to look at, and decide nothing: an object that is put out
 * forgets those of its last seconds.
 */
export class Throttle extends DurableObject<Env> {
  /** After a restart the first slot is now: what was granted before is at most one burst. */
  readonly #permits: Permits = { nextAt: Date.now(), held: new Map() };
  readonly #activity: ActivityStore;
  #willSave = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#activity = new ActivityStore(ctx.storage.sql);
  }

  async acquire(provider: Provider, ids: string[]): Promise<Grant> {
    const rate = ratesOf(this.env)[provider];
    const holdMs = timeoutsOf(this.env)[provider] + SLACK_MS;
    return grant(this.#permits, rate, { ids, now: Date.now(), holdMs });
  }

  async release(ids: string[], calls: CallRecord[]): Promise<void> {
    release(this.#permits, ids);
    this.#activity.add(calls);
    if (calls.length === 0 || this.#willSave) return;
    await this.ctx.storage.setAlarm(Date.now() + SAVE_MS);
    this.#willSave = true;
  }

  override async alarm(): Promise<void> {
    this.#willSave = false;
    this.#activity.save(Date.now());
  }

  async activity(since: Instant): Promise<Activity[]> {
    return this.#activity.since(since);
  }
}
