import type { Instant } from "./breaker.ts";
import type { Answer, Spend } from "./fault.ts";

/** One call to a service, once it has ended. */
export interface CallRecord {
  /** When it ended. */
  at: Instant;
  ms: number;
  outcome: Answer<unknown>["outcome"];
  spend: Spend;
}

/** The calls to one service that ended within the same stretch of time. Sums are of what the service told. */
export interface Activity {
  /** When the stretch began. */
  at: Instant;
  calls: number;
  /** The service works, but not for that lead. */
  refused: number;
  /** Each of them stopped the line, or followed what had. */
  faults: number;
  totalMs: number;
  slowestMs: number;
  usd: number;
  credits: number;
  tokens: number;
}

export const MINUTE_MS = 60_000;
/** How far back activity is kept. */
export const ACTIVITY_KEPT_MS = 24 * 60 * MINUTE_MS;

export function activityOf({ at, ms, outcome, spend }: CallRecord, stretchMs: number): Activity {
  return {
    at: at - (at % stretchMs),
    calls: 1,
    refused: Number(outcome === "refused"),
    faults: Number(outcome === "service_fault"),
    totalMs: ms,
    slowestMs: ms,
    usd: spend.costUsd ?? 0,
    credits: spend.credits ?? 0,
    tokens: (spend.inputTokens ?? 0) + (spend.outputTokens ?? 0),
  };
}

/** Adds up what is of the same stretch of `stretchMs`, in the order of time. */
export function addUp(parts: Activity[], stretchMs: number): Activity[] {
  const sums = new Map<Instant, Activity>();
  for (const part of parts) {
    const at = part.at - (part.at % stretchMs);
    const sum = sums.get(at);
    sums.set(
      at,
      sum
        ? {
            at,
            calls: sum.calls + part.calls,
            refused: sum.refused + part.refused,
            faults: sum.faults + part.faults,
            totalMs: sum.totalMs + part.totalMs,
            slowestMs: Math.max(sum.slowestMs, part.slowestMs),
            usd: sum.usd + part.usd,
            credits: sum.credits + part.credits,
            tokens: sum.tokens + part.tokens,
          }
        : { ...part, at },
    );
  }
  return [...sums.values()].toSorted((a, b) => a.at - b.at);
}
