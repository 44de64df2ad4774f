import type { Fault, PlatformFault, Provider, ServiceFault, StopKind } from "./fault.ts";

/** Milliseconds since 1970, UTC. */
export type Instant = number;

/** Why the line stopped. */
export type Reason =
  | (ServiceFault & { source: "provider"; jobId: string | null; campaignId: string | null })
  | (PlatformFault & { source: "platform"; jobId: string | null; campaignId: string | null })
  | { source: "operator"; message: string };

/** One stop of the line, from its opening to its close. */
export interface Incident {
  id: string;
  /** The breaker's epoch from its opening on. */
  epoch: number;
  openedAt: Instant;
  openedBy: string;
  reason: Reason;
  /** Faults that arrived later but belong to this stop. */
  followers: number;
  closedAt: Instant | null;
  closedBy: string | null;
  note: string | null;
}

/** A later fault of the same stop. */
export interface Follower {
  at: Instant;
  provider: Provider | null;
  kind: StopKind;
  httpStatus: number | null;
  message: string;
  jobId: string | null;
  campaignId: string | null;
}

/**
 * The one breaker. `epoch` rises by one with every change of state, starting at 0 and closed, so a closed breaker's
 * epoch is even and an open one's is odd.
 */
export type BreakerState =
  | { state: "closed"; epoch: number; lastIncident: Incident | null }
  | { state: "open"; epoch: number; incident: Incident };

/** A fault, with the epoch under which the call or the work began; null for what belongs to no job and happened now. */
export interface FaultReport {
  fault: Fault;
  epoch: number | null;
  jobId: string | null;
  campaignId: string | null;
}

export type TripDecision =
  | { decision: "opens"; next: BreakerState & { state: "open" } }
  | { decision: "follows"; incidentId: string }
  /** The call began before an operator closed the breaker: it is history of the incident with this epoch. */
  | { decision: "belongs_to_earlier"; incidentEpoch: number };

/** One fault is enough; nothing is counted. A fault from before the last close never re-opens what a person closed. */
export function decideTrip(
  breaker: BreakerState,
  report: FaultReport,
  opening: { id: string; now: Instant },
): TripDecision {
  const epoch = report.epoch ?? breaker.epoch;
  if (epoch < breaker.epoch && !(breaker.state === "open" && epoch === breaker.epoch - 1)) {
    return { decision: "belongs_to_earlier", incidentEpoch: epoch + 1 };
  }
  if (breaker.state === "open") return { decision: "follows", incidentId: breaker.incident.id };
  const { fault, jobId, campaignId } = report;
  const reason: Reason =
    fault.provider === null
      ? { ...fault, source: "platform", jobId, campaignId }
      : { ...fault, source: "provider", jobId, campaignId };
  return { decision: "opens", next: opened(breaker, reason, { ...opening, by: fault.provider ?? "andon" }) };
}

/** Null when the breaker is open already. */
export function openByHand(
  breaker: BreakerState,
  message: string,
  opening: { id: string; now: Instant; by: string },
): (BreakerState & { state: "open" }) | null {
  return breaker.state === "open" ? null : opened(breaker, { source: "operator", message }, opening);
}

/** A stop that was found: at the epoch that D1's gate and the Breaker agree on from then on. */
export function openedAt(epoch: number, fault: PlatformFault, opening: { id: string; now: Instant }) {
  return stopAt(epoch, { ...fault, source: "platform", jobId: null, campaignId: null }, { ...opening, by: "andon" });
}

const opened = (breaker: BreakerState, reason: Reason, opening: { id: string; now: Instant; by: string }) =>
  stopAt(breaker.epoch + 1, reason, opening);

function stopAt(epoch: number, reason: Reason, opening: { id: string; now: Instant; by: string }) {
  const incident: Incident = {
    id: opening.id,
    epoch,
    openedAt: opening.now,
    openedBy: opening.by,
    reason,
    followers: 0,
    closedAt: null,
    closedBy: null,
    note: null,
  };
  return { state: "open" as const, epoch, incident };
}

/** Only ever called for an operator. Null when the breaker is closed already. */
export function close(
  breaker: BreakerState,
  closing: { by: string; note: string | null; now: Instant },
): (BreakerState & { state: "closed" }) | null {
  if (breaker.state === "closed") return null;
  return {
    state: "closed",
    epoch: breaker.epoch + 1,
    lastIncident: { ...breaker.incident, closedAt: closing.now, closedBy: closing.by, note: closing.note },
  };
}

/** One line that names the reason; it is what a paused job carries. */
export function reasonText(reason: Reason): string {
  if (reason.source === "operator") return `Paused by an operator: ${reason.message}`;
  if (reason.source === "platform") return reason.message;
  const status = reason.httpStatus === null ? "" : `, HTTP ${reason.httpStatus}`;
  return `${reason.provider} failed (${reason.kind}${status}): ${reason.message}`;
}
