import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AlertPayload } from "../../src/contract/alert-payload.ts";
import { close, createCampaign, eventually, failureOf, request } from "./line.ts";
import { aReceiver, aTarget, deliveriesOf } from "./receiver.ts";
import { gateCloses, insertJobs, theBreaker } from "./rows.ts";

const receiver = aReceiver();
const look = () => theBreaker().heal();
const breakerSql = (sql: string) =>
  runInDurableObject(theBreaker(), (_, { storage }) => storage.sql.exec(sql).toArray());

/** What the Breaker is made with, changed until the test ends. */
const changed = new Map<string, unknown>();
async function change(name: string, value: unknown) {
  await runInDurableObject(theBreaker(), (instance) => {
    const bindings = (instance as unknown as { env: Record<string, unknown> }).env;
    if (!changed.has(name)) changed.set(name, bindings[name]);
    bindings[name] = value;
  });
}

beforeEach(() => env.DB.prepare("UPDATE alert_targets SET disabled_at = 1").run());
afterEach(async () => {
  for (const [name, value] of changed) await change(name, value);
  changed.clear();
  await close();
  await gateCloses();
  await env.DB.prepare("UPDATE job_rows SET finished_at = 1, status = 'COMPLETED' WHERE finished_at IS NULL").run();
});

describe("a line on which nothing ends", () => {
  /** A job whose message never comes, and which is not sent again either. */
  const waiting = async () => {
    const id = await createCampaign();
    await insertJobs(id, 2, { queued_at: Date.now() + 3_600_000 });
    return id;
  };
  const seen = () => eventually("a look was taken", async () => (await breakerSql("SELECT * FROM movement"))[0]);

  test("is told of after a quarter of an hour, once, with what it waits for", async () => {
    const target = await aTarget({ events: ["line.stalled"] });
    await waiting();
    await breakerSql("DELETE FROM movement");
    await look();
    await seen();
    await breakerSql("UPDATE movement SET since = since - 14 * 60000");
    await look();
    await scheduler.wait(300);
    expect(await deliveriesOf(target.id)).toEqual([]);
    await breakerSql("UPDATE movement SET since = since - 2 * 60000");
    await look();
    await eventually("it is told", async () => receiver.typesAt(target.url).length > 0);
    await look();
    await scheduler.wait(300);
    const deliveries = await deliveriesOf(target.id);
    expect(deliveries).toHaveLength(1);
    const { type, data } = AlertPayload.parse(JSON.parse(deliveries[0]?.payload ?? ""));
    expect({ type, state: data.state }).toEqual({ type: "line.stalled", state: "closed" });
    expect(data.stalled).toMatchObject({ unfinished: 2, waits_for: "queue" });
  });

  test("is told of although a throttle does not say when its next slot is", async () => {
    const target = await aTarget({ events: ["line.stalled"] });
    const id = await createCampaign();
    await insertJobs(id, 2, { status: "RUNNING", lease_until: Date.now() + 3_600_000 });
    await breakerSql("DELETE FROM movement");
    await look();
    await seen();
    await breakerSql("UPDATE movement SET since = since - 16 * 60000");
    const nextSlotMs = () => Promise.reject(new Error("Network connection lost."));
    await change("THROTTLE", { getByName: () => ({ nextSlotMs }) });
    await look();
    const [delivery] = await eventually("it is told", async () => {
      const rows = await deliveriesOf(target.id);
      return rows.length > 0 && rows;
    });
    expect(AlertPayload.parse(JSON.parse(delivery?.payload ?? "")).data.stalled).toMatchObject({ waits_for: "lease" });
  });

  test("is not told of while the line stands, nor when something has ended since", async () => {
    const target = await aTarget({ events: ["line.stalled"] });
    const id = await waiting();
    await breakerSql("DELETE FROM movement");
    await look();
    await seen();
    await breakerSql("UPDATE movement SET since = since - 60 * 60000");
    await env.DB.prepare("UPDATE progress SET completed = completed + 1 WHERE campaign_id = ?1").bind(id).run();
    await look();
    await scheduler.wait(300);
    await breakerSql("UPDATE movement SET since = since - 60 * 60000");
    await theBreaker().stop("ada", "a look");
    await look();
    await scheduler.wait(300);
    expect(await deliveriesOf(target.id)).toEqual([]);
  });
});

const away = {
  prepare: () => {
    throw new Error("D1_ERROR: Network connection lost.");
  },
  batch: async () => Promise.reject(new Error("D1_ERROR: Network connection lost.")),
};

describe("while D1 is away", () => {
  test("an opening is told all the same, once, and stands in the log as soon as D1 is back", async () => {
    const target = await aTarget({ events: ["breaker.opened"] });
    const other = await aTarget({ events: ["breaker.closed"] });
    await eventually("the Breaker knows the targets", async () =>
      String((await breakerSql("SELECT targets FROM target_copies"))[0]?.["targets"]).includes(other.id),
    );
    await change("DB", away);
    await theBreaker().stop("ada", "a look while D1 is away");
    await eventually("it is told", async () => receiver.typesAt(target.url).length > 0);
    const [told] = receiver.received.filter(({ url }) => url === target.url);
    expect(told?.body).toContain("a look while D1 is away");
    expect(receiver.typesAt(other.url)).toEqual([]);

    await change("DB", changed.get("DB"));
    const [delivery] = await eventually("it stands in the log", async () => {
      await look();
      const rows = await deliveriesOf(target.id);
      return rows.length > 0 && rows;
    });
    expect(delivery).toMatchObject({
      status: "DELIVERED",
      event: "breaker.opened",
      id: told?.headers.get("webhook-id"),
    });
    await look();
    await scheduler.wait(300);
    expect(receiver.typesAt(target.url)).toEqual(["breaker.opened"]);
  });
});

test("a try past the rows of D1 whose answer was lost is made again under the id that the receiver may know", async () => {
  const target = await aTarget({ events: ["breaker.opened"] });
  await eventually("the Breaker knows the target", async () =>
    String((await breakerSql("SELECT targets FROM target_copies"))[0]?.["targets"]).includes(target.id),
  );
  const { answer } = receiver;
  receiver.answer = async () => new Response("lost", { status: 502 });
  await change("DB", away);
  await theBreaker().stop("ada", "a receiver that answers 500");
  const ids = () =>
    receiver.received.filter(({ url }) => url === target.url).map(({ headers }) => headers.get("webhook-id"));
  await eventually("it was tried twice", async () => ids().length >= 2);
  receiver.answer = answer;
  await change("DB", changed.get("DB"));
  await eventually("it arrived by its row", async () => {
    await look();
    return (await deliveriesOf(target.id))[0]?.status === "DELIVERED";
  });
  expect(new Set(ids()).size).toBe(1);
});

describe("who listens for the watchdog", () => {
  const BEAT = "https://monitor.example/beat/secret";
  const beats = () => receiver.received.filter(({ url }) => url === BEAT).length;

  test("is told after a good look, and at most twice a minute", async () => {
    await change("HEARTBEAT_URL", BEAT);
    await look();
    await eventually("a beat came", async () => beats() === 1);
    await look();
    await scheduler.wait(300);
    expect(beats()).toBe(1);
  });
});

test("/health/ready fails when the watchdog has not looked for three minutes though work is due, and /health tells when it did", async () => {
  const id = await createCampaign();
  await insertJobs(id, 1, { queued_at: Date.now() + 3_600_000 });
  await look();
  await eventually("it has looked", async () => (await request("GET", "/health/ready")).status === 200);
  await runInDurableObject(theBreaker(), async (_, { storage }) => {
    storage.sql.exec("UPDATE duties SET healed_at = ?", Date.now() - 4 * 60_000);
    await storage.deleteAlarm();
  });
  await scheduler.wait(1_100);
  const { message, details } = await failureOf(await request("GET", "/health/ready"), 503, "unavailable");
  expect(message).toContain("The watchdog has not looked for three minutes");
  expect(details).toMatchObject({ watchdog: { healed_at: expect.any(String) as string } });
  const health = await request("GET", "/health");
  expect(health.status).toBe(200);
  expect(await health.json()).toMatchObject({
    data: { database: { limit_bytes: 10_000_000_000, size_bytes: expect.any(Number) as number } },
  });
  await look();
  await eventually("it has looked again", async () => (await request("GET", "/health/ready")).status === 200);
});
