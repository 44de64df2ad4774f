import type { Follower, Incident, Reason } from "../../src/domain/breaker.ts";
import type { ServiceCheck } from "../../src/domain/check.ts";
import type { IncidentHistory } from "../../src/domain/incident.ts";
import type { Sweep } from "../../src/domain/sweep.ts";

export const OPENED_AT = Date.UTC(2026, 10, 23, 12);
/** An instant of the stop's story, in seconds after its opening. */
export const after = (seconds: number) => OPENED_AT + seconds * 1_000;
export const iso = (seconds: number) => new Date(after(seconds)).toISOString();

export const BY_SERVICE: Reason = {
  source: "provider",
  provider: "openai",
  kind: "server_error",
  httpStatus: 500,
  message: "try later",
  jobId: null,
  campaignId: null,
};
export const BY_HAND: Reason = { source: "operator", message: "a look at the line" };

export function anIncident(changes: Partial<Incident> = {}): Incident {
  return {
    id: "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0001",
    epoch: 1,
    openedAt: OPENED_AT,
    openedBy: "openai",
    reason: BY_SERVICE,
    followers: 0,
    closedAt: null,
    closedBy: null,
    note: null,
    ...changes,
  };
}

export const closedIncident = (changes: Partial<Incident> = {}) =>
  anIncident({ closedAt: after(300), closedBy: "ada", note: "mended", ...changes });

export function aFollower(seconds: number, changes: Partial<Follower> = {}): Follower {
  const fault = { provider: "openai", kind: "timeout", httpStatus: null, message: "no answer" } as const;
  return { at: after(seconds), ...fault, jobId: null, campaignId: null, ...changes };
}

const FREE: Pick<ServiceCheck, "proves" | "paid" | "costUsd"> = {
  proves: ["reachable", "key"],
  paid: false,
  costUsd: 0,
};

export function aCheck(seconds: number, changes: Partial<ServiceCheck> = {}): ServiceCheck {
  return {
    provider: "openai",
    at: after(seconds),
    by: "bob",
    ok: true,
    ...FREE,
    latencyMs: 12,
    error: null,
    ...changes,
  };
}

export function aSweep(kind: Sweep["kind"], changes: Partial<Sweep> = {}): Sweep {
  const startedAt = kind === "pause" ? OPENED_AT : after(300);
  const counts = { total: 7, done: 7, failed: 0, added: 0 };
  const finishedAt = startedAt + 1_000;
  return { id: kind, kind, epoch: 1, state: "done", ...counts, startedAt, finishedAt, ...changes };
}

export const aHistory = (changes: Partial<IncidentHistory> = {}): IncidentHistory => ({
  incident: anIncident(),
  repeatedJob: null,
  followers: [],
  sweeps: [],
  checks: [],
  paces: [],
  closing: null,
  next: null,
  ...changes,
});
