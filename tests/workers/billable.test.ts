import { createMessageBatch, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { verdictOn } from "../../sandbox/providers/millionverifier.ts";
import worker from "../../src/index.ts";
import { firstMessage, foundLeads } from "./found-leads.ts";
import { revealedTitle } from "./decided.ts";
import { COSTS } from "./costs.ts";
import { call, createCampaign } from "./line.ts";
import { billOf, slope } from "./meter.ts";
import { gateCloses, insertJobs, theBreaker } from "./rows.ts";

beforeAll(() => call("POST", "/sandbox/reset"));

const deliver = (queue: string, jobIds: string[]) =>
  worker.queue(createMessageBatch(queue, [firstMessage(jobIds)]), env);

/** Of these all are revealed: who is not costs a reveal more. */
const PEOPLE = revealedTitle("What a lead costs", 90);

async function searched(target_leads: number) {
  const campaignId = await createCampaign({ target_leads, search: { person_titles: [PEOPLE] } });
  const [jobId = ""] = await insertJobs(campaignId, 1, { type: "FETCH_LEADS", progress: null });
  return billOf(() => deliver("andon-campaign-jobs", [jobId]));
}

/** The watchdog looks every five seconds, and what it reads is not a sweep's: it is told that it just looked, at `at`. */
const watchdogLooked = (at: number) =>
  runInDurableObject(theBreaker(), (_, { storage }) => {
    storage.sql.exec("UPDATE duties SET healed_at = ?", at);
  });

async function swept(count: number) {
  await watchdogLooked(Date.now() + 600_000);
  await env.DB.batch(["job_rows", "leads"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  await insertJobs(await createCampaign(), count, { type: "ENRICH_LEAD" });
  const ended = async () => {
    while ((await theBreaker().status()).sweep?.state === "running") await scheduler.wait(20);
  };
  const pause = async () => {
    await theBreaker().stop("meter", "what it costs");
    await ended();
  };
  const resume = async () => {
    await theBreaker().close("meter", null);
    await ended();
    await gateCloses();
  };
  const paused = await billOf(pause, { breaker: true });
  const resumed = await billOf(resume, { breaker: true });
  await watchdogLooked(0);
  return { paused, resumed };
}

/** Found leads whose addresses the sandbox's verifier accepts: a rejected lead costs less, and not every service is called. */
async function acceptedLeads(count: number): Promise<string[]> {
  const jobIds = await foundLeads(count);
  const addresses = Array.from({ length: 10 * count }, (_, n) => `ann.${jobIds[0]}.${n}@acme.example`);
  const accepted = addresses.filter((address) => verdictOn(address) === "ok").slice(0, count);
  expect(accepted).toHaveLength(count);
  await env.DB.batch(
    jobIds.map((id, at) => env.DB.prepare("UPDATE leads SET email = ?2 WHERE id = ?1").bind(id, accepted[at])),
  );
  return jobIds;
}

/** What a job costs is whole rows; what the watchdog does meanwhile is not a job's. */
const perJob = (rows: number): unknown => expect.closeTo(rows, 1);

// A figure that rises is a bill that rises: change it here only on purpose, say why, and put it into docs/performance.md.

test("to find one more lead writes 8.45 rows, reads 34.85, and sends a tenth of a message", async () => {
  const few = await searched(20);
  const many = await searched(60);
  expect(slope(few, many, 40)).toMatchObject(COSTS.found);
});

test("to enrich a lead that comes alone writes 11 rows, reads 100, and asks objects ten times", async () => {
  // The first makes the objects' tables.
  await deliver("andon-lead-jobs", await acceptedLeads(1));
  const jobIds = await acceptedLeads(1);
  const bill = await billOf(() => deliver("andon-lead-jobs", jobIds));
  expect(bill).toMatchObject({ d1Written: 11, d1Read: 100, messages: 0 });
  // A permit that is given back in the same moment as another needs no request of its own.
  expect(bill.objectRequests).toBeLessThanOrEqual(13);
  expect(bill.objectWritten).toBe(0);
});

test("to enrich ten leads of one message writes 10.1 rows a lead at most, and asks objects 8.5 times", async () => {
  const jobIds = await acceptedLeads(10);
  const bill = await billOf(() => deliver("andon-lead-jobs", jobIds));
  const pushed = "SELECT count(*) AS n FROM leads WHERE outcome = 'pushed' AND id IN (SELECT value FROM json_each(?1))";
  expect(await env.DB.prepare(pushed).bind(JSON.stringify(jobIds)).first("n")).toBe(10);
  // Results that wait for each other are counted in one write, so it may be less.
  expect(bill.d1Written).toBeLessThanOrEqual(COSTS.enrichedTen.d1Written);
  expect(bill.d1Written).toBeGreaterThan(70);
  // Four steps take a permit and give it back; those that do it in the same moment share a request.
  expect(bill.objectRequests).toBeLessThanOrEqual(COSTS.enrichedTen.objectRequests);
  expect(bill.messages).toBe(0);
});

test("to pause one more job writes and reads nothing, to resume it writes one row, reads six, and sends a tenth of a message", async () => {
  const few = await swept(100);
  const many = await swept(300);
  const nothing = { objectRequests: perJob(0), objectWritten: perJob(0) };
  expect(slope(few.paused, many.paused, 200)).toMatchObject({
    d1Written: perJob(0),
    d1Read: perJob(0),
    messages: 0,
    ...nothing,
  });
  expect(slope(few.resumed, many.resumed, 200)).toMatchObject({
    d1Written: perJob(1),
    d1Read: perJob(6),
    messages: 0.1,
    ...nothing,
  });
});

test("a minute of an idle line writes nothing to D1, and little to the Breaker", async () => {
  await env.DB.batch(
    ["job_rows", "leads", "progress", "campaigns"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  );
  const minute = async () => {
    await theBreaker().heal();
    await runDurableObjectAlarm(theBreaker());
  };
  await billOf(minute, { breaker: true });
  const bill = await billOf(minute, { breaker: true });
  expect(bill).toMatchObject({ d1Written: 0, messages: 0 });
  expect(bill.d1Read).toBeLessThanOrEqual(COSTS.look.d1Read);
  expect(bill.objectRequests).toBeLessThanOrEqual(COSTS.look.objectRequests);
  expect(bill.objectWritten).toBeLessThanOrEqual(COSTS.look.objectWritten);
});

test("what somebody else reads meanwhile is not on the bill", async () => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<undefined>();
  const read = () => env.DB.prepare("SELECT count(*) FROM breaker_gate").run();
  const somebodyElse = begun.then(read);
  const bill = await billOf(async () => {
    begin(undefined);
    await somebodyElse;
  });
  expect(bill.d1Read).toBe(0);
  expect((await billOf(read)).d1Read).toBe(1);
});
