import type { IncidentHistory } from "../src/domain/incident.ts";
import type { BreakerStore } from "./breaker-store.ts";
import type { CheckStore } from "./check-store.ts";
import type { PaceStore } from "./pace-store.ts";

/** All that is known of an incident; null when there is none with this id. */
export function historyOf(
  id: string,
  { store, checks, paces }: { store: BreakerStore; checks: CheckStore; paces: PaceStore },
): IncidentHistory | null {
  const found = store.incident(id);
  if (!found) return null;
  const { epoch } = found.incident;
  const next = store.incidents(epoch + 3, 1).find((each) => each.epoch > epoch) ?? null;
  return { ...found, ...checks.ofIncident(epoch), paces: paces.changes(epoch + 1), next };
}
