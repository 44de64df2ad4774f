import type { Incident } from "../../src/domain/breaker.ts";
import type { IncidentHistory } from "../../src/domain/incident.ts";
import { INCIDENTS_LOOKED_AT, type RepeatedJob, repeatedJob } from "../../src/domain/repeated-job.ts";
import type { BreakerStatus } from "../../src/ports/breaker.ts";
import { log } from "../../src/platform/log.ts";
import type { BreakerStore } from "./storage/breaker-store.ts";
import type { CheckStore } from "./storage/check-store.ts";
import type { PaceStore } from "./storage/pace-store.ts";

/** How the breaker stands, with what its last incidents have in common. */
export function statusOf(store: BreakerStore): BreakerStatus {
  const breaker = store.load();
  const repeated = breaker.state === "open" ? repeatedAt(breaker.epoch, store) : null;
  return { breaker, sweep: store.latestSweep(), repeatedJob: repeated };
}

/** All that is known of an incident; null when there is none with this id. */
export function historyOf(
  id: string,
  { store, checks, paces }: { store: BreakerStore; checks: CheckStore; paces: PaceStore },
): IncidentHistory | null {
  const found = store.incident(id);
  if (!found) return null;
  const { epoch } = found.incident;
  const next = store.incidents(epoch + 3, 1).find((each) => each.epoch > epoch) ?? null;
  return {
    ...found,
    repeatedJob: repeatedAt(epoch, store),
    ...checks.ofIncident(epoch),
    paces: paces.changes(epoch + 1),
    next,
  };
}

/** As it was known when the incident with this epoch was the newest. */
const repeatedAt = (epoch: number, store: BreakerStore): RepeatedJob | null =>
  repeatedJob(store.incidents(epoch + 1, INCIDENTS_LOOKED_AT));

export function logOpening({ id, epoch, reason }: Incident): void {
  const cause =
    reason.source === "operator"
      ? {}
      : { provider: reason.provider, kind: reason.kind, job_id: reason.jobId, campaign_id: reason.campaignId };
  log("warn", "breaker_opened", { source: reason.source, ...cause, epoch, incident_id: id });
}
