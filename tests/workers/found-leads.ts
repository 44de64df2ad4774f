import { env } from "cloudflare:workers";
import { providersOf } from "../../src/wiring.ts";
import { createCampaign } from "./line.ts";
import { insertJobs } from "./rows.ts";

/** Leads that were found, each with its job, straight in the rows. */
export async function foundLeads(count: number): Promise<string[]> {
  const campaignId = await createCampaign();
  const sender = await providersOf(env).instantly.createCampaign("What a line costs");
  if (sender.outcome !== "answered") throw new Error("the sandbox made no sender campaign");
  const jobIds = await insertJobs(campaignId, count, { type: "ENRICH_LEAD", progress: null });
  const profile = JSON.stringify({
    firstName: "Ann",
    lastName: "Lee",
    company: "Acme",
    companyWebsite: "acme.example",
  });
  await env.DB.batch([
    env.DB.prepare("UPDATE campaigns SET instantly_campaign_id = ?2 WHERE id = ?1").bind(campaignId, sender.value),
    env.DB.prepare("UPDATE job_rows SET lead_id = id WHERE campaign_id = ?1").bind(campaignId),
    env.DB.prepare(
      `INSERT INTO leads (id, campaign_id, person_id, email, profile, stage, created_at, updated_at)
       SELECT id, ?1, id, 'ann.' || id || '@acme.example', ?2, 'found', 0, 0 FROM jobs WHERE campaign_id = ?1`,
    ).bind(campaignId, profile),
    env.DB.prepare("UPDATE progress SET leads_found = ?2 WHERE campaign_id = ?1").bind(campaignId, count),
  ]);
  return jobIds;
}

/** The queue's message about jobs that were just made. */
export const firstMessage = (jobIds: string[]) => ({
  id: jobIds.join(),
  timestamp: new Date(),
  attempts: 1,
  body: { jobs: jobIds.map((jobId) => ({ jobId, dispatch: 1 })) },
});
