import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { createDeliveryStore } from "../../src/db/alerts.ts";
import { eventually } from "./line.ts";
import { aDelivery, aReceiver, aTarget, deliver, deliveriesOf, expectSigned, makeDue } from "./receiver.ts";

const receiver = aReceiver();
const answers = (status: number) => {
  receiver.answer = async () => new Response(null, { status });
};
const message = (deliveryId: string) => ({ deliveryId });

beforeEach(() => answers(200));

test("a receiver that is down for a while gets the alert in the end, once, under the same id", async () => {
  const { id: targetId, url, secret } = await aTarget();
  const { id, row } = await aDelivery(targetId);
  answers(503);
  const pauses: number[] = [];
  for (let times = 1; times <= 12; times++) {
    expect(await deliver([message(id)])).toMatchObject({ acknowledged: [], again: ["alert 0"] });
    const seen = await row();
    expect(seen).toMatchObject({ status: "PENDING", attempts: times, last_error: "The receiver answered HTTP 503." });
    pauses.push(Math.round(((seen?.next_attempt_at ?? 0) - Date.now()) / 1_000));
    await makeDue(id);
  }
  // Ever longer, up to an hour.
  expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  expect([pauses[0], pauses.at(-1)]).toEqual([5, 3_600]);
  answers(204);
  expect(await deliver([message(id)])).toMatchObject({ acknowledged: ["alert 0"], again: [] });
  expect(await row()).toMatchObject({ status: "DELIVERED", attempts: 13, last_error: null });
  await deliver([message(id)]);
  const mine = receiver.received.filter((each) => each.url === url);
  expect(mine).toHaveLength(13);
  expect(new Set(mine.map(({ headers, body }) => `${headers.get("webhook-id")} ${body}`)).size).toBe(1);
  for (const each of mine) await expectSigned(each, secret);
});

test("messages that come twice, in one batch, side by side or later, deliver nothing twice", async () => {
  const { id: targetId, url } = await aTarget();
  const { id } = await aDelivery(targetId);
  const results = await Promise.all([deliver([message(id), message(id)]), deliver([message(id)])]);
  results.push(await deliver([message(id)]));
  expect(results.flatMap(({ again }) => again)).toEqual([]);
  expect(receiver.received.filter((each) => each.url === url)).toHaveLength(1);
});

test("of two messages about an alert that did not arrive, one goes on", async () => {
  const { id: targetId } = await aTarget();
  const { id } = await aDelivery(targetId);
  answers(500);
  expect(await deliver([message(id), message(id)])).toMatchObject({ acknowledged: ["alert 1"], again: ["alert 0"] });
  expect(await deliver([message(id)])).toMatchObject({ acknowledged: ["alert 0"], again: [] });
});

test("an alert whose attempt died is taken again when the attempt must be over, and not before", async () => {
  const { id: targetId, url } = await aTarget();
  const { id, row } = await aDelivery(targetId, { attempts: 1, next_attempt_at: Date.now() + 30_000 });
  await deliver([message(id)]);
  expect(receiver.received.filter((each) => each.url === url)).toHaveLength(0);
  await makeDue(id);
  await deliver([message(id)]);
  expect(await row()).toMatchObject({ status: "DELIVERED", attempts: 2 });
});

test.each<[string, number | "broken", RegExp]>([
  ["an error", 500, /^The receiver answered HTTP 500\.$/],
  ["gone", 410, /HTTP 410.*may be gone/],
  ["not found", 404, /HTTP 404.*may be gone/],
  ["a redirect", 302, /redirect \(HTTP 302\)/],
  ["nothing", "broken", /^The receiver could not be reached\.$/],
])("a receiver that answers %s is tried again, and the row says why in our own words", async (_, how, words) => {
  const { id: targetId, url, secret } = await aTarget();
  const { id, row } = await aDelivery(targetId);
  receiver.answer = async () => {
    if (typeof how === "number") return new Response(null, { status: how });
    throw new TypeError(`cannot load ${url} with ${secret}`);
  };
  expect((await deliver([message(id)])).again).toEqual(["alert 0"]);
  const seen = await row();
  expect(seen).toMatchObject({ status: "PENDING", attempts: 1 });
  expect(seen?.last_error).toMatch(words);
});

test("after three days without an answer an alert has FAILED and is left alone", async () => {
  const { id: targetId, url } = await aTarget();
  const { id, row } = await aDelivery(targetId, { attempts: 80 });
  answers(500);
  expect(await deliver([message(id)])).toMatchObject({ acknowledged: ["alert 0"], again: [] });
  expect(await row()).toMatchObject({ status: "FAILED", last_error: "The receiver answered HTTP 500." });
  await makeDue(id);
  await deliver([message(id)]);
  expect(receiver.received.filter((each) => each.url === url)).toHaveLength(1);
});

test("one receiver that is down holds up no other of its batch", async () => {
  const [down, up] = [await aTarget(), await aTarget()];
  const [first, second] = [await aDelivery(down.id), await aDelivery(up.id)];
  receiver.answer = async ({ url }) => new Response(null, { status: url === down.url ? 500 : 200 });
  const result = await deliver([message(first.id), message(second.id)]);
  expect(result).toMatchObject({ acknowledged: ["alert 1"], again: ["alert 0"] });
  expect(await second.row()).toMatchObject({ status: "DELIVERED" });
});

test("when an alert arrives, its target is back: what waited for it comes at once, and what is under way not again", async () => {
  const { id: targetId, url } = await aTarget();
  const other = await aTarget();
  const inAnHour = {
    attempts: 9,
    next_attempt_at: Date.now() + 3_600_000,
    last_error: "The receiver answered HTTP 503.",
  };
  const waiting = await aDelivery(targetId, inAnHour);
  const elsewhere = await aDelivery(other.id, inAnHour);
  const underWay = await aDelivery(targetId);
  const { promise: answered, resolve: answer } = Promise.withResolvers<Response>();
  receiver.answer = async ({ body }) => (body.includes(underWay.id) ? answered : new Response(null, { status: 200 }));
  const first = deliver([message(underWay.id)]);
  await eventually("it is under way", async () => receiver.received.some(({ body }) => body.includes(underWay.id)));
  const { id } = await aDelivery(targetId);
  await deliver([message(id)]);
  await eventually("what waited arrived", async () => (await waiting.row())?.status === "DELIVERED");
  expect(await elsewhere.row()).toMatchObject({ status: "PENDING", attempts: 9, last_error: inAnHour.last_error });
  answer(new Response(null, { status: 200 }));
  await first;
  const arrived = receiver.received.filter((each) => each.url === url).map(({ body }) => body);
  expect(arrived.toSorted()).toEqual([waiting.id, underWay.id, id].map((each) => `{"a":"${each}"}`).toSorted());
});

test("Slack gets a sentence under a bare text, and no header of ours", async () => {
  const { id: targetId, url } = await aTarget({ kind: "slack" });
  const { id } = await aDelivery(targetId, { payload: '{"text":"The line stopped."}' });
  await deliver([message(id)]);
  const [mine] = receiver.received.filter((each) => each.url === url);
  expect(JSON.parse(mine?.body ?? "")).toEqual({ text: "The line stopped." });
  expect([...(mine?.headers.keys() ?? [])].filter((name) => name.startsWith("webhook"))).toEqual([]);
});

test("a message that names no alert is parked, and its batch goes on", async () => {
  const { id: targetId } = await aTarget();
  const { id, row } = await aDelivery(targetId);
  const result = await deliver([{ jobId: id, dispatch: 1 }, message(id), message(crypto.randomUUID())]);
  expect(result.acknowledged.toSorted()).toEqual(["alert 0", "alert 1", "alert 2"]);
  expect(await row()).toMatchObject({ status: "DELIVERED" });
  const parked = await env.DB.prepare("SELECT problem FROM parked_messages WHERE id = 'alert 0'").first("problem");
  expect(parked).toBe("not a message that names an alert");
});

test("while D1 is away nothing is sent and the batch comes again", async () => {
  const { id: targetId, url } = await aTarget();
  const { id } = await aDelivery(targetId);
  const gone = () => {
    throw new Error("D1_ERROR: Network connection lost.");
  };
  const result = await deliver([message(id)], { ...env, DB: { prepare: gone, batch: gone } } as unknown as Env);
  expect(result).toMatchObject({ acknowledged: [], allAgain: true });
  expect(receiver.received.filter((each) => each.url === url)).toHaveLength(0);
  expect(await deliveriesOf(targetId)).toMatchObject([{ status: "PENDING", attempts: 0 }]);
});

test("the log reaches back ninety days, and what still has to arrive stays", async () => {
  const { id: targetId } = await aTarget();
  const days = (count: number) => Date.now() - count * 24 * 60 * 60_000;
  const old = await aDelivery(targetId, { status: "DELIVERED", created_at: days(91) });
  const owed = await aDelivery(targetId, { status: "PENDING", created_at: days(91) });
  const recent = await aDelivery(targetId, { status: "FAILED", created_at: days(89) });
  await createDeliveryStore(env.DB).add([], Date.now());
  const left = await Promise.all([old, owed, recent].map(({ row }) => row()));
  expect(left.map((row) => row !== undefined)).toEqual([false, true, true]);
});
