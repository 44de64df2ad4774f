import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createJobStore } from "../../src/db/jobs.ts";
import { createLeadStore } from "../../src/db/leads.ts";
import {
  allPaused,
  call,
  campaign,
  campaignEnds,
  close,
  createCampaign,
  eventually,
  ledger,
  mendProviders,
  summary,
} from "./line.ts";
import { insertJobs, miscounted, rowsOf, theBreaker } from "./rows.ts";
import { expectNothingRepeated, startNamed } from "./stops.ts";

const latency = (provider: string, ms: number) => call("PUT", "/sandbox/latency", { provider, ms });
const leadsOf = async (id: string) =>
  (
    await env.DB.prepare("SELECT * FROM leads WHERE campaign_id = ?1 ORDER BY id")
      .bind(id)
      .all<Record<string, unknown>>()
  ).results;
const callsTo = async (provider: string) => (await ledger()).filter((each) => each.provider === provider);
const rowOf = async (jobId: string) => env.DB.prepare("SELECT * FROM jobs WHERE id = ?1").bind(jobId).first();

/** A lead at `found`, and its job as `job` says, straight in the rows. */
async function aLeadWithJob(job: Record<string, string | number | null>) {
  const campaignId = await createCampaign();
  const leadId = crypto.randomUUID();
  const profile = {
    firstName: "Ann",
    lastName: "Lee",
    title: null,
    headline: null,
    linkedinUrl: null,
    company: null,
    companyWebsite: null,
  };
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO leads (id, campaign_id, person_id, email, profile, stage, created_at, updated_at)
       VALUES (?1, ?2, ?1, ?1 || '@x.example', ?3, 'found', 0, 0)`,
    ).bind(leadId, campaignId, JSON.stringify(profile)),
    env.DB.prepare("UPDATE progress SET leads_found = 1 WHERE campaign_id = ?1").bind(campaignId),
  ]);
  const [jobId = ""] = await insertJobs(campaignId, 1, {
    type: "ENRICH_LEAD",
    lead_id: leadId,
    progress: null,
    ...job,
  });
  return { campaignId, leadId, jobId };
}

test("a job that is paused while its call is in flight keeps the call's result and starts no next step", async () => {
  const start = await startNamed("late results");
  await latency("openai", 500);
  const id = await start();
  await eventually("a message is being written", async () => (await callsTo("openai")).length > 0);
  const writing = theBreaker().stop("ada", "a look");
  await allPaused();
  await writing;
  const released = "the attempts let go";
  await eventually(released, async () => (await rowsOf(id)).every((job) => job.lease_until === null));
  const asked = (await callsTo("openai")).map((each) => each.subject);
  const kept = (await leadsOf(id)).filter((lead) => asked.includes(String(lead["email"])));
  expect(kept.map((lead) => [lead["stage"], lead["copy"] !== null])).toEqual(asked.map(() => ["written", true]));
  expect((await callsTo("instantly")).filter((each) => each.path.endsWith("/leads/add"))).toEqual([]);
  expect(await miscounted()).toEqual([]);
  await latency("openai", 0);
  await close();
  const done = await campaignEnds(id);
  expect(done.status).toBe("COMPLETED");
  const run = { summary: await summary(), calls: await ledger() };
  expectNothingRepeated(run);
  expect(run.summary.pushed[done.instantly_campaign_id ?? ""]).toBe(done.progress.leads.verified);
});

test("a close that comes while a paused job's call is still in flight waits for it, and does not make the call again", async () => {
  const start = await startNamed("early close");
  await latency("openai", 600);
  const id = await start();
  await eventually("a message is being written", async () => (await callsTo("openai")).length > 0);
  const actor = theBreaker();
  const [opened, closed] = await Promise.all([actor.stop("ada", "for a moment"), actor.close("ada", null)]);
  expect([opened.changed, closed.changed]).toEqual([true, true]);
  expect((await campaignEnds(id)).status).toBe("COMPLETED");
  const ran = (await rowsOf(id)).filter((job) => job.type === "ENRICH_LEAD" && job.dispatch === 2);
  expect(ran.length).toBeGreaterThan(0);
  expectNothingRepeated({ summary: await summary(), calls: await ledger() });
  expect(await miscounted()).toEqual([]);
});

test("a cancelled job's late result is kept on the lead, the job stays CANCELLED, and no further step is made", async () => {
  const start = await startNamed("cancelled in flight");
  await latency("perplexity", 500);
  const id = await start();
  const [asked] = await eventually("research is under way", async () => {
    const calls = await callsTo("perplexity");
    return calls.length > 0 && calls;
  });
  const lead = (await leadsOf(id)).find((each) => each["email"] === asked?.subject);
  const job = (await rowsOf(id)).find((each) => each.lead_id === lead?.["id"]);
  await call("DELETE", `/jobs/${job?.id}`);
  const kept = await eventually("the result was kept", async () => {
    const now = (await leadsOf(id)).find((each) => each["id"] === lead?.["id"]);
    return now?.["research"] !== null && now;
  });
  expect(kept).toMatchObject({ stage: "researched", outcome: "cancelled" });
  const done = await campaignEnds(id);
  expect([done.status, done.progress.jobs.CANCELLED]).toEqual(["COMPLETED", 1]);
  expect(await rowOf(job?.id ?? "")).toMatchObject({ status: "CANCELLED", dispatch: 1 });
  expect((await callsTo("openai")).map((each) => each.subject)).not.toContain(asked?.subject);
  expect(await miscounted()).toEqual([]);
  await mendProviders();
});

test("a result of an older dispatch changes nothing", async () => {
  const { campaignId, leadId, jobId } = await aLeadWithJob({
    status: "RUNNING",
    dispatch: 2,
    lease_until: Date.now() + 60_000,
  });
  const before = [await rowOf(jobId), await leadsOf(campaignId), (await campaign(campaignId)).progress];
  const store = createJobStore(env.DB);
  const lead = {
    leadId,
    from: "found",
    stage: "verified",
    outcome: "open",
    counter: "verified",
    result: { verification: { verdict: "ok" } },
  } as const;
  const standings = await store.record(
    [{ jobId, dispatch: 1, lead, end: { becomes: "COMPLETED", result: {} } }],
    Date.now(),
  );
  expect(standings).toMatchObject([{ jobId, dispatch: 2, status: "RUNNING" }]);
  await store.record([{ jobId, dispatch: 1, end: { becomes: "PENDING" } }], Date.now());
  await store.renewLeases([{ jobId, dispatch: 1 }], Date.now() + 900_000);
  const leads = createLeadStore(env.DB);
  expect(await leads.saveProgress({ jobId, dispatch: 1 }, { page: 9 })).toBeNull();
  const progress = { page: 1, exhausted: false, candidates: [], reserved: [], creditsSpent: 0 };
  const wanted = [{ leadId: crypto.randomUUID(), jobId: crypto.randomUUID(), personId: "p" }];
  expect(await leads.reserve({ jobId, dispatch: 1, campaignId }, wanted, progress, Date.now())).toBeNull();
  expect(
    await leads.reveal({ jobId, dispatch: 1, campaignId }, { reserved: wanted, people: [], progress }, Date.now()),
  ).toEqual({ made: [], status: null });
  expect([await rowOf(jobId), await leadsOf(campaignId), (await campaign(campaignId)).progress]).toEqual(before);
});

test("a step that is recorded twice counts once", async () => {
  const { campaignId, leadId, jobId } = await aLeadWithJob({ status: "RUNNING", lease_until: Date.now() + 60_000 });
  const lead = {
    leadId,
    from: "found",
    stage: "verified",
    outcome: "open",
    counter: "verified",
    result: { verification: { verdict: "ok" } },
  } as const;
  const store = createJobStore(env.DB);
  for (let times = 0; times < 2; times++) await store.record([{ jobId, dispatch: 1, lead }], Date.now());
  expect((await campaign(campaignId)).progress.leads).toMatchObject({ found: 1, verified: 1 });
  expect(await miscounted()).toEqual([]);
});

test("a refusal that comes for a cancelled job leaves its lead cancelled, and no lead is counted as failed", async () => {
  const { campaignId, leadId, jobId } = await aLeadWithJob({ status: "RUNNING", lease_until: Date.now() + 60_000 });
  const store = createJobStore(env.DB);
  expect(await store.cancel(jobId, { by: "ada", now: Date.now() })).toBe(true);
  const lead = {
    leadId,
    from: "found",
    stage: "found",
    outcome: "failed",
    counter: "failed",
    error: "not to its liking",
  } as const;
  const refusal = { jobId, dispatch: 1, lead, end: { becomes: "FAILED", error: "not to its liking" } } as const;
  // Each write may be repeated.
  for (let times = 0; times < 2; times++) await store.record([refusal], Date.now());
  expect(await rowOf(jobId)).toMatchObject({ status: "CANCELLED", error: null });
  expect(await leadsOf(campaignId)).toMatchObject([{ outcome: "cancelled", stage: "found" }]);
  expect(await miscounted()).toEqual([]);
});
