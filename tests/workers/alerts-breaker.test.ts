import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AlertPayload } from "../../src/contract/alert-payload.ts";
import { close, createCampaign, eventually } from "./line.ts";
import { aReceiver, aTarget, deliveriesOf, type DeliveryRow, expectSigned, stop } from "./receiver.ts";
import { insertJobs, rowsOf, theBreaker } from "./rows.ts";

const receiver = aReceiver();
const MINUTE_MS = 60_000;

const eventsOf = async (id: string) => (await deliveriesOf(id)).map(({ event }) => event);
const told = (id: string, ...events: string[]) =>
  eventually(`the target was told of ${events.join(", ")}`, async () => {
    const rows = await deliveriesOf(id);
    return rows.length >= events.length && rows.every(({ status }) => status === "DELIVERED") && rows;
  }).then((rows) => expect(rows.map(({ event }) => event).toSorted()).toEqual(events.toSorted()));

const resumeEnds = () =>
  eventually("the resume ended", async () => (await theBreaker().status()).sweep?.state === "done");

/** The stop began that long ago. */
const ageBy = (ms: number) =>
  runInDurableObject(theBreaker(), (_, state) => {
    state.storage.sql.exec("UPDATE incidents SET opened_at = opened_at - ? WHERE closed_at IS NULL", ms);
  });

/** What the cron does, and all that follows from it. */
async function cron() {
  await theBreaker().heal();
  await runDurableObjectAlarm(theBreaker());
}

const payloadOf = (row: DeliveryRow | undefined) => AlertPayload.parse(JSON.parse(row?.payload ?? ""));

beforeEach(() => env.DB.prepare("UPDATE alert_targets SET disabled_at = 1").run());
afterEach(async () => {
  await theBreaker().close("the next test", null);
  await resumeEnds();
});

test("each target is told once of a stop, its close and the end of its resume, signed and with the reason", async () => {
  const [first, second] = [await aTarget(), await aTarget()];
  const campaignId = await createCampaign();
  await insertJobs(campaignId, 3);
  const { breaker } = await stop("an audit & a look");
  const incident = breaker.state === "open" ? breaker.incident : null;
  await told(first.id, "breaker.opened");
  expect(payloadOf((await deliveriesOf(first.id))[0]).data.job_counts).toMatchObject({ PENDING: 0, PAUSED: 3 });
  await close("looked");
  await resumeEnds();
  const all = ["breaker.opened", "breaker.closed", "resume.finished"];
  for (const { id, url, secret } of [first, second]) {
    await told(id, ...all);
    const mine = receiver.received.filter((each) => each.url === url);
    const rows = await deliveriesOf(id);
    expect(mine.map(({ headers }) => headers.get("webhook-id")).toSorted()).toEqual(
      rows.map((row) => row.id).toSorted(),
    );
    for (const each of mine) {
      expect(each).toMatchObject({ method: "POST", redirect: "manual" });
      await expectSigned(each, secret);
      expect(each.body).toBe(rows.find((row) => row.id === each.headers.get("webhook-id"))?.payload);
    }
  }
  const rows = await deliveriesOf(first.id);
  const payload = (of: string) => payloadOf(rows.find(({ event }) => event === of));
  expect(payload("breaker.opened")).toMatchObject({
    type: "breaker.opened",
    timestamp: new Date(incident?.openedAt ?? 0).toISOString(),
    data: {
      incident_id: incident?.id,
      epoch: breaker.epoch,
      state: "open",
      reason: { source: "operator", provider: null, kind: null, http_status: null, message: "an audit & a look" },
      closed_at: null,
      closed_by: null,
      note: null,
    },
  });
  expect(payload("breaker.closed").data).toMatchObject({
    epoch: breaker.epoch + 1,
    state: "closed",
    closed_by: "sandbox-admin",
    note: "looked",
  });
  expect(payload("resume.finished").data.sweep).toMatchObject({ kind: "resume", state: "done", done: 3, failed: 0 });
});

test("an opening that a service's fault caused tells which service, and how it failed", async () => {
  const { id } = await aTarget();
  const { epoch } = (await theBreaker().status()).breaker;
  const fault = { provider: "openai", kind: "rate_limited", httpStatus: 429, message: "slow down" } as const;
  await theBreaker().trip({ fault, epoch, jobId: null, campaignId: null });
  await told(id, "breaker.opened");
  const [row] = await deliveriesOf(id);
  expect(payloadOf(row).data.reason).toEqual({
    source: "provider",
    provider: "openai",
    kind: "rate_limited",
    http_status: 429,
    message: "slow down",
  });
});

test("an opening that comes before the resume has ended is told as a reopening, and that resume never as finished", async () => {
  const { id } = await aTarget();
  const campaignId = await createCampaign();
  const [held = ""] = await insertJobs(campaignId, 1, { status: "RUNNING", lease_until: Date.now() + 3_600_000 });
  await stop();
  expect(await rowsOf(campaignId)).toMatchObject([{ status: "PAUSED" }]);
  await close();
  await stop("again");
  await told(id, "breaker.opened", "breaker.closed", "breaker.reopened");
  await env.DB.prepare("UPDATE job_rows SET lease_until = NULL WHERE id = ?1").bind(held).run();
  await close();
  await resumeEnds();
  const later = ["breaker.opened", "breaker.closed", "breaker.reopened", "breaker.closed", "resume.finished"];
  await told(id, ...later);
});

test("a target is told only of the events that it chose, and nothing while it is switched off", async () => {
  const { id } = await aTarget({ events: ["breaker.closed"] });
  const off = await aTarget();
  await env.DB.prepare("UPDATE alert_targets SET disabled_at = 1 WHERE id = ?1").bind(off.id).run();
  await stop();
  await close();
  await told(id, "breaker.closed");
  expect(await eventsOf(off.id)).toEqual([]);
});

test("a stop that lasts is told again in each target's rhythm, and each time once", async () => {
  const [often, seldom] = [await aTarget(), await aTarget({ still_open_after_minutes: 60 })];
  await stop();
  await told(often.id, "breaker.opened");
  await env.DB.prepare("UPDATE alert_targets SET created_at = 0").run();
  await ageBy(16 * MINUTE_MS);
  await cron();
  await told(often.id, "breaker.opened", "breaker.still_open");
  await cron();
  await ageBy(15 * MINUTE_MS);
  await cron();
  await cron();
  await told(often.id, "breaker.opened", "breaker.still_open", "breaker.still_open");
  await told(seldom.id, "breaker.opened");
  await ageBy(30 * MINUTE_MS);
  await cron();
  await told(seldom.id, "breaker.opened", "breaker.still_open");
  const reminded = (await deliveriesOf(seldom.id)).find(({ event }) => event === "breaker.still_open");
  const { timestamp, data } = payloadOf(reminded);
  expect(Date.parse(timestamp) - Date.parse(data.opened_at ?? "")).toBe(60 * MINUTE_MS);
});

test("reminders do not heap up at a receiver that is down", async () => {
  receiver.answer = async () => new Response(null, { status: 503 });
  const { id } = await aTarget({ events: ["breaker.still_open"], still_open_after_minutes: 1 });
  await env.DB.prepare("UPDATE alert_targets SET created_at = 0").run();
  await stop();
  for (let minute = 0; minute < 3; minute++) {
    await ageBy(MINUTE_MS);
    await cron();
    await eventually("there is a reminder", async () => (await deliveriesOf(id)).length > 0);
  }
  receiver.answer = async () => new Response(null, { status: 204 });
  expect(await eventsOf(id)).toEqual(["breaker.still_open"]);
});

test("while it is open, the Breaker wakes by itself, with nothing else to do", async () => {
  const { id } = await aTarget();
  await env.DB.batch([
    env.DB.prepare("UPDATE campaigns SET status = 'COMPLETED'"),
    env.DB.prepare("DELETE FROM job_rows WHERE finished_at IS NULL"),
  ]);
  await stop();
  await told(id, "breaker.opened");
  await cron();
  // The watchdog would come within five seconds.
  const { alarm } = await eventually("the watchdog sleeps", async () => {
    const next = await runInDurableObject(theBreaker(), (_, state) => state.storage.getAlarm());
    return (next === null || next > Date.now() + 6_000) && { alarm: next };
  });
  expect(alarm).not.toBeNull();
  expect(alarm ?? Infinity).toBeLessThanOrEqual(Date.now() + MINUTE_MS);
});

test("a Breaker that is evicted right after an opening announces it in its next life, and once", async () => {
  const { id } = await aTarget();
  for (const reason of ["first", "second"]) {
    const stopping = stop(reason);
    await evictDurableObject(theBreaker());
    await stopping;
    await theBreaker().close("ada", reason);
    await evictDurableObject(theBreaker());
    await resumeEnds();
  }
  const once = ["breaker.opened", "breaker.closed", "resume.finished"];
  await told(id, ...once, ...once);
});

test("what was announced but not marked as announced is not sent a second time", async () => {
  const { id } = await aTarget();
  await stop();
  await told(id, "breaker.opened");
  await runInDurableObject(theBreaker(), (_, state) => {
    state.storage.sql.exec("UPDATE announced SET changed_epoch = 0, resumed_epoch = 0");
  });
  await cron();
  await eventually("all is announced again", async () =>
    runInDurableObject(theBreaker(), (_, { storage }) => {
      const { changed, epoch } = storage.sql
        .exec<{ changed: number; epoch: number }>("SELECT changed_epoch AS changed, epoch FROM announced, breaker")
        .one();
      return changed === epoch;
    }),
  );
  const keys = (await deliveriesOf(id)).map((row) => row.event_key);
  expect(new Set(keys).size).toBe(keys.length);
});

test("a delivery whose message is lost is sent again, as a restart of a local run needs", async () => {
  const { id } = await aTarget({ events: ["breaker.closed"] });
  await env.DB.prepare(
    `INSERT INTO alert_deliveries (id, target_id, event, event_key, payload, status, next_attempt_at, created_at)
     VALUES (?1, ?2, 'breaker.closed', 'lost', '{}', 'PENDING', ?3, ?3)`,
  )
    .bind(crypto.randomUUID(), id, Date.now() - MINUTE_MS)
    .run();
  await cron();
  await told(id, "breaker.closed");
});

test("with no way to write alerts, the breaker opens, pauses and closes all the same, and tells of it later", async () => {
  const { id } = await aTarget();
  const campaignId = await createCampaign();
  await insertJobs(campaignId, 5);
  await env.DB.prepare("ALTER TABLE alert_targets RENAME TO alert_targets_gone").run();
  try {
    const opened = await stop("an audit");
    expect(opened).toMatchObject({ changed: true, breaker: { state: "open" } });
    expect(await theBreaker().admit()).toMatchObject({ admitted: false });
    expect(new Set((await rowsOf(campaignId)).map(({ status }) => status))).toEqual(new Set(["PAUSED"]));
    expect((await theBreaker().close("ada", null)).changed).toBe(true);
    await resumeEnds();
  } finally {
    await env.DB.prepare("ALTER TABLE alert_targets_gone RENAME TO alert_targets").run();
  }
  await told(id, "breaker.opened", "breaker.closed", "resume.finished");
});
