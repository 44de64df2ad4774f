import type { z } from "zod";
import type { Campaign } from "../contract/campaigns.ts";
import type { MadeCheck, ResumePace } from "../contract/breaker.ts";
import type { ClosePreview } from "../contract/close-preview.ts";
import type { QueueManagementStatus } from "../contract/status.ts";
import type { ServiceList } from "../contract/timeline.ts";
import type { Api } from "./api.ts";
import { type Repeated, readRepeated } from "./parts/repeated.tsx";

/** What the banner tells. */
export interface LineState {
  status: z.infer<typeof QueueManagementStatus>;
  /** The campaign whose job set the stop off, unless it was deleted since. */
  campaign: z.infer<typeof Campaign> | null;
  /** How many jobs wait at which step; null while the line runs. */
  steps: { step: string; count: number }[] | null;
  /** The last test of the failed service since it failed. */
  check: z.infer<typeof MadeCheck> | null;
  /** The job that set off this stop and others just before. */
  repeated: Repeated | null;
  /** Jobs a second that somebody has set for the resume that runs; null: as fast as it can. */
  pace: number | null;
}

export async function readLine(api: Api): Promise<LineState> {
  const status = await api.read<LineState["status"]>("/queue-management/status");
  if (status.circuit_breaker.state === "closed")
    return { status, campaign: null, steps: null, check: null, repeated: null, pace: await paceOf(api, status) };
  const [campaign, steps, check, repeated] = await Promise.all([
    campaignOf(api, status),
    stepsOf(api, status),
    checkOf(api, status),
    readRepeated(api, status.circuit_breaker.repeated_job),
  ]);
  return { status, campaign, steps, check, repeated, pace: null };
}

// A banner without one of these details is better than none.

async function paceOf(api: Api, { sweep }: LineState["status"]): Promise<number | null> {
  if (sweep?.state !== "running") return null;
  const answer = await api.ask<z.infer<typeof ResumePace>>("GET", "/queue-management/resume/pace");
  return answer.ok ? answer.data.pace_per_second : null;
}

async function campaignOf(
  api: Api,
  { circuit_breaker: { reason } }: LineState["status"],
): Promise<LineState["campaign"]> {
  if (!reason?.campaign_id) return null;
  const answer = await api.ask<{ campaign: LineState["campaign"] }>("GET", `/campaigns/${reason.campaign_id}`);
  return answer.ok ? answer.data.campaign : null;
}

/** The last answer of this isolate: the steps of paused jobs change only with their number and the breaker. */
const lastSteps: { key: string; steps: LineState["steps"] } = { key: "", steps: null };

async function stepsOf(
  api: Api,
  { circuit_breaker: { epoch }, job_counts: jobs }: LineState["status"],
): Promise<LineState["steps"]> {
  const key = `${epoch} ${jobs.PAUSED} ${jobs.PENDING + jobs.RUNNING}`;
  if (lastSteps.key === key) return lastSteps.steps;
  const answer = await api.ask<z.infer<typeof ClosePreview>>("GET", "/queue-management/circuit-breaker/close/preview");
  if (!answer.ok) return null;
  const steps = answer.data.jobs.by_step;
  Object.assign(lastSteps, { key, steps });
  return steps;
}

async function checkOf(
  api: Api,
  { circuit_breaker: { reason, opened_at: opened } }: LineState["status"],
): Promise<LineState["check"]> {
  if (!reason?.provider || opened === null) return null;
  const answer = await api.ask<z.infer<typeof ServiceList>>("GET", "/queue-management/services");
  const last = answer.ok ? answer.data.services.find(({ provider }) => provider === reason.provider)?.last_check : null;
  return last && last.at >= opened ? last : null;
}
