import { createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import worker from "../../src/index.ts";
import { firstMessage, foundLeads } from "./found-leads.ts";
import { call, createCampaign } from "./line.ts";
import { billOf, slope } from "./meter.ts";
import { gateCloses, insertJobs, theBreaker } from "./rows.ts";

beforeAll(() => call("POST", "/sandbox/reset"));

const deliver = (queue: string, jobIds: string[]) =>
  worker.queue(createMessageBatch(queue, jobIds.map(firstMessage)), env);

async function searched(target_leads: number) {
  const campaignId = await createCampaign({ target_leads, search: { person_titles: ["What a lead costs"] } });
  const [jobId = ""] = await insertJobs(campaignId, 1, { type: "FETCH_LEADS", progress: null });
  return billOf(() => deliver("andon-campaign-jobs", [jobId]));
}

async function swept(count: number) {
  await env.DB.batch(["jobs", "leads"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  await insertJobs(await createCampaign(), count);
  const ended = async () => {
    while ((await theBreaker().status()).sweep?.state === "running") await scheduler.wait(20);
  };
  const paused = await billOf(async () => {
    await theBreaker().stop("meter", "what it costs");
    await ended();
  });
  const resumed = await billOf(async () => {
    await theBreaker().close("meter", null);
    await ended();
    await gateCloses();
  });
  return { paused, resumed };
}

/** What a job costs is whole rows; a single row that the watchdog writes meanwhile is not a job's. */
const perJob = (rows: number): unknown => expect.closeTo(rows, 1);

// A figure that rises is a bill that rises: change it here only on purpose, and say why.

test("to find one more lead writes 8.45 rows and sends one message", async () => {
  const few = await searched(20);
  const many = await searched(60);
  expect(slope(few, many, 40)).toMatchObject({ d1Written: 8.45, messages: 1 });
});

test("to enrich a lead writes 11 rows", async () => {
  const jobIds = await foundLeads(1);
  // One whom the sandbox's verifier always accepts: a rejected lead costs less.
  await env.DB.prepare("UPDATE leads SET email = 'ann.lee@acme.example' WHERE id = ?1").bind(jobIds[0]).run();
  expect(await billOf(() => deliver("andon-lead-jobs", jobIds))).toMatchObject({ d1Written: 11, messages: 0 });
});

test("to pause one more job writes one row, to resume it one row and one message", async () => {
  const few = await swept(100);
  const many = await swept(300);
  expect(slope(few.paused, many.paused, 200)).toMatchObject({ d1Written: perJob(1), messages: 0 });
  expect(slope(few.resumed, many.resumed, 200)).toMatchObject({ d1Written: perJob(1), messages: 1 });
});

test("a look of the watchdog that finds nothing writes nothing to D1", async () => {
  expect(await billOf(() => theBreaker().heal())).toMatchObject({ d1Written: 0, messages: 0 });
});
