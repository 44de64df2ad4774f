import type { Incident, Instant, Reason } from "./breaker.ts";
import type { Answer, FaultKind, Provider } from "./fault.ts";

/** What a check can prove: the service answers, takes our key, has credit for us, and does the very work again. */
export const PROVEN = ["reachable", "key", "credit", "work"] as const;
export type Proven = (typeof PROVEN)[number];

/** What one good check has proven, in the order of `PROVEN`. */
export interface Proof {
  proves: Proven[];
}

/** What the smallest real call costs in US dollars by the services' price lists, where the service does not tell it. */
export const ESTIMATED_COST_USD: Record<Provider, number> = {
  apollo: 0.02,
  millionverifier: 0.0005,
  perplexity: 0.007,
  openai: 0.002,
  instantly: 0,
};

/** What a check of one service showed. */
export interface CheckResult {
  ok: boolean;
  /** Of a check that failed nothing is claimed. */
  proves: Proven[];
  /** Whether it was a real call of the very work, not only what is free. */
  paid: boolean;
  /** What it cost in US dollars: as the service told, or by its price list. */
  costUsd: number;
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

/**
 * Whether the call whose fault stopped the line is shown to go well again. The work itself shows it, or, where the credit
 * was used up, credit. An answer, or a key that is taken, says nothing of the call that failed.
 */
export function provesFailedCall(reason: { source: string; kind?: string | null }, proves: readonly Proven[]): boolean {
  if (reason.source !== "provider") return false;
  return proves.includes(reason.kind === "out_of_credit" ? "credit" : "work");
}

/** What a real call cost, as far as it can be told: an answer that never came may have been paid for. */
export function tryOutCostUsd(provider: Provider, answer: Answer<Proof>): number {
  switch (answer.outcome) {
    case "answered": {
      const { costUsd, credits } = answer.spend;
      if (costUsd !== undefined) return costUsd;
      if (!answer.value.proves.includes("work")) return 0;
      return ESTIMATED_COST_USD[provider] * (credits ?? 1);
    }
    case "refused":
      return ESTIMATED_COST_USD[provider];
    case "service_fault":
      return mayHaveWorked(answer.fault.kind) ? ESTIMATED_COST_USD[provider] : 0;
  }
}

function mayHaveWorked(kind: FaultKind): boolean {
  switch (kind) {
    case "unreachable":
    case "timeout":
    case "malformed":
      return true;
    case "server_error":
    case "unauthorized":
    case "out_of_credit":
    case "rate_limited":
      return false;
  }
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
