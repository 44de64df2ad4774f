import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import stoppedBreaker from "../fixtures/upgrade/stopped/breaker.sql?raw";
import stoppedD1 from "../fixtures/upgrade/stopped/d1.sql?raw";
import stoppedSender from "../fixtures/upgrade/stopped/sender.json";
import underWayBreaker from "../fixtures/upgrade/under-way/breaker.sql?raw";
import underWayD1 from "../fixtures/upgrade/under-way/d1.sql?raw";
import underWaySender from "../fixtures/upgrade/under-way/sender.json";
import type { Job } from "../../src/contract/jobs.ts";
import type { z } from "zod";
import { breaker, call, campaign, close, eventually, ledger, summary } from "./line.ts";
import { miscounted, theBreaker } from "./rows.ts";
import { migrate, type StoredState, storeEarlier } from "./stored-state.ts";

// What revision ee9f9f8 left when it was killed, this revision finds as it was and brings to its end.

const underWay: StoredState = { d1: underWayD1, breaker: underWayBreaker, sender: underWaySender };
const stopped: StoredState = { d1: stoppedD1, breaker: stoppedBreaker, sender: stoppedSender };

type Row = Record<string, string | number | null>;
const read = async (sql: string) => (await env.DB.prepare(sql).all<Row>()).results;
const idsOf = async (table: string) => (await read(`SELECT id FROM ${table} ORDER BY id`)).map(({ id }) => id);
const statuses = async () => new Set((await read("SELECT status FROM jobs")).map(({ status }) => status));
const unfinished = async () => {
  const { job_counts: jobs } = await call<{ job_counts: Record<string, number> }>("GET", "/queue-management/status");
  return { paused: jobs["PAUSED"], others: (jobs["PENDING"] ?? 0) + (jobs["RUNNING"] ?? 0) };
};

/** All that must be there afterwards too. */
const held = async () => ({
  campaigns: await idsOf("campaigns"),
  jobs: await idsOf("jobs"),
  leads: await idsOf("leads"),
  pushed: (await read("SELECT id FROM leads WHERE stage = 'pushed'")).map(({ id }) => id),
});

async function expectAllEnds(before: Awaited<ReturnType<typeof held>>) {
  await eventually("every job ended", async () => {
    const { paused, others } = await unfinished();
    return paused === 0 && others === 0;
  });
  for (const id of before.campaigns) {
    // It would look at itself within a second.
    await eventually(`campaign ${id} completed`, async () => {
      await runDurableObjectAlarm(env.CAMPAIGN.getByName(String(id)));
      return (await campaign(String(id))).status === "COMPLETED";
    });
  }
  const after = await held();
  for (const kind of ["campaigns", "jobs", "leads", "pushed"] as const)
    expect(after[kind]).toEqual(expect.arrayContaining(before[kind]));
  expect(await statuses()).toEqual(new Set(["COMPLETED"]));
  expect(await read("SELECT id FROM leads WHERE outcome = 'open' AND stage <> 'dropped'")).toEqual([]);
  expect(await miscounted()).toEqual([]);
  await expectPushedOnce();
}

/** The sender holds exactly the leads whose rows say so, each once. */
async function expectPushedOnce() {
  const rows = await read(`SELECT instantly_campaign_id AS id, count(*) AS n FROM leads
    JOIN campaigns ON campaigns.id = leads.campaign_id WHERE stage = 'pushed' GROUP BY 1`);
  const { providers, pushed } = await summary();
  expect(pushed).toEqual(Object.fromEntries(rows.map(({ id, n }) => [id, n])));
  expect(providers.instantly.repeated_subjects).toEqual([]);
}

test("what an earlier revision had under way when it was killed is finished, with nothing lost and nobody pushed twice", async () => {
  await storeEarlier(underWay);
  expect(await statuses()).toEqual(new Set(["COMPLETED", "PENDING", "RUNNING"]));
  expect(await read("SELECT id FROM jobs WHERE type = 'FETCH_LEADS' AND status = 'RUNNING'")).not.toEqual([]);
  const before = await held();
  // Some pushes were answered to a process that could not save them any more.
  expect(underWay.sender.flatMap(({ emails }) => emails).length).toBeGreaterThan(before.pushed.length);
  await migrate();
  await theBreaker().watch();
  await expectAllEnds(before);
  for (const id of before.campaigns) {
    const { target_leads, progress } = await campaign(String(id));
    expect(progress.leads.found).toBe(target_leads);
  }
  expect(await breaker()).toMatchObject({ state: "closed", epoch: 0 });
});

test("a stop that an earlier revision had not finished stands, with its reason, until it is closed; then all is finished", async () => {
  await storeEarlier(stopped);
  expect([...(await statuses())]).toEqual(expect.arrayContaining(["PAUSED", "PENDING"]));
  expect(await read("SELECT state FROM breaker_gate")).toEqual([{ state: "open" }]);
  const before = await held();
  await migrate();
  const called = (await ledger()).length;
  const opened = await breaker();
  const reason = "a drill: the next revision comes";
  expect(opened).toMatchObject({ state: "open", epoch: 1, reason: { source: "operator", message: reason } });
  expect((await unfinished()).others).toBe(0);
  await theBreaker().watch();
  const { jobs } = await call<{ jobs: z.infer<typeof Job>[] }>("GET", "/jobs?status=PAUSED&limit=200");
  expect(jobs.length).toBe((await unfinished()).paused);
  for (const job of jobs) expect(job.pause_reason).toContain(reason);
  expect(await breaker()).toEqual(opened);
  expect((await ledger()).length).toBe(called);
  await close();
  await expectAllEnds(before);
  expect(await breaker()).toMatchObject({ state: "closed", epoch: 2 });
});
