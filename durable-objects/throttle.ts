import { DurableObject } from "cloudflare:workers";
import type { Provider } from "../src/domain/fault.ts";
import { ratesOf, timeoutsOf } from "../src/platform/config.ts";
import { type Grant, type Permits, grant, release } from "../src/domain/throttle.ts";

/** A permit whose caller died is taken back this long after its call must have ended. */
const SLACK_MS = 5_000;

/** One a provider, named after it: grants permits for calls at the provider's rate. Keeps nothing on disk. */
export class Throttle extends DurableObject<Env> {
  /** After a restart the first slot is now: what was granted before is at most one burst. */
  readonly #permits: Permits = { nextAt: Date.now(), held: new Map() };

  async acquire(provider: Provider, ids: string[]): Promise<Grant> {
    const rate = ratesOf(this.env)[provider];
    const holdMs = timeoutsOf(this.env)[provider] + SLACK_MS;
    return grant(this.#permits, rate, { ids, now: Date.now(), holdMs });
  }

  async release(ids: string[]): Promise<void> {
    release(this.#permits, ids);
  }
}
