import type { Instant } from "../../domain/breaker.ts";
import type { BreakerActor } from "../../ports/breaker.ts";
import type { CampaignActors } from "../../ports/campaigns.ts";
import type { JobStore } from "../../ports/jobs.ts";

export interface CancelPorts {
  jobs: Pick<JobStore, "cancel">;
  campaignActors: Pick<CampaignActors, "changed">;
  breaker: Pick<BreakerActor, "withdraw">;
  now: () => Instant;
}

/** False when the job is finished already. After a true answer no call of it begins; one that is under way keeps its result. */
export async function cancelJob(
  { jobs, campaignActors, breaker, now }: CancelPorts,
  job: { id: string; campaignId: string },
  by: string,
): Promise<boolean> {
  const cancelled = await jobs.cancel(job.id, { by, now: now() });
  if (!cancelled) return false;
  await Promise.all([breaker.withdraw(), campaignActors.changed([job.campaignId])]);
  return true;
}
