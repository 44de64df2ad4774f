import type { Instant } from "../../domain/breaker.ts";
import type { CampaignStore } from "../../ports/campaigns.ts";
import { type DispatchPorts, dispatchNew } from "../job/dispatch.ts";

export interface CleanUpPorts extends DispatchPorts {
  campaigns: Pick<CampaignStore, "addCleanup">;
  now: () => Instant;
  newId: () => string;
}

/** Adds a job that deletes rows of old jobs. Returns its id, or null when the campaign was never started. */
export async function askForCleanUp(
  ports: CleanUpPorts,
  campaignId: string,
  olderThanDays: number,
): Promise<string | null> {
  const made = await ports.campaigns.addCleanup(campaignId, ports.newId(), { olderThanDays, now: ports.now() });
  if (!made) return null;
  await dispatchNew(ports, made);
  return made.jobId;
}
