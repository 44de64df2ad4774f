import { z } from "zod";
import { type BreakerState, type Follower, type Incident, type Reason, reasonText } from "../domain/breaker.ts";
import { FASTEST_PACE } from "../domain/pace.ts";
import { type CheckResult, PROVEN, type ServiceCheck as MadeCheckState } from "../domain/check.ts";
import { FAULT_KINDS, PROVIDERS, STOP_KINDS } from "../domain/fault.ts";
import type { RepeatedJob as RepeatedJobState } from "../domain/repeated-job.ts";
import type { Sweep as SweepState } from "../domain/sweep.ts";
import { Id, NextCursor, Time, text, time, timeOrNull } from "./common.ts";
import { RepeatedJob, repeatedJobView } from "./repeated-job.ts";

const fault = {
  provider: z.enum(PROVIDERS).nullable(),
  kind: z.enum(STOP_KINDS).nullable(),
  http_status: z.int().nullable(),
  message: z.string(),
  job_id: z.string().nullable(),
  campaign_id: z.string().nullable(),
};

export const BreakerReason = z.object({
  source: z.enum(["provider", "operator", "platform"]),
  ...fault,
  followers: z.int().describe("How many later faults belong to the same stop."),
});

export const CircuitBreaker = z.object({
  state: z.enum(["open", "closed"]),
  epoch: z.int().describe("Rises by one with every change of state."),
  opened_at: Time.nullable(),
  closed_at: Time.nullable(),
  opened_by: z.string().nullable(),
  closed_by: z.string().nullable(),
  note: z.string().nullable(),
  reason: BreakerReason.nullable().describe("Why it is open; null while it is closed."),
  repeated_job: RepeatedJob.nullable().describe("Null while it is closed, and for a job's first stop."),
});

export const Sweep = z.object({
  id: Id,
  kind: z.enum(["pause", "resume"]),
  epoch: z.int(),
  state: z.enum(["running", "done", "superseded"]),
  total: z.int(),
  done: z.int(),
  failed: z.int(),
  added: z
    .int()
    .describe("Queued by a resume beside the total: jobs made since it began, and jobs that it has queued before."),
  started_at: Time,
  finished_at: Time.nullable(),
});

export const BreakerChanged = z.object({
  changed: z.boolean(),
  previous_state: z.enum(["open", "closed"]),
  circuit_breaker: CircuitBreaker,
  sweep: Sweep.nullable(),
});

const pace = z.int().min(1).max(FASTEST_PACE);

export const CloseRequest = z.strictObject({
  note: text(1_000).optional(),
  pace_per_second: pace.optional().describe("Jobs queued again a second; absent: all at once."),
});
export const PaceRequest = z.strictObject({ pace_per_second: pace.nullable().describe("null: all at once.") });
export const ResumePace = z.object({
  pace_per_second: z.int().nullable(),
  sweep: Sweep.nullable().describe("The resume that is running."),
});
export const PauseRequest = z.strictObject({ reason: text(1_000) });

const incident = {
  id: Id,
  epoch: z.int(),
  state: z.enum(["open", "closed"]),
  opened_at: Time,
  opened_by: z.string(),
  closed_at: Time.nullable(),
  closed_by: z.string().nullable(),
  note: z.string().nullable(),
  reason: BreakerReason,
};

export const IncidentSummary = z.object(incident);
export const IncidentFollower = z.object({ at: Time, ...fault });
export const IncidentWhole = z.object({ ...incident, followers: z.array(IncidentFollower), sweeps: z.array(Sweep) });
export const IncidentList = z.object({ incidents: z.array(IncidentSummary), next_cursor: NextCursor });

export const CheckRequest = z.strictObject({
  paid: z.boolean().optional().describe("Also make the smallest real call, for about `estimated_cost_usd`."),
});

const checkResult = {
  ok: z.boolean(),
  proves: z.array(z.enum(PROVEN)).describe("What it showed to be well; of one that failed nothing is claimed."),
  paid: z.boolean().describe("Whether the smallest real call was made as well."),
  cost_usd: z
    .number()
    .describe("As the service told, or else by its price list; after a failure what it may have cost at most."),
  latency_ms: z.int(),
  error: z
    .object({ kind: z.enum(FAULT_KINDS).nullable(), http_status: z.int().nullable(), message: z.string() })
    .nullable(),
};

export const ServiceCheck = z.object({ provider: z.enum(PROVIDERS), ...checkResult });
export const MadeCheck = z.object({ at: Time, by: z.string(), ...checkResult });

export function checkResultView({ ok, proves, paid, costUsd, latencyMs, error }: CheckResult) {
  return {
    ok,
    proves,
    paid,
    cost_usd: costUsd,
    latency_ms: latencyMs,
    error: error && { kind: error.kind, http_status: error.httpStatus, message: error.message },
  };
}

export const checkView = (check: MadeCheckState): z.infer<typeof MadeCheck> => ({
  at: time(check.at),
  by: check.by,
  ...checkResultView(check),
});

export function breakerView({
  breaker,
  repeatedJob,
}: {
  breaker: BreakerState;
  repeatedJob: RepeatedJobState | null;
}): z.infer<typeof CircuitBreaker> {
  const incident = breaker.state === "open" ? breaker.incident : breaker.lastIncident;
  return {
    state: breaker.state,
    epoch: breaker.epoch,
    opened_at: timeOrNull(incident?.openedAt ?? null),
    closed_at: timeOrNull(incident?.closedAt ?? null),
    opened_by: incident?.openedBy ?? null,
    closed_by: incident?.closedBy ?? null,
    note: incident?.note ?? null,
    reason: breaker.state === "open" ? reasonView(breaker.incident.reason, breaker.incident.followers) : null,
    repeated_job: repeatedJobView(repeatedJob),
  };
}

function reasonView(reason: Reason, followers: number): z.infer<typeof BreakerReason> {
  switch (reason.source) {
    case "operator":
      return {
        source: "operator",
        provider: null,
        kind: null,
        http_status: null,
        message: reason.message,
        job_id: null,
        campaign_id: null,
        followers,
      };
    case "provider":
    case "platform":
      return {
        source: reason.source,
        provider: reason.provider,
        kind: reason.kind,
        http_status: reason.httpStatus,
        message: reason.message,
        job_id: reason.jobId,
        campaign_id: reason.campaignId,
        followers,
      };
  }
}

/** What a call that needs a closed breaker answers with. */
export function openDetails(reason: Reason, followers = 0) {
  return { reason: reasonView(reason, followers), summary: reasonText(reason) };
}

export function sweepView(sweep: SweepState): z.infer<typeof Sweep> {
  const { startedAt, finishedAt, ...rest } = sweep;
  return { ...rest, started_at: time(startedAt), finished_at: timeOrNull(finishedAt) };
}

export function incidentView(of: Incident): z.infer<typeof IncidentSummary> {
  return {
    id: of.id,
    epoch: of.epoch,
    state: of.closedAt === null ? "open" : "closed",
    opened_at: time(of.openedAt),
    opened_by: of.openedBy,
    closed_at: timeOrNull(of.closedAt),
    closed_by: of.closedBy,
    note: of.note,
    reason: reasonView(of.reason, of.followers),
  };
}

export function followerView(follower: Follower): z.infer<typeof IncidentFollower> {
  return {
    at: time(follower.at),
    provider: follower.provider,
    kind: follower.kind,
    http_status: follower.httpStatus,
    message: follower.message,
    job_id: follower.jobId,
    campaign_id: follower.campaignId,
  };
}
