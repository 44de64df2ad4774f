import { createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import worker from "../../src/index.ts";
import { providersOf } from "../../src/platform/ports.ts";
import { call, createCampaign, summary } from "./line.ts";
import { insertJobs } from "./rows.ts";

const BATCHES = 8;
const BATCH = 10;

/** Leads that were found, each with its job, straight in the rows. */
async function foundLeads(count: number): Promise<string[]> {
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
    env.DB.prepare("UPDATE jobs SET lead_id = id WHERE campaign_id = ?1").bind(campaignId),
    env.DB.prepare(
      `INSERT INTO leads (id, campaign_id, person_id, email, profile, stage, created_at, updated_at)
       SELECT id, ?1, id, 'ann.' || id || '@acme.example', ?2, 'found', 0, 0 FROM jobs WHERE campaign_id = ?1`,
    ).bind(campaignId, profile),
    env.DB.prepare("UPDATE progress SET leads_found = ?2 WHERE campaign_id = ?1").bind(campaignId, count),
  ]);
  return jobIds;
}

/** How long the Breaker says that an admission holds. */
const VALID_FOR_MS = 300;

test("batches that run side by side ask the Breaker no more often than one would", async () => {
  await call("PUT", "/sandbox/latency", { ms: 200 });
  const jobIds = await foundLeads(BATCHES * BATCH);
  let admissions = 0;
  const counting = {
    ...env,
    BREAKER: {
      getByName(name: string) {
        const breaker = env.BREAKER.getByName(name);
        return {
          admit: () => {
            admissions++;
            return breaker.admit();
          },
          trip: (report: never) => breaker.trip(report),
        };
      },
    },
  } as unknown as Env;
  const before = (await summary()).providers;
  const beganAt = Date.now();
  await Promise.all(
    Array.from({ length: BATCHES }, (_, index) => {
      const mine = jobIds.slice(index * BATCH, (index + 1) * BATCH);
      const messages = mine.map((jobId) => ({
        id: jobId,
        timestamp: new Date(),
        attempts: 1,
        body: { jobId, dispatch: 1 },
      }));
      return worker.queue(createMessageBatch("andon-lead-jobs", messages), counting);
    }),
  );
  const asked = Math.ceil((Date.now() - beganAt) / VALID_FOR_MS);
  const after = (await summary()).providers;
  const calls = Object.entries(after).reduce(
    (sum, [name, { calls: n }]) => sum + n - (before[name as keyof typeof before]?.calls ?? 0),
    0,
  );
  expect(calls).toBeGreaterThan(BATCHES * BATCH);
  // One at the beginning, and one each time that the last one has run out.
  expect(admissions).toBeLessThanOrEqual(asked + 1);
});
