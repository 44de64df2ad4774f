import type { z } from "zod";
import type { Campaign } from "../contract/campaigns.ts";
import type { ClosePreview } from "../contract/close-preview.ts";
import type { QueueManagementStatus } from "../contract/status.ts";
import type { Api } from "./api.ts";

/** What the banner tells. */
export interface Line {
  status: z.infer<typeof QueueManagementStatus>;
  /** The campaign whose job set the stop off, unless it was deleted since. */
  campaign: z.infer<typeof Campaign> | null;
  /** How many jobs wait at which step; null while the line runs. */
  steps: { step: string; count: number }[] | null;
}

/** The last answer of this isolate: the steps of paused jobs change only with their number and the breaker. */
const lastSteps: { key: string; steps: Line["steps"] } = { key: "", steps: null };

export async function readLine(api: Api): Promise<Line> {
  const status = await api.read<Line["status"]>("/queue-management/status");
  const { circuit_breaker: breaker, job_counts: jobs } = status;
  if (breaker.state === "closed") return { status, campaign: null, steps: null };
  const campaignId = breaker.reason?.campaign_id;
  const asked = campaignId ? await api.ask<{ campaign: Line["campaign"] }>("GET", `/campaigns/${campaignId}`) : null;
  const key = `${breaker.epoch} ${jobs.PAUSED} ${jobs.PENDING + jobs.RUNNING}`;
  if (lastSteps.key !== key) {
    const preview = await api.ask<z.infer<typeof ClosePreview>>(
      "GET",
      "/queue-management/circuit-breaker/close/preview",
    );
    // A banner without this detail is better than none.
    if (!preview.ok) return { status, campaign: asked?.ok ? asked.data.campaign : null, steps: null };
    Object.assign(lastSteps, { key, steps: preview.data.jobs.by_step });
  }
  return { status, campaign: asked?.ok ? asked.data.campaign : null, steps: lastSteps.steps };
}
