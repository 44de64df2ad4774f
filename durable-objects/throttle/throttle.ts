import { DurableObject } from "cloudflare:workers";
import type { Activity, CallRecord } from "../../src/domain/activity.ts";
import type { Instant } from "../../src/domain/breaker.ts";
import { ratesOf, timeoutsOf } from "../../src/platform/config.ts";
import {
  type Grant,
  intervalMsOf,
  type Permits,
  providerOf,
  type Rate,
  type RateName,
} from "../../src/domain/throttle.ts";
import { PermitQueue } from "./permit-queue.ts";
import { ActivityStore } from "./storage/activity-store.ts";
import { SlotStore } from "./storage/slot-store.ts";

/** Counts wait this long to be saved together: a written row for each call would cost as much as the call's own results. */
const SAVE_MS = 10_000;
/** A permit whose caller died is taken back this long after its call must have ended. */
const SLACK_MS = 5_000;
/**
 * The platform puts out an object that nobody has asked for ten seconds. By then the next slot of a rate with at most this
 * interval is free; that of a slower one is not, and must be remembered.
 */
const FORGETTABLE_MS = 5_000;
/** For who asks by a name that is no rate's. */
const UNKNOWN_MS = 1_000;

/**
 * One a rate, named after it: grants permits for calls at that rate, and counts the calls that were made with them.
 * Permits are never on disk. The next slot of a slow rate is, so that the rate holds although the object is evicted
 * between two calls. Counts are, for people to look at, and decide nothing: an evicted object forgets those of its
 * last seconds.
 */
export class Throttle extends DurableObject<Env> {
  /** After a restart the first slot is now, unless one is remembered: what was granted before is at most one burst. */
  readonly #permits: Permits = { nextAt: Date.now(), held: new Map() };
  readonly #queue = new PermitQueue(this.#permits);
  readonly #activity: ActivityStore;
  #slots: SlotStore | null = null;
  #willSave = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#activity = new ActivityStore(ctx.storage.sql);
  }

  async acquire(name: RateName, ids: string[]): Promise<Grant> {
    const rate = this.#rateOf(name);
    // A Worker of another version, while a deploy is under way: its jobs wait, and are handed on.
    if (!rate) return { permits: [], retryAfterMs: UNKNOWN_MS };
    const holdMs = timeoutsOf(this.env)[providerOf(name)] + SLACK_MS;
    const granted = await this.#queue.acquire(rate, holdMs, ids);
    if (granted.permits.length > 0) this.#slots?.write(this.#permits.nextAt);
    return granted;
  }

  async release(ids: string[], calls: CallRecord[]): Promise<void> {
    this.#queue.release(ids);
    this.#activity.add(calls);
    if (calls.length === 0 || this.#willSave) return;
    await this.ctx.storage.setAlarm(Date.now() + SAVE_MS);
    this.#willSave = true;
  }

  override async alarm(): Promise<void> {
    this.#willSave = false;
    this.#activity.save(Date.now());
  }

  async nextSlotMs(name: RateName): Promise<number> {
    this.#rateOf(name);
    return Math.max(0, this.#permits.nextAt - Date.now());
  }

  async activity(since: Instant): Promise<Activity[]> {
    return this.#activity.since(since);
  }

  /** With the next slot of a slow rate, as an earlier life has left it. */
  #rateOf(name: RateName): Rate | undefined {
    const rate: Rate | undefined = ratesOf(this.env)[name];
    if (rate && !this.#slots && intervalMsOf(rate) > FORGETTABLE_MS) {
      this.#slots = new SlotStore(this.ctx.storage.sql);
      this.#permits.nextAt = this.#slots.read() ?? this.#permits.nextAt;
    }
    return rate;
  }
}
