import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import type { z } from "zod";
import type { BreakerChanged, ResumePace } from "../../src/contract/breaker.ts";
import type { IncidentTimeline } from "../../src/contract/timeline.ts";
import { PROVIDERS } from "../../src/domain/fault.ts";
import { call, createCampaign, eventually, failureOf, ledger, request } from "./line.ts";
import { insertJobs, miscounted, recount, rowsOf, theBreaker } from "./rows.ts";

type Pace = z.infer<typeof ResumePace>;

const PACE = "/queue-management/resume/pace";
const stop = (reason: string) => call("POST", "/queue-management/pause", { reason });
const closeAt = (pace?: number) =>
  call<z.infer<typeof BreakerChanged>>(
    "POST",
    "/queue-management/circuit-breaker/close",
    pace === undefined ? {} : { pace_per_second: pace },
  );
const setPace = (pace_per_second: number | null) => call<Pace>("PUT", PACE, { pace_per_second });

const sweepIs = (state: string) =>
  eventually(`the sweep is ${state}`, async () => {
    const { sweep } = await theBreaker().status();
    return sweep?.state === state && sweep;
  });

/** Jobs of a campaign that wait behind a stop. */
async function pausedJobs(count: number): Promise<string> {
  const id = await createCampaign();
  await insertJobs(id, count);
  await stop("a pace");
  return id;
}

const resumedOf = async (id: string) => (await rowsOf(id)).filter((job) => job.dispatch === 2);

afterEach(async () => {
  await theBreaker().close("the next test", null);
  await theBreaker().setPace("the next test", null);
  await sweepIs("done");
  // What still runs would be paused and resumed with the jobs of the next test.
  await env.DB.exec("DELETE FROM job_rows; UPDATE progress SET pending = 0, running = 0, paused = 0, completed = 0");
});

test("a close at a pace queues jobs bit by bit, and a lifted pace the rest at once, each job once", async () => {
  const id = await pausedJobs(60);
  const closed = await closeAt(4);
  expect(closed).toMatchObject({ changed: true, sweep: { kind: "resume", state: "running" } });
  await eventually("some went on", async () => (await resumedOf(id)).length >= 2);
  const { pace_per_second, sweep } = await call<Pace>("GET", PACE);
  expect([pace_per_second, sweep?.state]).toEqual([4, "running"]);
  const meanwhile = await rowsOf(id);
  expect(meanwhile.filter((job) => job.status === "PAUSED").length).toBeGreaterThan(20);
  expect(await miscounted()).toEqual([]);

  expect(await setPace(null)).toMatchObject({ pace_per_second: null });
  expect(await sweepIs("done")).toMatchObject({ total: 60, done: 60, failed: 0 });
  expect(new Set((await rowsOf(id)).map((job) => job.dispatch))).toEqual(new Set([2]));
  expect(await miscounted()).toEqual([]);
});

test("a slow pace is quickened while it runs, and survives the Breaker's eviction", async () => {
  const id = await pausedJobs(40);
  await closeAt(1);
  await eventually("the first went on", async () => (await resumedOf(id)).length >= 1);
  await evictDurableObject(theBreaker());
  expect(await call<Pace>("GET", PACE)).toMatchObject({ pace_per_second: 1, sweep: { state: "running" } });
  await setPace(1_000);
  expect(await sweepIs("done")).toMatchObject({ done: 40 });
  expect((await resumedOf(id)).length).toBe(40);
  const [incident] = await theBreaker().incidents(null, 1);
  const { events } = await call<z.infer<typeof IncidentTimeline>>(
    "GET",
    `/queue-management/incidents/${incident?.id}/timeline`,
  );
  expect(events.filter(({ kind }) => kind === "pace").map(({ text }) => text)).toEqual([
    "sandbox-admin set the pace to 1 job a second.",
    "sandbox-admin set the pace to 1000 jobs a second.",
  ]);
});

test("a stop in the middle pauses what has not started, and the next close has no pace of its own accord", async () => {
  const id = await pausedJobs(40);
  await closeAt(1);
  await eventually("the first went on", async () => (await resumedOf(id)).length >= 1);
  await stop("again");
  const rows = await rowsOf(id);
  expect(rows.every((job) => job.status === "PAUSED" || job.status === "COMPLETED")).toBe(true);
  expect(rows.filter((job) => job.status === "PAUSED").length).toBeGreaterThan(20);
  await closeAt();
  expect((await call<Pace>("GET", PACE)).pace_per_second).toBe(null);
  await sweepIs("done");
  expect((await rowsOf(id)).filter((job) => job.status === "PAUSED")).toEqual([]);
});

test("a pace is counted in jobs that go on, not in those that are passed over", async () => {
  const id = await createCampaign();
  // They have their turn when their earlier attempt's lease is over; until then they are only looked at.
  const held = await insertJobs(id, 300, { status: "RUNNING", lease_until: Date.now() + 3_600_000 });
  await insertJobs(id, 3);
  await stop("many hold leases");
  await closeAt(3);
  await eventually("the free ones went on", async () => (await resumedOf(id)).length === 3);
  const waiting = (await rowsOf(id)).filter((job) => job.status === "PAUSED").map((job) => job.id);
  expect(waiting.toSorted()).toEqual(held.toSorted());
  await env.DB.prepare("UPDATE job_rows SET lease_until = NULL WHERE campaign_id = ?1").bind(id).run();
});

test("while a search is unfinished, all that it finds goes on at the pace too: no service hears more", async () => {
  await call("POST", "/sandbox/reset");
  await stop("before the search");
  const id = await createCampaign({ target_leads: 200 });
  const jobId = crypto.randomUUID();
  await env.DB.batch([
    env.DB.prepare("UPDATE campaigns SET status = 'RUNNING' WHERE id = ?1").bind(id),
    env.DB.prepare(
      `INSERT INTO job_rows (id, campaign_id, type, status, priority, dispatch, created_at)
       VALUES (?1, ?2, 'FETCH_LEADS', 'PENDING', 0, 1, ?3)`,
    ).bind(jobId, id, Date.now()),
    recount(id),
  ]);
  const pace = 1;
  const closedAt = Date.now();
  await closeAt(pace);
  await eventually("the search has revealed", async () =>
    (await ledger()).some(({ path }) => path.includes("bulk_match")),
  );
  // Long enough for many calls, were they not held back.
  await scheduler.wait(4_000);
  const calls = await ledger();
  const { pace_per_second, sweep } = await call<Pace>("GET", PACE);
  expect(pace_per_second).toBe(pace);
  // The search is the one job that was paused, however often it goes on.
  expect(sweep).toMatchObject({ state: "running", total: 1, done: 1 });
  expect(sweep?.added).toBeGreaterThan(1);
  for (const provider of PROVIDERS) {
    const mine = calls.filter((each) => each.provider === provider);
    // A call about ten people stands ten times in the ledger.
    const times = [...new Set(mine.map(({ path, at }) => `${at} ${path}`))].map((each) =>
      Date.parse(each.slice(0, 24)),
    );
    // From the close to each call; a campaign at the sender is looked for before it is made.
    times.forEach((at, index) => expect(index).toBeLessThanOrEqual((pace * (at - closedAt)) / 1_000 + 2));
  }
  const made = (await rowsOf(id)).filter(({ type }) => type === "ENRICH_LEAD");
  expect(made.some(({ status }) => status === "PAUSED")).toBe(true);
  expect(await miscounted()).toEqual([]);
  await call("DELETE", `/jobs/${jobId}`);
});

test("there is no pace to change when no resume is running", async () => {
  const { message } = await failureOf(
    await request("PUT", PACE, { body: { pace_per_second: 5 } }),
    409,
    "invalid_transition",
  );
  expect(message).toContain("No resume is running");
  expect(await call<Pace>("GET", PACE)).toEqual({ pace_per_second: null, sweep: null });
});

test.each([0, -1, 1.5, 5_001, "fast"])("a pace of %j is refused, and nothing changes", async (pace_per_second) => {
  await failureOf(await request("PUT", PACE, { body: { pace_per_second } }), 400, "invalid_request");
  const path = "/queue-management/circuit-breaker/close";
  await failureOf(await request("POST", path, { body: { pace_per_second } }), 400, "invalid_request");
});
