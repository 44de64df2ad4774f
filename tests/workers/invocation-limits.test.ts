import { createExecutionContext, createMessageBatch, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { createDeliveryStore } from "../../src/db/alerts.ts";
import { openingFact } from "../../src/domain/alert.ts";
import type { Incident } from "../../src/domain/breaker.ts";
import worker, { Breaker } from "../../src/index.ts";
import { announce } from "../../src/operations/alert/announce.ts";
import { createAlertQueue } from "../../src/platform/alert-queue.ts";
import { revealedTitle } from "./decided.ts";
import { firstMessage, foundLeads } from "./found-leads.ts";
import { call, close, createCampaign, eventually } from "./line.ts";
import { aReceiver, aTarget } from "./receiver.ts";
import { gateCloses, insertJobs, recount, theBreaker } from "./rows.ts";
import { metered, tooMuch, type Usage } from "./usage.ts";

// One invocation has limits of its own, whatever the month's are: the worst of each kind keeps below half of them.

aReceiver();
beforeAll(() => call("POST", "/sandbox/reset"));
afterEach(async () => {
  await env.DB.prepare("UPDATE job_rows SET finished_at = 1, status = 'COMPLETED' WHERE finished_at IS NULL").run();
});

/** So many jobs of a RUNNING campaign, in one statement. */
async function manyJobs(
  count: number,
  fields: { status: string; queuedAt?: number; finishedAt?: number; epoch?: null },
) {
  const id = await createCampaign();
  const { status, queuedAt = Date.now(), finishedAt = null } = fields;
  const epoch = fields.epoch === null ? "NULL" : "(SELECT epoch FROM breaker_gate WHERE id = 1)";
  await env.DB.batch([
    env.DB.prepare("UPDATE campaigns SET status = 'RUNNING' WHERE id = ?1").bind(id),
    env.DB.prepare(
      `INSERT INTO job_rows (id, campaign_id, type, status, priority, dispatch, queued_at, queued_epoch, created_at, finished_at)
       WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
       SELECT printf('%08x-0000-7000-8000-%012x', unixepoch(), i), ?1, 'ENRICH_LEAD', ?3, 0, 1, ?4, ${epoch}, ?4, ?5 FROM n`,
    ).bind(id, count, status, queuedAt, finishedAt),
    recount(id),
  ]);
  return id;
}

async function consumed(queue: string, messages: { id: string; timestamp: Date; attempts: number; body: unknown }[]) {
  const { env: counting, usage } = metered();
  await worker.queue(createMessageBatch(queue, messages), counting);
  return usage;
}

async function answered(path: string, init?: RequestInit): Promise<Usage> {
  const { env: counting, usage } = metered();
  const headers = { authorization: "Bearer sandbox-admin", "content-type": "application/json" };
  const asked = new Request(`http://andon.example/api/v1${path}`, { ...init, headers });
  const context = createExecutionContext();
  const response = await (worker.fetch as (request: Request, env: Env, context: ExecutionContext) => Promise<Response>)(
    asked,
    counting,
    context,
  );
  expect(response.status).toBeLessThan(400);
  await response.text();
  return usage;
}

/** The largest of the Breaker's alarms while `work` goes on. */
async function alarms(work: () => Promise<unknown>): Promise<Usage> {
  const { env: counting, usage, begin } = metered();
  const largest = { ...usage };
  let running = 0;
  const restore = await runInDurableObject(theBreaker(), (instance) => {
    const actor = instance as unknown as { env: Env; alarm: () => Promise<void> };
    const { env: before } = actor;
    actor.env = counting;
    // Its own, for as long as the work takes, over that of its class, which others may meter.
    actor.alarm = async () => {
      begin();
      running++;
      await Breaker.prototype.alarm.call(actor);
      running--;
      for (const name of Object.keys(usage) as (keyof Usage)[]) largest[name] = Math.max(largest[name], usage[name]);
    };
    return () => {
      actor.env = before;
      delete (actor as { alarm?: unknown }).alarm;
    };
  });
  await work();
  await eventually("its last alarm has ended", async () => running === 0);
  await runInDurableObject(theBreaker(), restore);
  return largest;
}

describe("consumers", () => {
  test("ten leads of one message, from found to pushed", async () => {
    const ids = await foundLeads(10);
    await call("PUT", "/sandbox/latency", { ms: 50 });
    expect(tooMuch(await consumed("andon-lead-jobs", [firstMessage(ids)]))).toEqual([]);
  });

  test("a search of 50,000 hands itself on", async () => {
    const search = { person_titles: [revealedTitle("What an invocation may do", 90)] };
    const id = await createCampaign({ target_leads: 50_000, search });
    const [jobId = ""] = await insertJobs(id, 1, { type: "FETCH_LEADS", progress: null });
    const usage = await consumed("andon-campaign-jobs", [firstMessage([jobId])]);
    expect(tooMuch(usage)).toEqual([]);
    const job = await env.DB.prepare("SELECT status, dispatch FROM job_rows WHERE id = ?1").bind(jobId).first();
    expect(job).toEqual({ status: "PENDING", dispatch: 2 });
  });

  test("a clean-up of 250,000 jobs hands itself on", async () => {
    const id = await manyJobs(250_000, { status: "COMPLETED", queuedAt: 1, finishedAt: 1 });
    const [jobId = ""] = await insertJobs(id, 1, { type: "CLEANUP_CAMPAIGN" });
    await env.DB.prepare("UPDATE campaigns SET status = 'RUNNING' WHERE id = ?1").bind(id).run();
    const usage = await consumed("andon-campaign-jobs", [firstMessage([jobId])]);
    expect(tooMuch(usage)).toEqual([]);
    const job = await env.DB.prepare("SELECT status, dispatch FROM job_rows WHERE id = ?1").bind(jobId).first();
    expect(job).toEqual({ status: "PENDING", dispatch: 2 });
    await call("POST", `/sandbox/reset`);
  });

  test("a hundred dead letters, of ten jobs each, and a hundred that name none", async () => {
    const ids = await insertJobs(await createCampaign(), 1_000, { type: "ENRICH_LEAD" });
    const dead = Array.from({ length: 100 }, (_, n) => firstMessage(ids.slice(10 * n, 10 * n + 10)));
    expect(tooMuch(await consumed("andon-dead-letters", dead))).toEqual([]);
    const strange = Array.from({ length: 100 }, (_, n) => ({
      id: `strange ${n}`,
      timestamp: new Date(),
      attempts: 1,
      body: { text: '"\\'.repeat(30_000) },
    }));
    expect(tooMuch(await consumed("andon-dead-letters", strange))).toEqual([]);
  });
});

describe("the Breaker's alarm", () => {
  const resumes = async () => {
    await close();
    await gateCloses();
  };

  test("queues 150,000 jobs again", async () => {
    await theBreaker().stop("ada", "a look");
    await manyJobs(150_000, { status: "PENDING", epoch: null });
    const usage = await alarms(resumes);
    expect(tooMuch(usage)).toEqual([]);
    expect(usage.queries).toBeGreaterThan(100);
  }, 60_000);

  test("heals after an outage: 20,000 messages are lost, and 100 campaigns are to be ended", async () => {
    const usage = await alarms(async () => {
      await manyJobs(20_000, { status: "PENDING", queuedAt: 1 });
      const ids = await Promise.all(Array.from({ length: 100 }, () => createCampaign()));
      await env.DB.prepare("UPDATE campaigns SET status = 'RUNNING' WHERE id IN (SELECT value FROM json_each(?1))")
        .bind(JSON.stringify(ids))
        .run();
      await runInDurableObject(theBreaker(), (_, { storage }) => {
        storage.sql.exec("UPDATE duties SET healed_at = 0");
      });
      await theBreaker().heal();
      await eventually("all were sent again", async () => {
        const left = await env.DB.prepare(
          "SELECT count(*) AS n FROM job_rows WHERE finished_at IS NULL AND dispatch = 1",
        ).first();
        return left?.["n"] === 0;
      });
    });
    expect(tooMuch(usage)).toEqual([]);
    expect(usage.mostMessages).toBe(100);
  }, 60_000);
});

test("20 targets are told of 100 stops that nobody had been told of", async () => {
  await Promise.all(Array.from({ length: 20 }, () => aTarget({ events: ["breaker.opened"] })));
  const { env: counting, usage } = metered();
  await theBreaker().stop("ada", "a look");
  await close();
  const incident = (await theBreaker().incidents(null, 1))[0] as Incident;
  const reason = { ...incident.reason, message: "é".repeat(500) } as Incident["reason"];
  const facts = Array.from({ length: 100 }, (_, n) => openingFact({ ...incident, reason, id: `incident ${n}` }, null));
  const ports = {
    deliveries: createDeliveryStore(counting.DB),
    queue: createAlertQueue(counting),
    now: Date.now,
    newId: () => crypto.randomUUID(),
    consoleOrigin: "https://andon.example",
    tried: () => null,
  };
  await announce(ports, { facts, open: null, isStillOpen: () => false });
  expect(tooMuch(usage)).toEqual([]);
  const told = await env.DB.prepare(
    "SELECT count(*) AS n FROM alert_deliveries WHERE event_key LIKE '%incident %'",
  ).first();
  expect(told).toEqual({ n: 2_000 });
});

describe("requests", () => {
  test("the results of 50,000 leads as a file", async () => {
    const id = await createCampaign();
    const [copy, research] = [JSON.stringify({ subject: "s".repeat(60), body: "b".repeat(800) }), "r".repeat(2_000)];
    await env.DB.prepare(
      `INSERT INTO leads (id, campaign_id, person_id, email, profile, stage, research, copy, created_at, updated_at)
       WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
       SELECT printf('%08x-0000-7000-8000-%012x', 1, i), ?1, 'csv ' || i, 'ann.' || i || '@csv.example', '{}', 'pushed', ?2, ?3, 0, 0 FROM n`,
    )
      .bind(id, JSON.stringify({ text: research }), copy)
      .run();
    expect(tooMuch(await answered(`/campaigns/${id}/results.csv`))).toEqual([]);
    await env.DB.prepare("DELETE FROM leads WHERE campaign_id = ?1").bind(id).run();
  });

  test("a retry of 20,000, and a campaign of 250,000 jobs that is deleted", async () => {
    const id = await manyJobs(250_000, { status: "FAILED", queuedAt: 1, finishedAt: 1 });
    expect(
      tooMuch(await answered("/jobs/retry", { method: "POST", body: JSON.stringify({ campaign_id: id }) })),
    ).toEqual([]);
    await env.DB.prepare("UPDATE job_rows SET finished_at = 1, status = 'COMPLETED' WHERE finished_at IS NULL").run();
    await env.DB.prepare("UPDATE campaigns SET status = 'COMPLETED' WHERE id = ?1").bind(id).run();
    expect(tooMuch(await answered(`/campaigns/${id}`, { method: "DELETE" }))).toEqual([]);
  }, 60_000);
});
