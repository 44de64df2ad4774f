import type { RateName } from "../domain/throttle.ts";
import type { BreakerActor } from "../operations/breaker.ts";
import type { CampaignActors } from "../operations/campaigns.ts";
import type { ThrottleActor } from "../operations/permits.ts";
import { describeError, log } from "./log.ts";

/** A stub is broken after an exception, so each call makes its own. */

export function createBreakerActor(breakers: Env["BREAKER"]): BreakerActor {
  const breaker = () => breakers.getByName("global");
  return {
    admit: () => breaker().admit(),
    // Raising the revision once more than needed changes nothing: an actor that was just put out is asked again.
    withdraw: () =>
      breaker()
        .withdraw()
        .catch(() => breaker().withdraw()),
    trip: (report) => breaker().trip(report),
    stop: (by, message) => breaker().stop(by, message),
    close: (by, note, pace) => breaker().close(by, note, pace),
    pace: () => breaker().pace(),
    setPace: (by, pace) => breaker().setPace(by, pace),
    status: () => breaker().status(),
    incidents: (before, limit) => breaker().incidents(before, limit),
    incident: (id) => breaker().incident(id),
    incidentHistory: (id) => breaker().incidentHistory(id),
    checked: (check) => breaker().checked(check),
    lastChecks: () => breaker().lastChecks(),
    watch: () => breaker().watch(),
    heal: () => breaker().heal(),
    ping: () => breaker().ping(),
  };
}

export function createCampaignActors(campaigns: Env["CAMPAIGN"]): CampaignActors {
  return {
    start: (campaignId) => campaigns.getByName(campaignId).start(campaignId),
    async changed(campaignIds) {
      const told = await Promise.allSettled(campaignIds.map((id) => campaigns.getByName(id).changed(id)));
      // The rows are written; the watchdog tells it again.
      for (const [i, each] of told.entries()) {
        if (each.status === "rejected")
          log("error", "campaign_not_told", { ...describeError(each.reason), campaign_id: campaignIds[i] });
      }
    },
  };
}

export function createThrottleActor(throttles: Env["THROTTLE"], rate: RateName): ThrottleActor {
  return {
    acquire: (ids) => throttles.getByName(rate).acquire(rate, ids),
    release: (ids, calls) => throttles.getByName(rate).release(ids, calls),
    activity: (since) => throttles.getByName(rate).activity(since),
  };
}
