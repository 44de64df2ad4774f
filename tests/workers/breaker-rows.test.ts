import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import type { z } from "zod";
import type { BreakerChanged } from "../../src/contract/breaker.ts";
import type { QueueManagementStatus } from "../../src/contract/status.ts";
import { breaker, call, campaign, campaignEnds, createCampaign, eventually } from "./line.ts";
import { insertJobs, miscounted, recount, rowsOf, theBreaker } from "./rows.ts";

type Changed = z.infer<typeof BreakerChanged>;
const stop = (reason: string) => call<Changed>("POST", "/queue-management/pause", { reason });
const resume = () => call<Changed>("POST", "/queue-management/resume", { note: "go on" });
const status = () => call<z.infer<typeof QueueManagementStatus>>("GET", "/queue-management/status");

/** The resume when it has ended; at every look on the way the counts are those of the rows. */
const resumeEnds = () =>
  eventually("a resume has ended", async () => {
    expect(await miscounted()).toEqual([]);
    const { sweep } = await status();
    return sweep?.kind === "resume" && sweep.state === "done" && sweep;
  });

async function campaignsOfRows(campaigns: number, jobs: number) {
  const ids = await Promise.all(Array.from({ length: campaigns }, () => createCampaign()));
  for (const id of ids) await insertJobs(id, jobs);
  return ids;
}

/** To run them all would only take time: of each of these campaigns, which are paused, `left` jobs stay. */
async function thinOut(campaignIds: string[], left: number) {
  for (const id of campaignIds) {
    await env.DB.batch([
      env.DB.prepare(
        "DELETE FROM job_rows WHERE campaign_id = ?1 AND id NOT IN (SELECT id FROM jobs WHERE campaign_id = ?1 LIMIT ?2)",
      ).bind(id, left),
      recount(id),
    ]);
  }
}

afterEach(async () => {
  await theBreaker().close("the next test", null);
});

const allRows = async (campaignIds: string[]) => (await Promise.all(campaignIds.map(rowsOf))).flat();
const campaignRows = async () => (await env.DB.prepare("SELECT * FROM campaigns ORDER BY id").all()).results;

test("opening pauses every waiting job of every campaign, and closing queues each again exactly once", async () => {
  const ids = await campaignsOfRows(3, 1_000);
  const campaigns = await campaignRows();
  const opened = await stop("an audit");
  expect(opened.circuit_breaker.reason).toMatchObject({ source: "operator", message: "an audit" });
  const sweep = { kind: "pause", state: "done", total: 3_000, done: 3_000, failed: 0, finished_at: expect.any(String) };
  expect(opened).toMatchObject({ changed: true, sweep });
  const paused = await allRows(ids);
  expect(new Set(paused.map((job) => `${job.status} ${job.dispatch} ${job.pause_reason}`))).toEqual(
    new Set(["PAUSED 1 Paused by an operator: an audit"]),
  );
  expect((await status()).job_counts).toMatchObject({ PENDING: 0, RUNNING: 0, PAUSED: 3_000 });
  expect(await miscounted()).toEqual([]);

  const again = await stop("another reason");
  expect(again).toMatchObject({ changed: false, circuit_breaker: { epoch: opened.circuit_breaker.epoch } });
  expect(again.sweep?.id).toBe(opened.sweep?.id);
  expect(await allRows(ids)).toEqual(paused);
  expect(await campaignRows()).toEqual(campaigns);

  await thinOut(ids, 50);
  const closed = await resume();
  expect(closed).toMatchObject({ changed: true, previous_state: "open", sweep: { kind: "resume" } });
  const twice = await resume();
  expect(twice).toMatchObject({
    changed: false,
    circuit_breaker: { epoch: closed.circuit_breaker.epoch },
    sweep: { id: closed.sweep?.id },
  });
  expect(await resumeEnds()).toMatchObject({ total: 150, done: 150, failed: 0 });
  for (const id of ids) expect((await campaignEnds(id)).status).toBe("COMPLETED");
  // Dispatch 2: one message for this close. One attempt: it was claimed once.
  const ran = new Set(
    (await allRows(ids)).map((job) => `${job.status} ${job.dispatch} ${job.attempts} ${job.pause_reason}`),
  );
  expect(ran).toEqual(new Set(["COMPLETED 2 1 null"]));
  expect(await miscounted()).toEqual([]);
});

test("a stop of many jobs pauses each of them before it is acknowledged, and writes none of their rows", async () => {
  const id = await createCampaign();
  await insertJobs(id, 12_000);
  const stored = async () =>
    (await env.DB.prepare("SELECT * FROM job_rows WHERE campaign_id = ?1 ORDER BY id").bind(id).all()).results;
  const before = await stored();
  expect((await stop("many jobs")).sweep).toMatchObject({ state: "done", total: 12_000, done: 12_000, failed: 0 });
  const states = await env.DB.prepare("SELECT status, count(*) AS n FROM jobs WHERE campaign_id = ?1 GROUP BY status")
    .bind(id)
    .all();
  expect(states.results).toEqual([{ status: "PAUSED", n: 12_000 }]);
  expect(await stored()).toEqual(before);
  await thinOut([id], 0);
  await resume();
  await resumeEnds();
});

test("a pause counts the jobs that waited before it too", async () => {
  const id = await createCampaign();
  await insertJobs(id, 3);
  await insertJobs(id, 2, { status: "PAUSED" });
  expect((await stop("both kinds")).sweep).toMatchObject({ state: "done", total: 5, done: 5, failed: 0 });
  await thinOut([id], 0);
  await resume();
  await resumeEnds();
});

test("a close that comes before its opening is acknowledged ends with every job queued again exactly once", async () => {
  const ids = await campaignsOfRows(3, 100);
  const actor = theBreaker();
  const [opened, closed] = await Promise.all([actor.stop("ada", "for a moment"), actor.close("ada", null)]);
  expect([opened.changed, closed.changed]).toEqual([true, true]);
  await resumeEnds();
  for (const id of ids) expect((await campaignEnds(id)).status).toBe("COMPLETED");
  const ran = new Set((await allRows(ids)).map((job) => `${job.status} ${job.dispatch} ${job.attempts}`));
  expect(ran).toEqual(new Set(["COMPLETED 2 1"]));
  const [incident] = await actor.incidents(null, 1);
  const sweeps = (await actor.incident(incident?.id ?? ""))?.sweeps;
  expect(sweeps).toMatchObject([
    { kind: "pause", state: "superseded" },
    { kind: "resume", state: "done", done: 300, failed: 0 },
  ]);
});

test("an opening during an unfinished resume supersedes it and pauses all that is not finished", async () => {
  const ids = await campaignsOfRows(3, 50);
  // A job whose earlier attempt may still live keeps the resume unfinished.
  const [held = ""] = await insertJobs(ids[0] ?? "", 1, { status: "RUNNING", lease_until: Date.now() + 3_600_000 });
  await stop("first");
  await resume();
  const first = await eventually("a part was queued again", async () => {
    const { sweep } = await theBreaker().status();
    return (sweep?.done ?? 0) > 0 && sweep;
  });
  expect(first).toMatchObject({ kind: "resume", state: "running" });
  await stop("second");
  await eventually("the attempts are over", async () =>
    (await allRows(ids)).every((job) => job.id === held || job.lease_until === null),
  );
  const stopped = await allRows(ids);
  expect(stopped.every((job) => job.status === "PAUSED" || job.status === "COMPLETED")).toBe(true);
  const paused = stopped.filter((job) => job.status === "PAUSED");
  expect(new Set(paused.map((job) => job.pause_reason))).toEqual(new Set(["Paused by an operator: second"]));

  await env.DB.prepare("UPDATE job_rows SET lease_until = NULL WHERE id = ?1").bind(held).run();
  await resume();
  expect(await resumeEnds()).toMatchObject({ total: paused.length, done: paused.length, failed: 0 });
  for (const id of ids) expect((await campaignEnds(id)).status).toBe("COMPLETED");
  const before = new Map(stopped.map((job) => [job.id, job]));
  const ran = await allRows(ids);
  expect(ran.filter((job) => job.attempts !== 1 || job.status !== "COMPLETED")).toEqual([]);
  const wrong = ran.filter(
    (job) => job.dispatch !== (before.get(job.id)?.dispatch ?? 0) + (before.get(job.id)?.status === "PAUSED" ? 1 : 0),
  );
  expect(wrong).toEqual([]);
  const incidents = await theBreaker().incidents(null, 2);
  const sweeps = await Promise.all(
    incidents.map(async ({ id }) => (await theBreaker().incident(id))?.sweeps.map((each) => each.state)),
  );
  expect(sweeps).toEqual([
    ["done", "done"],
    ["done", "superseded"],
  ]);
}, 60_000);

test("a job that was paused while an attempt may still live waits for its lease, and goes on when that is over", async () => {
  const id = await createCampaign();
  const [jobId = ""] = await insertJobs(id, 1, { status: "RUNNING", lease_until: Date.now() + 3_600_000 });
  const [easy = ""] = await insertJobs(id, 1);
  const others = await Promise.all(
    ["CREATED", "COMPLETED", "FAILED"].map(async (state) => {
      const other = await createCampaign();
      await env.DB.prepare("UPDATE campaigns SET status = ?2 WHERE id = ?1").bind(other, state).run();
      return other;
    }),
  );
  const campaigns = await campaignRows();
  const row = async (of: string) => (await rowsOf(id)).find((job) => job.id === of);
  await stop("a look");
  expect(await row(jobId)).toMatchObject({
    status: "PAUSED",
    dispatch: 1,
    pause_reason: "Paused by an operator: a look",
  });
  expect(await campaignRows()).toEqual(campaigns);
  await resume();
  await eventually("the other job ran", async () => (await row(easy))?.status === "COMPLETED");
  expect(await row(jobId)).toMatchObject({ status: "PAUSED", dispatch: 1 });
  expect((await status()).sweep).toMatchObject({ kind: "resume", state: "running", done: 1 });
  expect(await campaignRows()).toEqual(campaigns);
  await env.DB.prepare("UPDATE job_rows SET lease_until = ?2 WHERE id = ?1")
    .bind(jobId, Date.now() - 1)
    .run();
  expect(await resumeEnds()).toMatchObject({ total: 2, done: 2 });
  expect((await campaignEnds(id)).status).toBe("COMPLETED");
  expect(await row(jobId)).toMatchObject({ status: "COMPLETED", dispatch: 2 });
  expect(await Promise.all(others.map(async (other) => (await campaign(other)).status))).toEqual([
    "CREATED",
    "COMPLETED",
    "FAILED",
  ]);
  expect((await breaker()).state).toBe("closed");
});
