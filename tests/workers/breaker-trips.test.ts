import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { BreakerStore } from "../../durable-objects/breaker/storage/breaker-store.ts";
import { createCampaignStore } from "../../src/db/campaigns.ts";
import type { FaultReport } from "../../src/domain/breaker.ts";
import { nothingHeld } from "../../src/operations/line/admissions.ts";
import type { Admission } from "../../src/ports/breaker.ts";
import { type Attempt, createLine } from "../../src/operations/line/line.ts";
import { breaker, call, campaignEnds, close, createCampaign, eventually } from "./line.ts";
import { insertJobs, miscounted, rowsOf, theBreaker } from "./rows.ts";

const report = (epoch: number, message: string): FaultReport => ({
  fault: { provider: "apollo", kind: "server_error", httpStatus: 500, message },
  epoch,
  jobId: null,
  campaignId: null,
});

const latest = async () => {
  const [incident] = await theBreaker().incidents(null, 1);
  if (!incident) throw new Error("no incident");
  return (await theBreaker().incident(incident.id)) ?? expect.fail("it is listed and not found");
};

test("the first fault opens, a later one joins, and one from before the close re-opens nothing", async () => {
  const { epoch } = await breaker();
  await theBreaker().trip(report(epoch, "first"));
  expect(await breaker()).toMatchObject({
    state: "open",
    epoch: epoch + 1,
    reason: { message: "first", followers: 0 },
  });
  await theBreaker().trip(report(epoch, "second"));
  await theBreaker().trip(report(epoch + 1, "third"));
  expect(await breaker()).toMatchObject({
    state: "open",
    epoch: epoch + 1,
    reason: { message: "first", followers: 2 },
  });

  await close("mended");
  const after = await theBreaker().trip(report(epoch, "late"));
  expect([after.state, after.epoch]).toEqual(["closed", epoch + 2]);
  const { incident, followers } = await latest();
  expect(followers.map((each) => each.message)).toEqual(["second", "third", "late"]);
  expect(incident).toMatchObject({ epoch: epoch + 1, followers: 3, note: "mended", closedBy: expect.any(String) });
});

test("a fault from before an earlier close joins its own incident, not the one that is open", async () => {
  const { epoch } = await breaker();
  await theBreaker().trip(report(epoch, "old stop"));
  const old = await latest();
  await close();
  await theBreaker().trip(report(epoch + 2, "new stop"));
  await theBreaker().trip(report(epoch, "very late"));
  expect(await breaker()).toMatchObject({ epoch: epoch + 3, reason: { message: "new stop", followers: 0 } });
  const found = await theBreaker().incident(old.incident.id);
  expect(found?.followers.map((each) => each.message)).toEqual(["very late"]);
  await close();
});

test("while open nothing is admitted, and no claim gets past the gate", async () => {
  await theBreaker().stop("ada", "a look");
  expect(await theBreaker().admit()).toMatchObject({
    admitted: false,
    reason: { source: "operator", message: "a look" },
  });
  expect(await env.DB.prepare("SELECT state FROM breaker_gate").first("state")).toBe("open");
  await close();
  expect(await theBreaker().admit()).toMatchObject({ admitted: true });
  await eventually(
    "the gate follows",
    async () => (await env.DB.prepare("SELECT state FROM breaker_gate").first("state")) === "closed",
  );
});

test("jobs that are made while the breaker is open are PAUSED with a reason, and run after the close", async () => {
  const [cleaned, started] = [await createCampaign(), await createCampaign({ target_leads: 2 })];
  await insertJobs(cleaned, 1, { status: "COMPLETED", finished_at: Date.now() });
  await theBreaker().stop("ada", "a look");
  const { job } = await call<{ job: { id: string; status: string } }>("POST", `/campaigns/${cleaned}/cleanup`, {
    older_than_days: 3,
  });
  expect(job).toMatchObject({ status: "PAUSED" });
  // A start that passed its look at the breaker just before the breaker opened.
  await createCampaignStore(env.DB).start(started, crypto.randomUUID(), Date.now());
  expect(await rowsOf(started)).toMatchObject([{ type: "FETCH_LEADS", status: "PAUSED" }]);
  expect(await miscounted()).toEqual([]);
  await close();
  expect((await campaignEnds(started)).status).toBe("COMPLETED");
  await eventually(
    "the cleanup ran",
    async () => (await rowsOf(cleaned)).find((row) => row.id === job.id)?.status === "COMPLETED",
  );
  expect(await miscounted()).toEqual([]);
});

test("a count of the jobs that comes after its sweep has ended does not change what the sweep reports", async () => {
  const sweep = await runInDurableObject(theBreaker(), (_, { storage }) => {
    const store = new BreakerStore(storage.sql);
    const before = store.latestSweep();
    const epoch = store.load().epoch + 100;
    const times = { startedAt: Date.now(), finishedAt: null };
    store.saveSweep({
      id: crypto.randomUUID(),
      kind: "resume",
      epoch,
      state: "running",
      total: 0,
      done: 0,
      failed: 0,
      added: 0,
      ...times,
    });
    store.advanceSweep(epoch, { done: 3, failed: 0, added: 2 });
    store.endResume(epoch, Date.now());
    store.setTotal(epoch, 7);
    const ended = store.latestSweep();
    for (const table of ["sweeps", "sweep_additions"]) storage.sql.exec(`DELETE FROM ${table} WHERE epoch = ?`, epoch);
    expect(store.latestSweep()).toEqual(before);
    return ended;
  });
  expect(sweep).toMatchObject({ state: "done", total: 3, done: 3, added: 2 });
});

test("a call whose admission runs out just before it would begin is not made when the breaker has opened", async () => {
  const admitted: Admission = { admitted: true, epoch: 4, revision: 0, paced: false, validForMs: 300 };
  const refused: Admission = { admitted: false, epoch: 5, reason: { source: "operator", message: "a look" } };
  const answers = [admitted, refused];
  // Each look at the clock is a step later than the one before: for some step the admission runs out between two looks.
  for (let stepMs = 20; stepMs <= 400; stepMs += 20) {
    let clock = 0;
    let asked = 0;
    let calls = 0;
    let toldOpen = false;
    const line = createLine({
      standing: async (jobs) => jobs.map(({ id }) => id),
      held: nothingHeld(),
      onLate: () => {},
      timeoutMs: () => 10_000,
      breaker: {
        admit: async () => {
          const answer = answers[Math.min(asked++, 1)] ?? refused;
          if (!answer.admitted) toldOpen = true;
          return answer;
        },
        trip: () => Promise.reject(new Error("nothing fails here")),
      },
      throttle: () => ({
        acquire: async (ids) => ({ permits: ids.map((id) => ({ id, delayMs: 0 })), retryAfterMs: 0 }),
        release: async () => undefined,
      }),
      now: () => (clock += stepMs),
      wait: async () => undefined,
      newId: () => crypto.randomUUID(),
      coalesce: (run) => async (item) => (await run([item]))[0] as never,
    });
    const attempt: Attempt = {
      job: {
        id: "j",
        campaignId: "c",
        leadId: null,
        type: "ENRICH_LEAD",
        dispatch: 1,
        attempts: 1,
        progress: null,
        epoch: 4,
        disturbed: 0,
        beforeRestore: 0,
      },
      leaseUntil: 1e9,
      endBy: 1e9,
      calls: [],
      hasSaved: false,
      hasUnsavedPurchase: false,
    };
    await line.call(attempt, "openai", async () => {
      if (toldOpen) calls += 1;
      return { outcome: "answered", value: null, spend: {} };
    });
    expect({ stepMs, callsAfterOpen: calls }).toEqual({ stepMs, callsAfterOpen: 0 });
  }
});
