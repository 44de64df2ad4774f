import { createMessageBatch, evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AlertPayload } from "../../src/contract/alert-payload.ts";
import { createJobStore } from "../../src/db/jobs.ts";
import worker from "../../src/index.ts";
import type { JobResult } from "../../src/ports/jobs.ts";
import { signedIn } from "./browser.ts";
import { firstMessage, foundLeads } from "./found-leads.ts";
import { breaker, breakProvider, call, campaign, campaignEnds, eventually, mendProviders } from "./line.ts";
import { aReceiver, aTarget, deliveriesOf } from "./receiver.ts";
import { miscounted, rowsOf, theBreaker } from "./rows.ts";

const receiver = aReceiver();
const store = createJobStore(env.DB);
const REASON = "perplexity refused it: The input could not be processed";

beforeEach(() => env.DB.prepare("UPDATE alert_targets SET disabled_at = 1").run());
afterEach(mendProviders);

/** Leads whose addresses are verified, each with its job. */
async function verifiedLeads(count: number) {
  const jobIds = await foundLeads(count);
  const row = await env.DB.prepare("SELECT campaign_id AS id FROM jobs WHERE id = ?1").bind(jobIds[0]).first("id");
  const campaignId = String(row);
  await env.DB.batch([
    env.DB.prepare(
      `UPDATE leads SET stage = 'verified', verification = '{"verdict":"ok"}' WHERE campaign_id = ?1`,
    ).bind(campaignId),
    env.DB.prepare("UPDATE progress SET leads_verified = ?2 WHERE campaign_id = ?1").bind(campaignId, count),
  ]);
  return { campaignId, jobIds };
}

/** The same, and all of them are worked on. */
async function claimedLeads(count: number) {
  const made = await verifiedLeads(count);
  const dispatches = made.jobIds.map((jobId) => ({ jobId, dispatch: 1 }));
  await store.claim(dispatches, { now: Date.now(), until: Date.now() + 60_000 });
  return made;
}

const work = (jobIds: string[]) => worker.queue(createMessageBatch("andon-lead-jobs", [firstMessage(jobIds)]), env);
const refuse = () => breakProvider({ provider: "perplexity", kind: "bad_lead" });

const failed = (jobId = "", error = REASON): JobResult => ({
  jobId,
  dispatch: 1,
  lead: { leadId: jobId, from: "verified", stage: "verified", outcome: "failed", counter: "failed", error },
  end: { becomes: "FAILED", error },
});
const pushed = (jobId = ""): JobResult => ({
  jobId,
  dispatch: 1,
  lead: { leadId: jobId, from: "verified", stage: "pushed", outcome: "pushed", counter: "pushed" },
  end: { becomes: "COMPLETED", result: null },
});
const record = (...results: JobResult[]) => store.record(results, Date.now());
const streakOf = async (campaignId: string) =>
  env.DB.prepare("SELECT failing_count AS count, failing_reason AS reason FROM progress WHERE campaign_id = ?1")
    .bind(campaignId)
    .first();

/** What the cron does, and all that follows from it. */
async function pass() {
  await theBreaker().heal();
  await runDurableObjectAlarm(theBreaker());
}

const keysOf = async (targetId: string) =>
  (await deliveriesOf(targetId)).map(({ event_key: key }) => key.replace(/:\d+$/, ""));
const told = (targetId: string, ...campaignIds: string[]) =>
  eventually("the target was told", async () => {
    const rows = await deliveriesOf(targetId);
    return rows.length >= campaignIds.length && rows.every(({ status }) => status === "DELIVERED");
  }).then(async () =>
    expect((await keysOf(targetId)).toSorted()).toEqual(campaignIds.map((id) => `failing:${id}`).toSorted()),
  );

/** A campaign that is told of: what had to be told before it, is told by then. */
async function aWitness() {
  const { campaignId, jobIds } = await claimedLeads(20);
  await record(...jobIds.map((jobId) => failed(jobId)));
  await pass();
  return campaignId;
}

test("a campaign that ends with its last twenty leads refused for one reason is told of by itself, and nothing stops", async () => {
  const { id, url } = await aTarget();
  const other = await aTarget({ events: ["breaker.opened"] });
  const before = await breaker();
  const { campaignId, jobIds } = await verifiedLeads(20);
  await refuse();
  await theBreaker().watch();
  for (const jobId of jobIds) await work([jobId]);
  await campaignEnds(campaignId);
  await told(id, campaignId);
  expect(await deliveriesOf(other.id)).toEqual([]);
  expect(await breaker()).toEqual(before);
  const { failing } = await campaign(campaignId);
  expect(failing).toMatchObject({ reason: REASON, count: 20 });
  const [arrived] = receiver.received.filter((each) => each.url === url);
  expect(AlertPayload.parse(JSON.parse(arrived?.body ?? "")).data).toMatchObject({
    incident_id: null,
    state: "closed",
    reason: null,
    campaign: { id: campaignId },
    failing: { ...failing },
    console_path: `/console/campaigns/${campaignId}`,
  });
  const { text } = await (await signedIn("viewer")).visit(`/console/campaigns/${campaignId}`);
  expect(text).toContain("20 leads all failed for one reason");
  expect(await miscounted()).toEqual([]);
});

test("a streak is told once, however often the watchdog looks, the Breaker restarts or its jobs fail again", async () => {
  const { id } = await aTarget();
  const { campaignId, jobIds } = await verifiedLeads(21);
  const [last = "", ...others] = jobIds;
  await refuse();
  await work(others.slice(0, 10));
  await work(others.slice(10));
  await pass();
  await told(id, campaignId);
  const { failing } = await campaign(campaignId);
  await work([last]);
  await pass();
  await evictDurableObject(theBreaker());
  await pass();
  await call("POST", "/jobs/retry", { campaign_id: campaignId });
  await eventually("all have failed again", async () =>
    (await rowsOf(campaignId)).every(({ status, attempts }) => status === "FAILED" && attempts === 2),
  );
  expect((await campaign(campaignId)).failing).toEqual({ ...failing, count: 42 });
  await pass();
  await evictDurableObject(theBreaker());
  await told(id, campaignId, await aWitness());
});

test("nineteen failures and a lead that was pushed, again and again, are nothing to tell", async () => {
  const { id } = await aTarget();
  const { campaignId, jobIds } = await claimedLeads(58);
  for (const [at, jobId] of jobIds.entries()) await record(at % 20 === 19 ? pushed(jobId) : failed(jobId));
  expect(await streakOf(campaignId)).toEqual({ count: 18, reason: REASON });
  expect((await campaign(campaignId)).failing).toBeNull();
  await told(id, await aWitness());
});

test("a streak that was told and is over is told anew when it comes again", async () => {
  const { id } = await aTarget();
  const { campaignId, jobIds } = await claimedLeads(41);
  await record(...jobIds.slice(0, 20).map((jobId) => failed(jobId)));
  await pass();
  await told(id, campaignId);
  await record(pushed(jobIds[20]));
  expect(await streakOf(campaignId)).toEqual({ count: 0, reason: null });
  await record(...jobIds.slice(21).map((jobId) => failed(jobId)));
  await pass();
  await told(id, campaignId, campaignId);
});

test("failures for two reasons in turn are nothing to tell, one by one or in one write", async () => {
  const { id } = await aTarget();
  const { campaignId, jobIds } = await claimedLeads(60);
  const reasons = ["openai refused it: too long", REASON];
  const results = jobIds.map((jobId, at) => failed(jobId, reasons[at % 2]));
  for (const result of results.slice(0, 25)) await record(result);
  expect(await streakOf(campaignId)).toEqual({ count: 1, reason: reasons[0] });
  await record(...results.slice(25));
  expect(await streakOf(campaignId)).toEqual({ count: 0, reason: null });
  await told(id, await aWitness());
});

test("a streak counts its leads by what their errors have in common, and a campaign's own", async () => {
  const [mine, other] = [await claimedLeads(3), await claimedLeads(2)];
  const error = (name: string) => `instantly refused it: "${name}" is taken`;
  const named = (jobId: string) => failed(jobId, error(jobId));
  await record(...mine.jobIds.map(named), pushed(other.jobIds[0]), failed(other.jobIds[1]));
  expect(await streakOf(mine.campaignId)).toEqual({ count: 3, reason: "instantly refused it: … is taken" });
  expect(await streakOf(other.campaignId)).toEqual({ count: 0, reason: null });
});

test("what is written twice counts once, and what comes late or of a cancelled lead not at all", async () => {
  const { campaignId, jobIds } = await claimedLeads(3);
  const [one, late = "", cancelled = ""] = jobIds;
  await record(failed(one));
  await record(failed(one));
  await record({ ...failed(late), dispatch: 7 });
  await store.cancel(cancelled, { by: "ada", now: Date.now() });
  await record(failed(cancelled));
  expect(await streakOf(campaignId)).toEqual({ count: 1, reason: REASON });
  // A step that does not end its lead changes nothing about the streak.
  await record({
    jobId: late,
    dispatch: 1,
    lead: {
      leadId: late,
      from: "verified",
      stage: "researched",
      outcome: "open",
      counter: "researched",
      result: { research: {} },
    },
  });
  expect(await streakOf(campaignId)).toEqual({ count: 1, reason: REASON });
});

test("leads that nobody could work on count too: jobs that end by an unexpected error, or cannot be sent", async () => {
  const { campaignId, jobIds } = await claimedLeads(3);
  const error = "An unexpected error";
  await record(
    ...jobIds.slice(1).map((jobId): JobResult => ({ jobId, dispatch: 1, end: { becomes: "FAILED", error } })),
  );
  expect(await streakOf(campaignId)).toEqual({ count: 2, reason: error });
  const unsent = await verifiedLeads(20);
  const dispatches = unsent.jobIds.map((jobId) => ({ jobId, dispatch: 1 }));
  await store.failUnsent(dispatches, "It could not be sent", Date.now());
  await store.failUnsent(dispatches, "It could not be sent", Date.now());
  expect(await streakOf(unsent.campaignId)).toEqual({ count: 20, reason: "It could not be sent" });
  expect(await miscounted()).toEqual([]);
});
