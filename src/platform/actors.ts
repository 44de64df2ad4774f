import type { RateName } from "../domain/throttle.ts";
import type { BreakerActor } from "../ports/breaker.ts";
import type { CampaignActors } from "../ports/campaigns.ts";
import type { ThrottleActor } from "../ports/throttle.ts";
import { jurisdictionOf, locationHintOf } from "./config.ts";
import { failureOf } from "./failures.ts";
import { describeError, log } from "./log.ts";

/** A stub is broken after an exception, so each call makes its own. */

/** A call that changes nothing more when it comes twice: once again on a new stub, unless the actor has too much to do. */
const repeatable = <Answer>(call: () => Promise<Answer>): Promise<Answer> =>
  call().catch((error: unknown) => {
    const isBusy = (error as { overloaded?: boolean }).overloaded === true;
    if (isBusy || failureOf(error).kind !== "passes") throw error;
    return call();
  });

/** Where an actor is made that is not there yet: near the database. One that is there stays where it is. */
const placeOf = (env: Env) => {
  const hint = locationHintOf(env);
  return hint === null ? {} : { locationHint: hint };
};
/** An actor keeps what it stores within the jurisdiction; each has actors of its own. */
function near<Class extends Rpc.DurableObjectBranded | undefined>(env: Env, actors: DurableObjectNamespace<Class>) {
  const jurisdiction = jurisdictionOf(env);
  return jurisdiction === null ? actors : actors.jurisdiction(jurisdiction);
}

export function createBreakerActor(env: Env): BreakerActor {
  // The class implements it; the types of its stub split a union's promises, which then fit nothing any more.
  const breaker = () => near(env, env.BREAKER).getByName("global", placeOf(env)) as unknown as BreakerActor;
  return {
    admit: (roundTripMs) => repeatable(() => breaker().admit(roundTripMs)),
    withdraw: () => repeatable(() => breaker().withdraw()),
    // Should the first have arrived, the second is counted as a fault that came after it.
    trip: (report) => repeatable(() => breaker().trip(report)),
    stop: (by, message) => breaker().stop(by, message),
    close: (by, note, pace) => breaker().close(by, note, pace),
    pace: () => repeatable(() => breaker().pace()),
    setPace: (by, pace) => breaker().setPace(by, pace),
    status: () => repeatable(() => breaker().status()),
    incidents: (before, limit) => repeatable(() => breaker().incidents(before, limit)),
    incident: (id) => repeatable(() => breaker().incident(id)),
    incidentHistory: (id) => repeatable(() => breaker().incidentHistory(id)),
    checked: (check) => breaker().checked(check),
    lastChecks: () => repeatable(() => breaker().lastChecks()),
    watch: () => repeatable(() => breaker().watch()),
    heal: () => repeatable(() => breaker().heal()),
    ping: () => breaker().ping(),
  };
}

export function createCampaignActors(env: Env): CampaignActors {
  const campaign = (id: string) => near(env, env.CAMPAIGN).getByName(id);
  return {
    start: (campaignId) => campaign(campaignId).start(campaignId),
    async changed(campaignIds) {
      const told = await Promise.allSettled(campaignIds.map((id) => repeatable(() => campaign(id).changed(id))));
      // The rows are written; the watchdog tells it again.
      for (const [i, each] of told.entries()) {
        if (each.status === "rejected")
          log("error", "campaign_not_told", { ...describeError(each.reason), campaign_id: campaignIds[i] });
      }
    },
  };
}

export function createThrottleActor(env: Env, rate: RateName): ThrottleActor {
  const throttle = () => near(env, env.THROTTLE).getByName(rate, placeOf(env));
  return {
    // A slot is spent for nothing if the first has arrived.
    acquire: (ids) => repeatable(() => throttle().acquire(rate, ids)),
    release: (ids, calls) => throttle().release(ids, calls),
    nextSlotMs: () => repeatable(() => throttle().nextSlotMs(rate)),
    activity: (since) => repeatable(() => throttle().activity(since)),
  };
}
