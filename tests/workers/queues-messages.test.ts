import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import worker from "../../src/index.ts";
import type { BatchPorts } from "../../src/operations/job/run-batch.ts";
import { batchPorts } from "../../src/wiring.ts";
import { consumeJobs } from "../../src/queues/jobs.ts";
import { firstMessage } from "./found-leads.ts";
import { breaker, close, createCampaign, eventually } from "./line.ts";
import { insertJobs, miscounted, rowsOf, theBreaker } from "./rows.ts";

beforeEach(() => env.DB.prepare("DELETE FROM parked_messages").run());

/** Delivers these bodies as one batch, as the queue of this name would, and tells what became of each message. */
async function deliver(queue: string, bodies: unknown[], environment: Env = env) {
  const messages = bodies.map((body, at) => ({ id: `${queue} ${at}`, timestamp: new Date(), attempts: 1, body }));
  const batch = createMessageBatch(queue, messages);
  await worker.queue(batch, environment);
  return getQueueResult(batch, createExecutionContext());
}

const parked = async (queue: string) =>
  (await env.DB.prepare("SELECT id, body FROM parked_messages WHERE queue = ?1 ORDER BY id").bind(queue).all()).results;

async function oneJob(fields = {}) {
  const id = await createCampaign();
  const [jobId = ""] = await insertJobs(id, 1, fields);
  return { id, jobId, row: async () => (await rowsOf(id))[0] };
}

test("messages that name no dispatch are parked and acknowledged, and the others of their batch run", async () => {
  const { jobId, row } = await oneJob();
  const bodies = ["no object", { jobId: "no uuid", dispatch: 1 }, { jobId, dispatch: 1 }, { jobId, dispatch: 0 }, null];
  const result = await deliver("andon-campaign-jobs", bodies);
  expect(result.explicitAcks.toSorted()).toEqual([0, 1, 2, 3, 4].map((at) => `andon-campaign-jobs ${at}`));
  expect([result.retryBatch.retry, result.retryMessages]).toEqual([false, []]);
  expect(await parked("andon-campaign-jobs")).toEqual(
    [0, 1, 3, 4].map((at) => ({ id: `andon-campaign-jobs ${at}`, body: JSON.stringify(bodies[at]) })),
  );
  expect(await row()).toMatchObject({ status: "COMPLETED", dispatch: 1, attempts: 1 });
  expect(await miscounted()).toEqual([]);
});

test("a message of several jobs runs them all; one that names a bad dispatch, or none, is parked whole", async () => {
  const id = await createCampaign();
  const jobIds = await insertJobs(id, 3);
  const named = (...dispatches: unknown[]) => ({ jobs: dispatches });
  const [first, second, third] = jobIds.map((jobId) => ({ jobId, dispatch: 1 }));
  const unknown = { jobId: crypto.randomUUID(), dispatch: 1 };
  const bodies = [named(first, unknown, second), named(second), named(third, "no dispatch"), named()];
  const result = await deliver("andon-campaign-jobs", bodies);
  expect(result.explicitAcks).toHaveLength(4);
  const rows = new Map((await rowsOf(id)).map((row) => [row.id, row]));
  expect(jobIds.map((jobId) => rows.get(jobId))).toMatchObject([
    { status: "COMPLETED", attempts: 1 },
    { status: "COMPLETED", attempts: 1 },
    { status: "PENDING", attempts: 0 },
  ]);
  expect((await parked("andon-campaign-jobs")).map(({ body }) => body)).toEqual(
    bodies.slice(2).map((body) => JSON.stringify(body)),
  );
  expect(await miscounted()).toEqual([]);
});

test("a message is acknowledged only when the rows of its last job are written", async () => {
  const id = await createCampaign();
  const [fast = "", slow = ""] = await insertJobs(id, 2);
  const { promise: lasts, resolve: end } = Promise.withResolvers<undefined>();
  const run: BatchPorts["run"] = async (_, { job }) => {
    if (job.id === slow) await lasts;
    return { becomes: "COMPLETED", result: null };
  };
  const acknowledged: string[] = [];
  const message = (name: string, ...jobIds: string[]) => ({
    ...firstMessage(jobIds),
    id: name,
    ack: () => acknowledged.push(name),
  });
  const messages = [message("both", fast, slow), message("fast", fast), message("both again", slow, fast)];
  const batch = { queue: "andon-campaign-jobs", messages } as unknown as MessageBatch;
  const consumed = consumeJobs(batch, env, () => ({ ...batchPorts(env), run }));
  await eventually("the fast one is done", async () => (await rowsOf(id)).some(({ status }) => status === "COMPLETED"));
  await eventually("its message is acknowledged", async () => acknowledged.length > 0);
  expect(acknowledged).toEqual(["fast"]);
  end(undefined);
  await consumed;
  expect(acknowledged).toEqual(["fast", "both", "both again"]);
  expect((await rowsOf(id)).map(({ status, attempts }) => [status, attempts])).toEqual([
    ["COMPLETED", 1],
    ["COMPLETED", 1],
  ]);
});

test("a message that is parked twice is kept once, and a huge one is cut", async () => {
  await deliver("andon-lead-jobs", [{ huge: "x".repeat(50_000) }]);
  await deliver("andon-lead-jobs", [{ huge: "x".repeat(50_000) }]);
  const [kept, ...others] = await parked("andon-lead-jobs");
  expect(others).toEqual([]);
  expect(String(kept?.["body"]).length).toBeLessThan(11_000);
});

test("a message of a job that nobody knows is acknowledged and changes nothing", async () => {
  const result = await deliver("andon-lead-jobs", [{ jobId: crypto.randomUUID(), dispatch: 1 }]);
  expect(result.explicitAcks).toHaveLength(1);
  expect(await miscounted()).toEqual([]);
});

test("a dead letter of a job that still waits for it gives the job a new dispatch, and it runs", async () => {
  const { jobId, row } = await oneJob();
  const result = await deliver("andon-dead-letters", [{ jobId, dispatch: 1 }, "no dispatch"]);
  expect(result.explicitAcks).toHaveLength(2);
  expect(await parked("andon-dead-letters")).toHaveLength(1);
  await eventually("the job ran", async () => (await row())?.status === "COMPLETED");
  expect(await row()).toMatchObject({ dispatch: 2, attempts: 1 });
  expect(await miscounted()).toEqual([]);
});

test.each([
  ["finished", { status: "COMPLETED", finished_at: 5 }, 1],
  ["cancelled", { status: "CANCELLED", finished_at: 5 }, 1],
  ["running", { status: "RUNNING", lease_until: Date.now() + 3_600_000 }, 1],
  ["paused", { status: "PAUSED" }, 1],
  ["waiting under a newer dispatch", { dispatch: 2 }, 1],
])("a dead letter of a job that is %s changes nothing", async (_, fields, dispatch) => {
  const { jobId, row } = await oneJob(fields);
  const before = await row();
  const result = await deliver("andon-dead-letters", [{ jobId, dispatch }]);
  expect(result.explicitAcks).toHaveLength(1);
  expect(await row()).toEqual(before);
});

test("messages that come while the breaker is open are acknowledged, and their jobs wait for the close", async () => {
  const { jobId, row } = await oneJob();
  await theBreaker().stop("ada", "a look");
  expect((await deliver("andon-campaign-jobs", [{ jobId, dispatch: 1 }])).explicitAcks).toHaveLength(1);
  expect(await row()).toMatchObject({ status: "PAUSED", attempts: 0, dispatch: 1 });
  await close();
  await eventually("the job ran", async () => (await row())?.status === "COMPLETED");
  expect(await row()).toMatchObject({ dispatch: 2, attempts: 1 });
});

test("when our own database fails, the batch comes again later, and the breaker stays as it is", async () => {
  const { jobId, row } = await oneJob();
  const before = await breaker();
  const fails = () => {
    throw new Error("D1_ERROR: Network connection lost");
  };
  const broken: Env = { ...env, DB: { prepare: fails, batch: fails } as unknown as D1Database };
  for (const queue of ["andon-campaign-jobs", "andon-dead-letters"]) {
    const result = await deliver(queue, [{ jobId, dispatch: 1 }], broken);
    expect([result.retryBatch.retry, result.explicitAcks]).toEqual([true, []]);
  }
  expect(await row()).toMatchObject({ status: "PENDING", dispatch: 1, attempts: 0 });
  expect(await breaker()).toEqual(before);
  expect((await deliver("andon-campaign-jobs", [{ jobId, dispatch: 1 }])).explicitAcks).toHaveLength(1);
  expect(await row()).toMatchObject({ status: "COMPLETED" });
});
