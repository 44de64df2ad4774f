import type { Incident, Instant, Reason } from "./breaker.ts";
import type { FaultKind, Provider } from "./fault.ts";

/** What a check of one service showed. */
export interface CheckResult {
  ok: boolean;
  latencyMs: number;
  error: { kind: FaultKind | null; httpStatus: number | null; message: string } | null;
}

/** A check that somebody made. */
export interface ServiceCheck extends CheckResult {
  provider: Provider;
  by: string;
  /** When it began. */
  at: Instant;
}

/** A check as it is told to the Breaker, which knows by its own clock when it ended. */
export type CheckReport = Omit<ServiceCheck, "at">;

/** What was known of the failed service when somebody closed: `not_needed` where no service had failed. */
export type CheckBeforeClose = "ok" | "failed" | "none" | "not_needed";

/** The service whose fault stopped the line; null when an operator did. */
export function failedProvider(reason: Reason): Provider | null {
  return reason.source === "provider" ? reason.provider : null;
}

/** A check that began before the stop says nothing of what came after. */
export function beganDuring(incident: Incident, check: Pick<ServiceCheck, "at">): boolean {
  return check.at >= incident.openedAt;
}

/** The failed service's last check since the stop began, from the last of each service; null when none was made. */
export function checkSinceStop(incident: Incident, lastChecks: ServiceCheck[]): ServiceCheck | null {
  const failed = failedProvider(incident.reason);
  return lastChecks.find((check) => check.provider === failed && beganDuring(incident, check)) ?? null;
}

export function checkBeforeClose(incident: Incident, check: ServiceCheck | null): CheckBeforeClose {
  if (failedProvider(incident.reason) === null) return "not_needed";
  if (check === null) return "none";
  return check.ok ? "ok" : "failed";
}

/** Whether who closes now would do so against, or without, a check of the service that failed. Nothing forbids it. */
export function overrideNeeded(incident: Incident, check: ServiceCheck | null): boolean {
  switch (checkBeforeClose(incident, check)) {
    case "ok":
    case "not_needed":
      return false;
    case "failed":
    case "none":
      return true;
  }
}
