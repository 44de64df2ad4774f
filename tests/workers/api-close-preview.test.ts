import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { ClosePreview } from "../../src/contract/close-preview.ts";
import {
  allPaused,
  breakerOpens,
  breakProvider,
  call,
  campaignEnds,
  close,
  createCampaign,
  dataOf,
  mendProviders,
  request,
  startedCampaign,
  eventually,
} from "./line.ts";
import { gateCloses, insertJobs, miscounted } from "./rows.ts";

beforeEach(async () => {
  await mendProviders();
  // Before the close: what it queued again would call the providers in the next test.
  const tables = ["job_rows", "leads", "progress", "campaigns"];
  await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  await close();
  await gateCloses();
});

const preview = async () =>
  dataOf(
    await request("GET", "/queue-management/circuit-breaker/close/preview", { token: "sandbox-viewer" }),
    200,
    ClosePreview,
  );
const stop = () => call("POST", "/queue-management/pause", { reason: "a look at the line" });
const check = (provider: string) => call("POST", `/queue-management/services/${provider}/check`);

/** Unfinished jobs of leads by their lead's stage, read from every row. */
async function recounted() {
  const { results } = await env.DB.prepare(
    `SELECT leads.stage, count(*) AS count FROM jobs JOIN leads ON leads.id = jobs.lead_id
     WHERE jobs.finished_at IS NULL AND outcome = 'open' GROUP BY 1`,
  ).all<{ stage: string; count: number }>();
  const steps: Record<string, string> = { found: "verify", verified: "research", researched: "write", written: "push" };
  return results.flatMap(({ stage, count }) => (steps[stage] ? [{ step: steps[stage], count }] : []));
}

/** Jobs that were paused during their last call: their lead is through, and nothing is left but to end. */
const through = async () =>
  (await env.DB.prepare(
    "SELECT count(*) AS n FROM jobs JOIN leads ON leads.id = jobs.lead_id WHERE finished_at IS NULL AND outcome <> 'open'",
  ).first<number>("n")) ?? 0;

async function stoppedAt(order: Parameters<typeof breakProvider>[0], target: number) {
  await breakProvider(order);
  const id = await startedCampaign({ target_leads: target });
  await breakerOpens();
  await allPaused();
  // The last calls of paused jobs are kept when they end, and move their leads on.
  await eventually("no attempt is alive", async () => {
    const held = "SELECT count(*) AS n FROM jobs WHERE finished_at IS NULL AND lease_until IS NOT NULL";
    return (await env.DB.prepare(held).first<number>("n")) === 0;
  });
  return id;
}

test("of a closed breaker there is nothing to close", async () => {
  await insertJobs(await createCampaign(), 2);
  expect(await preview()).toMatchObject({
    circuit_breaker: { state: "closed" },
    jobs: { total: 0, by_step: [], by_campaign: [], more_campaigns: 0 },
    calls_needed: { apollo: 0, millionverifier: 0, perplexity: 0, openai: 0, instantly: 0 },
    spent: {},
    failed_provider: null,
    last_check: null,
    override_needed: false,
    proven: false,
    repeated_job: null,
  });
});

test("the paused leads' jobs are counted by their next step, as their rows say", async () => {
  const id = await stoppedAt({ provider: "openai", kind: "server_error", after: 2 }, 25);
  const { jobs, calls_needed, spent } = await preview();
  const steps = await recounted();
  const at = (step: string) => steps.find((each) => each.step === step)?.count ?? 0;
  expect(at("write")).toBeGreaterThan(0);
  expect(jobs.by_step.filter(({ step }) => step !== "search" && step !== "reveal")).toEqual(
    expect.arrayContaining(steps),
  );
  expect(jobs.by_step.reduce((sum, { count }) => sum + count, await through())).toBe(jobs.total);
  expect(jobs.by_campaign).toMatchObject([{ campaign_id: id, count: jobs.total }]);
  expect(calls_needed).toMatchObject({
    millionverifier: at("verify"),
    perplexity: at("verify") + at("research"),
    openai: at("verify") + at("research") + at("write"),
    instantly: at("verify") + at("research") + at("write") + at("push"),
  });
  const { sum } = (await env.DB.prepare("SELECT sum(research ->> '$.spend.costUsd') AS sum FROM leads").first<{
    sum: number;
  }>()) ?? { sum: 0 };
  expect(sum).toBeGreaterThan(0);
  expect(spent.perplexity?.usd).toBeCloseTo(sum, 9);
  expect(spent.apollo?.credits).toBeGreaterThan(0);
});

test("leads that failed, were rejected or cancelled are not counted", async () => {
  await breakProvider({ provider: "openai", kind: "bad_lead", count: 2 });
  const ended = await startedCampaign({ target_leads: 40, search: { person_titles: ["Head of Previews"] } });
  const { progress } = await campaignEnds(ended);
  expect([progress.leads.failed, progress.leads.rejected > 0]).toEqual([2, true]);
  await mendProviders();
  const id = await stoppedAt({ provider: "perplexity", kind: "server_error" }, 12);
  const [cancelled] = (await call<{ jobs: { id: string }[] }>("GET", `/campaigns/${id}/jobs?type=ENRICH_LEAD`)).jobs;
  await call("DELETE", `/jobs/${cancelled?.id}`);
  // A job that waits makes the campaign that had ended one that is affected.
  await insertJobs(ended, 1, { status: "PAUSED" });
  const { jobs } = await preview();
  expect(jobs.by_step).toEqual(expect.arrayContaining([...(await recounted()), { step: "delete", count: 1 }]));
  expect(jobs.by_step.reduce((sum, { count }) => sum + count, await through())).toBe(jobs.total);
  expect(await miscounted()).toEqual([]);
});

test.each([
  ["has not begun", 250, null, { apollo: 3 + 25, instantly: 1 }, "search"],
  [
    "has people of a page left",
    20,
    { candidates: 14, reserved: 0, exhausted: false },
    { apollo: 1 + 2 + 1, instantly: 1 },
    "reveal",
  ],
  [
    "has reserved people and enough of a page",
    30,
    { candidates: 90, reserved: 10, exhausted: false },
    { apollo: 1 + 2, instantly: 1 },
    "reveal",
  ],
  [
    "has read the last page",
    500,
    { candidates: 7, reserved: 3, exhausted: true },
    { apollo: 1 + 1, instantly: 1 },
    "reveal",
  ],
])("a search that %s needs what its target leaves to do", async (_, target, progress, calls, step) => {
  const id = await createCampaign({ target_leads: target });
  await stop();
  const people = (count: number) => Array.from({ length: count }, (_, i) => `person ${i}`);
  const saved = progress && {
    page: 1,
    exhausted: progress.exhausted,
    candidates: people(progress.candidates),
    reserved: people(progress.reserved).map((personId) => ({ personId, leadId: "l", jobId: "j" })),
    creditsSpent: 12,
  };
  await insertJobs(id, 1, { type: "FETCH_LEADS", status: "PAUSED", progress: saved && JSON.stringify(saved) });
  const { jobs, calls_needed, spent } = await preview();
  expect(jobs.by_step).toEqual([{ step, count: 1 }]);
  expect(calls_needed).toMatchObject({ millionverifier: 0, ...calls });
  expect(spent).toEqual({ apollo: { credits: progress ? 12 : 0 } });
});

test("the largest twenty campaigns are named, and the others counted", async () => {
  await stop();
  for (let n = 1; n <= 22; n++) await insertJobs(await createCampaign({ name: `with ${n}` }), n, { status: "PAUSED" });
  const { jobs, spent } = await preview();
  expect(jobs.by_campaign.map(({ name, count }) => `${name}: ${count}`)).toEqual(
    Array.from({ length: 20 }, (_, i) => `with ${22 - i}: ${22 - i}`),
  );
  expect(jobs).toMatchObject({ more_campaigns: 2, total: 253, by_step: [{ step: "delete", count: 253 }] });
  expect(spent).toEqual({});
});

test("an override is needed until a check of the failed service has succeeded", async () => {
  await check("millionverifier");
  await stoppedAt({ provider: "millionverifier", kind: "server_error" }, 1);
  expect(await preview()).toMatchObject({
    failed_provider: "millionverifier",
    last_check: null,
    override_needed: true,
  });
  await check("millionverifier");
  expect(await preview()).toMatchObject({ last_check: { ok: false }, override_needed: true });
  await mendProviders();
  await check("millionverifier");
  expect(await preview()).toMatchObject({ last_check: { ok: true, by: "sandbox-admin" }, override_needed: false });
});

test("only the real call proves that the failed one goes well again", async () => {
  await stoppedAt({ provider: "openai", kind: "server_error" }, 1);
  await mendProviders();
  await check("openai");
  const free = { ok: true, paid: false, cost_usd: 0, proves: ["reachable", "key"] };
  expect(await preview()).toMatchObject({ last_check: free, override_needed: false, proven: false });
  await call("POST", "/queue-management/services/openai/check", { paid: true });
  const real = { ok: true, paid: true, cost_usd: 0.002, proves: ["reachable", "key", "credit", "work"] };
  expect(await preview()).toMatchObject({ last_check: real, override_needed: false, proven: true });
});

test("used up credit is proven to be there again by the free check that sees it", async () => {
  await stoppedAt({ provider: "millionverifier", kind: "out_of_credit" }, 1);
  await mendProviders();
  await check("millionverifier");
  expect(await preview()).toMatchObject({ proven: true });
});

test("an operator's stop needs none", async () => {
  await stop();
  expect(await preview()).toMatchObject({ failed_provider: null, last_check: null, override_needed: false });
});
