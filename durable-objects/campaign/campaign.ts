import { DurableObject } from "cloudflare:workers";
import type { StartAnswer } from "../../src/ports/campaigns.ts";
import { startCampaign } from "../../src/operations/campaign/start.ts";
import { reportLasting } from "../../src/platform/failures.ts";
import { log } from "../../src/platform/log.ts";
import { campaignPorts } from "../../src/wiring.ts";

/** However often its jobs change, a campaign looks at itself at most this often. */
const LOOK_MS = 1_000;

/**
 * One a campaign, named by its id: starts it, and looks whether it is complete. Its methods may meet at an await; what
 * holds them apart is that each decides in one statement in D1, where its counts and its status are.
 */
export class Campaign extends DurableObject<Env> {
  async start(campaignId: string): Promise<StartAnswer> {
    const answer = await startCampaign(campaignPorts(this.env), campaignId);
    log("info", "campaign_start", { campaign_id: campaignId, outcome: answer.outcome });
    return answer;
  }

  /** Its jobs changed. */
  async changed(campaignId: string): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) !== null) return;
    await this.ctx.storage.put("campaignId", campaignId);
    await this.ctx.storage.setAlarm(Date.now() + LOOK_MS);
  }

  override async alarm(): Promise<void> {
    const campaignId = await this.ctx.storage.get<string>("campaignId");
    if (campaignId === undefined) throw new Error("campaign: an alarm without a campaign");
    const { campaigns, breaker } = campaignPorts(this.env);
    const status = await campaigns.complete(campaignId, Date.now()).catch(async (error: unknown) => {
      await reportLasting(breaker, error);
      throw error;
    });
    if (status === "COMPLETED" || status === "FAILED")
      log("info", "campaign_ended", { campaign_id: campaignId, status });
  }
}
