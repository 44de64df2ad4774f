import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { createBreakerActor } from "../../src/platform/actors.ts";
import {
  breaker,
  breakerOpens,
  breakProvider,
  campaign,
  campaignEnds,
  close,
  createCampaign,
  eventually,
  mendProviders,
  startedCampaign,
} from "./line.ts";
import { insertJobs, miscounted, recount, rowsOf, theBreaker } from "./rows.ts";

const evictBreaker = () => evictDurableObject(theBreaker());
const statesOf = async (id: string) => new Set((await rowsOf(id)).map((job) => job.status));

const longestKept = () =>
  runInDurableObject(
    theBreaker(),
    (_, { storage }) =>
      storage.sql.exec<{ longest: number }>("SELECT longest_ms AS longest FROM admissions").one().longest,
  );

afterEach(async () => {
  await theBreaker().close("the next test", null);
});

test("a closed breaker stays closed when its actor is evicted", async () => {
  const before = await breaker();
  await evictBreaker();
  expect(await breaker()).toEqual(before);
  expect(await theBreaker().admit()).toMatchObject({ admitted: true, epoch: before.epoch });
});

test("a Breaker that was evicted acknowledges an opening only when the admissions of its life before have run out", async () => {
  const askedAt = Date.now();
  const admission = await theBreaker().admit();
  await evictBreaker();
  await theBreaker().stop("ada", "a look");
  const validForMs = admission.admitted ? admission.validForMs : Infinity;
  expect(Date.now() - askedAt).toBeGreaterThanOrEqual(validForMs);
});

test("it waits for the longest admission of that life, which one who is far away was given", async () => {
  // Another holds already: not only after a pause is it remembered how long one does.
  await theBreaker().admit(0);
  const askedAt = Date.now();
  // As a consumer asks: what it measured must reach the Breaker.
  const far = await createBreakerActor(env).admit(700);
  expect(far).toMatchObject({ admitted: true, validForMs: 2_100 });
  // Kept before it holds: a life may end at any moment.
  expect(await longestKept()).toBe(2_100);
  await theBreaker().admit(0);
  await evictBreaker();
  await theBreaker().stop("ada", "a look");
  expect(Date.now() - askedAt).toBeGreaterThanOrEqual(2_100);
  // No admission of that life holds any more: the next restart is quick again.
  await theBreaker().close("ada", null);
  await theBreaker().admit(0);
  expect(await longestKept()).toBe(300);
});

test("an open breaker stays open when its actor is evicted, with the same reason and epoch, and paused jobs stay paused", async () => {
  await breakProvider({ provider: "apollo", kind: "unauthorized" });
  const id = await startedCampaign({ target_leads: 2 });
  const opened = await breakerOpens();
  await mendProviders();
  await eventually("the job is paused and its attempt over", async () => {
    const [job] = await rowsOf(id);
    return job?.status === "PAUSED" && job.lease_until === null;
  });
  const before = await rowsOf(id);
  for (let times = 0; times < 3; times++) {
    await evictBreaker();
    expect(await theBreaker().admit()).toMatchObject({ admitted: false, epoch: opened.epoch });
    expect(await breaker()).toEqual(opened);
  }
  expect(await rowsOf(id)).toEqual(before);
  await close();
  await evictBreaker();
  expect((await campaignEnds(id)).status).toBe("COMPLETED");
  expect(await breaker()).toMatchObject({ state: "closed", epoch: opened.epoch + 1 });
});

test("a stop and a resume are finished when the Breaker is evicted in the middle of them", async () => {
  const id = await createCampaign();
  await insertJobs(id, 11_000);
  const stopping = theBreaker().stop("ada", "a look");
  await evictBreaker();
  await stopping;
  expect(await statesOf(id)).toEqual(new Set(["PAUSED"]));
  expect((await theBreaker().status()).sweep).toMatchObject({ kind: "pause", done: 11_000, total: 11_000 });
  // 10,900 need not run.
  await env.DB.batch([
    env.DB.prepare(
      "DELETE FROM job_rows WHERE id NOT IN (SELECT id FROM jobs WHERE campaign_id = ?1 LIMIT 100) AND campaign_id = ?1",
    ).bind(id),
    recount(id),
  ]);
  const closing = theBreaker().close("ada", null);
  await evictBreaker();
  await closing;
  expect((await campaignEnds(id)).status).toBe("COMPLETED");
  const ran = new Set((await rowsOf(id)).map((job) => `${job.status} ${job.dispatch} ${job.attempts}`));
  expect(ran).toEqual(new Set(["COMPLETED 2 1"]));
  expect(await miscounted()).toEqual([]);
});

test("a Campaign that is evicted before it has looked at its jobs completes all the same", async () => {
  const id = await createCampaign();
  await insertJobs(id, 1, { status: "COMPLETED", finished_at: Date.now() });
  const actor = env.CAMPAIGN.getByName(id);
  await actor.changed(id);
  await evictDurableObject(actor);
  expect((await campaign(id)).status).toBe("RUNNING");
  expect((await campaignEnds(id)).status).toBe("COMPLETED");
});

test("a Throttle that is evicted grants again, and knows nothing of permits that were out", async () => {
  const throttle = env.THROTTLE.getByName("apollo.reveal");
  const first = await throttle.acquire(
    "apollo.reveal",
    Array.from({ length: 10 }, (_, at) => `before ${at}`),
  );
  expect(first.permits).toHaveLength(10);
  // Ten reveals at once are apollo's limit here.
  const tooMany = throttle.acquire("apollo.reveal", ["one too many"]);
  expect(await Promise.race([tooMany, scheduler.wait(200)])).toBeUndefined();
  await throttle.release(["before 0"], []);
  expect((await tooMany).permits).toHaveLength(1);
  await evictDurableObject(throttle);
  expect((await throttle.acquire("apollo.reveal", ["after"])).permits).toMatchObject([{ id: "after" }]);
  await throttle.release(["after"], []);
});
