import type { Instant } from "../../domain/breaker.ts";
import type { BreakerActor } from "../../ports/breaker.ts";
import type { CampaignStore, StartAnswer } from "../../ports/campaigns.ts";
import type { JobQueue } from "../../ports/job-queue.ts";

export interface StartPorts {
  campaigns: CampaignStore;
  breaker: Pick<BreakerActor, "status" | "watch">;
  queue: Pick<JobQueue, "send">;
  now: () => Instant;
  newId: () => string;
}

/**
 * Starts a campaign: its row becomes RUNNING together with its FETCH_LEADS job. If the breaker opens in between, that
 * job is written PAUSED and waits like every other.
 */
export async function startCampaign(
  { campaigns, breaker, queue, now, newId }: StartPorts,
  id: string,
): Promise<StartAnswer> {
  const campaign = await campaigns.find(id);
  if (!campaign) return { outcome: "not_found" };
  if (campaign.status !== "CREATED") return { outcome: "invalid_transition", status: campaign.status };
  const { breaker: stands } = await breaker.status();
  if (stands.state === "open") return { outcome: "breaker_open", reason: stands.incident.reason };
  const job = await campaigns.start(id, newId(), now());
  const after = await campaigns.find(id);
  if (!after) return { outcome: "not_found" };
  if (!job) return { outcome: "invalid_transition", status: after.status };
  await breaker.watch();
  // A message that cannot be sent now is sent by the watchdog: the row is there.
  await queue.send([job]);
  return { outcome: "started", campaign: after };
}
