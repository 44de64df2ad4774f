import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createJobStore } from "../../src/db/jobs.ts";
import { createSweepStore } from "../../src/db/sweeps.ts";
import worker from "../../src/index.ts";
import { close, createCampaign } from "./line.ts";
import { gateCloses, insertJobs, miscounted, recount, rowsOf, theBreaker } from "./rows.ts";

const lease = () => ({ now: Date.now(), until: Date.now() + 60_000 });
const claim = (dispatches: { jobId: string; dispatch: number }[]) => createJobStore(env.DB).claim(dispatches, lease());

/** Jobs that no message serves, so that nobody else claims them. */
async function waitingJobs(count: number, fields = {}) {
  const id = await createCampaign();
  const jobIds = await insertJobs(id, count, { type: "ENRICH_LEAD", lead_id: null, ...fields });
  return { id, jobIds, dispatches: jobIds.map((jobId) => ({ jobId, dispatch: 1 })) };
}

test("of two consumers with the same messages, each job goes to one", async () => {
  const { id, jobIds, dispatches } = await waitingJobs(20);
  const claims = await Promise.all([claim(dispatches), claim(dispatches), claim(dispatches.toReversed())]);
  expect(
    claims
      .flat()
      .map((job) => job.id)
      .toSorted(),
  ).toEqual(jobIds.toSorted());
  expect(new Set((await rowsOf(id)).map((job) => `${job.status} ${job.attempts} ${job.lease_until !== null}`))).toEqual(
    new Set(["RUNNING 1 true"]),
  );
  expect(await miscounted()).toEqual([]);
});

test("a message of another dispatch claims nothing", async () => {
  const { id, jobIds } = await waitingJobs(1, { dispatch: 2 });
  const before = await rowsOf(id);
  expect(
    await claim(
      jobIds.flatMap((jobId) => [
        { jobId, dispatch: 1 },
        { jobId, dispatch: 3 },
      ]),
    ),
  ).toEqual([]);
  expect(await rowsOf(id)).toEqual(before);
});

test.each(["RUNNING", "PAUSED", "COMPLETED", "FAILED", "CANCELLED"])("a %s job is not claimed", async (status) => {
  const finished = ["COMPLETED", "FAILED", "CANCELLED"].includes(status);
  const { id, dispatches } = await waitingJobs(1, { status, finished_at: finished ? Date.now() : null });
  const before = await rowsOf(id);
  expect(await claim(dispatches)).toEqual([]);
  expect(await rowsOf(id)).toEqual(before);
  expect(await miscounted()).toEqual([]);
});

test("while the gate is open nothing is claimed", async () => {
  const { id, dispatches } = await waitingJobs(1);
  await theBreaker().stop("ada", "a look");
  expect(await claim(dispatches)).toEqual([]);
  expect(await rowsOf(id)).toMatchObject([{ status: "PAUSED", row_status: "PENDING", attempts: 0 }]);
  // Leases of the tests before would hold up the resume.
  await env.DB.batch(["job_rows", "progress", "campaigns"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  await close();
  await gateCloses();
});

test("while the gate is open no failed job is queued again, whoever asked before the stop", async () => {
  const { id, jobIds } = await waitingJobs(2, { status: "FAILED", finished_at: 1 });
  await theBreaker().stop("ada", "a look");
  const before = await rowsOf(id);
  expect(await createJobStore(env.DB).retry(jobIds, { by: "ada", now: Date.now() })).toEqual([]);
  expect(await rowsOf(id)).toEqual(before);
  expect(await miscounted()).toEqual([]);
  await close();
  await gateCloses();
});

test.each([
  ["an earlier epoch", -2],
  ["a later one", 2],
])("a job that was queued under %s than the one in which the line runs is PAUSED, and not claimed", async (_, by) => {
  const { id, dispatches } = await waitingJobs(1);
  await env.DB.batch([
    env.DB.prepare("UPDATE job_rows SET queued_epoch = queued_epoch + ?2 WHERE campaign_id = ?1").bind(id, by),
    recount(id),
  ]);
  expect(await claim(dispatches)).toEqual([]);
  expect(await rowsOf(id)).toMatchObject([{ status: "PAUSED", row_status: "PENDING", attempts: 0 }]);
  expect(await miscounted()).toEqual([]);
});

test("a message that is delivered twice at the same time runs its job once, and both are acknowledged", async () => {
  const id = await createCampaign();
  const [jobId = ""] = await insertJobs(id, 1);
  const deliveries = await Promise.all(
    [1, 2].map(async (copy) => {
      const message = { id: `copy ${copy}`, timestamp: new Date(), attempts: 1, body: { jobId, dispatch: 1 } };
      const batch = createMessageBatch("andon-campaign-jobs", [message]);
      const context = createExecutionContext();
      await worker.queue(batch, env);
      return getQueueResult(batch, context);
    }),
  );
  expect(deliveries.map((each) => each.explicitAcks)).toEqual([["copy 1"], ["copy 2"]]);
  expect(await rowsOf(id)).toMatchObject([{ status: "COMPLETED", attempts: 1, dispatch: 1 }]);
  expect(await miscounted()).toEqual([]);
});

test("a message that is in its batch twice claims its job once, and counts it once", async () => {
  const { dispatches } = await waitingJobs(2);
  expect(await claim([...dispatches, ...dispatches])).toHaveLength(2);
  expect(await miscounted()).toEqual([]);
});

test("a resume of another close than the last queues nothing again", async () => {
  const { id, jobIds } = await waitingJobs(3, { status: "PAUSED" });
  const { epoch } = (await theBreaker().status()).breaker;
  const sweeps = createSweepStore(env.DB);
  const all = { from: { campaignId: id, jobId: "" }, to: { campaignId: id, jobId: "~" } };
  const resume = (of: number) => sweeps.resume(all, { epoch: of, since: Date.now() }, Date.now());
  for (const another of [epoch - 2, epoch + 2]) expect(await resume(another)).toEqual([]);
  expect((await rowsOf(id)).map(({ status, dispatch }) => `${status} ${dispatch}`)).toEqual(
    Array.from({ length: 3 }, () => "PAUSED 1"),
  );
  const resumed = await resume(epoch);
  expect(resumed.map(({ jobId }) => jobId).toSorted()).toEqual(jobIds.toSorted());
});

test("an opening that reaches the gate after the close that followed it pauses nothing", async () => {
  const { id } = await waitingJobs(3);
  const { epoch } = (await theBreaker().status()).breaker;
  await createSweepStore(env.DB).setGate({ state: "open", epoch: epoch - 1, reason: "long over" });
  expect(new Set((await rowsOf(id)).map(({ status }) => status))).toEqual(new Set(["PENDING"]));
});
