import { env } from "cloudflare:workers";
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { expect, test, vi } from "vitest";
import {
  AlertDeliveryAnswer,
  AlertDeliveryList,
  AlertTargetAnswer,
  AlertTargetList,
  AlertTargetMade,
} from "../../src/contract/alerts.ts";
import { ALERT_EVENTS } from "../../src/domain/alert.ts";
import { PROVIDER_SECRETS } from "../../src/platform/secrets.ts";
import worker from "../../src/index.ts";
import { call, dataOf, eventually, failureOf, request } from "./line.ts";
import { aDelivery, aReceiver, aTarget, deliveriesOf, expectSigned } from "./receiver.ts";

const receiver = aReceiver();
const post = (body: object) => request("POST", "/alerts/targets", { body });
const aHook = (fields: object = {}) => ({ name: "Pager", kind: "webhook", url: "https://pager.example/in", ...fields });
const problemsOf = ({ details }: { details?: unknown }) => details as { path: string; problem: string }[];

test("a webhook's secret is answered once, and afterwards secret and address are shown masked everywhere", async () => {
  const lines: string[] = [];
  const logs = [vi.spyOn(console, "log"), vi.spyOn(console, "error")].map((each) =>
    each.mockImplementation((line) => void lines.push(String(line))),
  );
  const url = "https://user-hooks.example/services/T0/B0/verysecretpathXyZ9?key=hidden1234";
  const made = await dataOf(await post(aHook({ url })), 201, AlertTargetMade);
  expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(made.target).toMatchObject({
    url: "https://user-hooks.example/…1234",
    secret: `whsec_…${made.secret?.slice(-4)}`,
    events: [...ALERT_EVENTS],
    still_open_after_minutes: 15,
    disabled_at: null,
  });
  receiver.answer = async () => {
    throw new TypeError(`Fetch API cannot load: ${url}`);
  };
  const { id } = made.target;
  const shown = [
    made.target,
    await call("GET", "/alerts/targets"),
    await call("PATCH", `/alerts/targets/${id}`, { name: "Pager 2" }),
    await call("POST", `/alerts/targets/${id}/test`),
    await eventually("the test has failed once", async () => (await deliveriesOf(id))[0]?.last_error),
    await call("GET", `/alerts/deliveries?target_id=${id}`),
    await call("DELETE", `/alerts/targets/${id}`),
    ...lines,
  ];
  for (const each of shown) {
    const text = JSON.stringify(each);
    expect(text).not.toContain("verysecret");
    expect(text).not.toContain("hidden");
    expect(text).not.toContain(made.secret?.slice(6, 30));
  }
  for (const each of logs) each.mockRestore();
});

test("a given secret is used as it is; two that are made differ", async () => {
  const secret = `whsec_${btoa("0123456789abcdef01234567")}`;
  expect((await dataOf(await post(aHook({ secret })), 201, AlertTargetMade)).secret).toBe(secret);
  const [first, second] = [await aTarget(), await aTarget()];
  expect(first.secret).not.toBe(second.secret);
});

test("a Slack target has no secret and may not be given one", async () => {
  const { target, secret } = await dataOf(await post(aHook({ kind: "slack" })), 201, AlertTargetMade);
  expect([target.secret, secret]).toEqual([null, null]);
  const given = aHook({ kind: "slack", secret: `whsec_${btoa("x".repeat(32))}` });
  expect(problemsOf(await failureOf(await post(given), 400, "invalid_request"))[0]?.path).toBe("secret");
});

test.each<[string, object]>([
  ["url", { url: "http://pager.example/in" }],
  ["url", { url: "http://localhost.evil.example/in" }],
  ["url", { url: "ftp://localhost/in" }],
  ["url", { url: "https://ada:secret@pager.example/in" }],
  ["url", { url: "pager" }],
  ["url", { url: "" }],
  ["secret", { secret: "whsec_" }],
  ["secret", { secret: "plain" }],
  ["secret", { secret: `whsec_${btoa("too short")}` }],
  ["secret", { secret: `whsec_${btoa("x".repeat(65))}` }],
  ["events", { events: [] }],
  ["events.0", { events: ["alert.test"] }],
  ["kind", { kind: "email" }],
  ["name", { name: "" }],
  ["still_open_after_minutes", { still_open_after_minutes: 0 }],
  ["still_open_after_minutes", { still_open_after_minutes: 1_441 }],
])("%s is refused in %j, and nothing is written", async (path, fields) => {
  const before = await call<{ targets: unknown[] }>("GET", "/alerts/targets");
  const { details } = await failureOf(await post(aHook(fields)), 400, "invalid_request");
  expect(problemsOf({ details }).map((each) => each.path)).toEqual([path]);
  expect(await call("GET", "/alerts/targets")).toEqual(before);
});

test("plain http is for this machine in sandbox mode, and for nobody in production", async () => {
  const local = ["http://localhost:9/in", "http://127.0.0.1:9/in"];
  for (const url of local) await dataOf(await post(aHook({ url })), 201, AlertTargetMade);
  const secrets = Object.fromEntries(Object.values(PROVIDER_SECRETS).map((name) => [name, "key"]));
  const bindings = { ...env, SANDBOX: undefined, MODE: "production", ...secrets };
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode("s".repeat(32)));
  await env.DB.prepare(
    "INSERT INTO tokens (id, name, role, hash, created_at) VALUES ('admintoken', 'a', 'admin', ?, 1)",
  )
    .bind(new Uint8Array(digest).toHex())
    .run();
  const ask = async (url: string) => {
    const context = createExecutionContext();
    const headers = { authorization: `Bearer andon_admintoken_${"s".repeat(32)}`, "content-type": "application/json" };
    const body = JSON.stringify(aHook({ url }));
    const asked = new Request("http://andon.example/api/v1/alerts/targets", { method: "POST", headers, body });
    const response = await worker.fetch(asked as never, bindings as never, context);
    await waitOnExecutionContext(context);
    return response;
  };
  for (const url of local) await failureOf(await ask(url), 400, "invalid_request");
  await dataOf(await ask("https://pager.example/in"), 201, AlertTargetMade);
  await env.DB.prepare("DELETE FROM alert_targets").run();
});

test("a test arrives at its target, whatever events it chose, and is in the log", async () => {
  receiver.answer = async () => new Response(null, { status: 200 });
  const { id, url, secret } = await aTarget({ events: ["breaker.closed"] });
  const { delivery } = await dataOf(await request("POST", `/alerts/targets/${id}/test`), 202, AlertDeliveryAnswer);
  expect(delivery).toMatchObject({ event: "alert.test", target_id: id, incident_id: null });
  const arrived = await eventually("it arrived", async () => (await deliveriesOf(id))[0]?.status === "DELIVERED");
  expect(arrived).toBe(true);
  expect(receiver.typesAt(url)).toEqual(["alert.test"]);
  const [mine] = receiver.received.filter((each) => each.url === url);
  if (mine) await expectSigned(mine, secret);
  const log = await dataOf(await request("GET", `/alerts/deliveries?target_id=${id}`), 200, AlertDeliveryList);
  expect(log.deliveries).toMatchObject([{ id: delivery.id, status: "DELIVERED", attempts: 1, next_attempt_at: null }]);
});

test("a target that is switched off gets nothing, not even a test, and what waited for it is given up", async () => {
  const { id } = await aTarget();
  const { row } = await aDelivery(id, { next_attempt_at: Date.now() + 3_600_000 });
  const change = (body: object) => request("PATCH", `/alerts/targets/${id}`, { body });
  const off = await dataOf(await change({ disabled: true }), 200, AlertTargetAnswer);
  expect(off.target.disabled_at).not.toBeNull();
  expect(await row()).toMatchObject({ status: "FAILED", last_error: "The target was switched off before it arrived." });
  const { message } = await failureOf(await request("POST", `/alerts/targets/${id}/test`), 409, "invalid_transition");
  expect(message).toContain("switched off");
  expect(await deliveriesOf(id)).toHaveLength(1);
  expect((await dataOf(await change({ disabled: false }), 200, AlertTargetAnswer)).target.disabled_at).toBeNull();
});

test("a change leaves what it does not name as it was", async () => {
  const { id, target } = await aTarget();
  const change = (body: object) => request("PATCH", `/alerts/targets/${id}`, { body });
  expect((await dataOf(await change({}), 200, AlertTargetAnswer)).target).toEqual(target);
  const changed = { name: "Night", events: ["breaker.opened", "breaker.closed"], still_open_after_minutes: 5 };
  const answer = await dataOf(
    await change({ ...changed, events: [...changed.events, "breaker.closed"] }),
    200,
    AlertTargetAnswer,
  );
  expect(answer.target).toEqual({ ...target, ...changed });
  await failureOf(await change({ url: "https://other.example" }), 400, "invalid_request");
});

test("a deleted target takes its secret with it; its log stays, and what waited is given up", async () => {
  const { id } = await aTarget();
  const { row } = await aDelivery(id, { next_attempt_at: Date.now() + 3_600_000 });
  await call("DELETE", `/alerts/targets/${id}`);
  expect(await env.DB.prepare("SELECT id FROM alert_targets WHERE id = ?1").bind(id).first()).toBeNull();
  expect(await row()).toMatchObject({ status: "FAILED", last_error: "The target was deleted before it arrived." });
  await failureOf(await request("DELETE", `/alerts/targets/${id}`), 404, "not_found");
});

test("there are at most twenty targets", async () => {
  await env.DB.prepare("DELETE FROM alert_targets").run();
  for (let n = 0; n < 20; n++) await aTarget();
  await failureOf(await post(aHook()), 409, "conflict");
  const { targets } = await dataOf(await request("GET", "/alerts/targets"), 200, AlertTargetList);
  expect(targets).toHaveLength(20);
});

test("the log pages newest first, by target and by status", async () => {
  await env.DB.prepare("DELETE FROM alert_targets").run();
  const [one, other] = [await aTarget(), await aTarget()];
  const later = { next_attempt_at: Date.now() + 3_600_000 };
  for (let n = 0; n < 5; n++) await aDelivery(one.id, later);
  await aDelivery(one.id, { status: "FAILED" });
  await aDelivery(other.id, later);
  const walk = async (query: string) => {
    const ids: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const path: string = `/alerts/deliveries?limit=2${query}${cursor && `&cursor=${cursor}`}`;
      const answer = await dataOf(await request("GET", path, { token: "sandbox-viewer" }), 200, AlertDeliveryList);
      ids.push(...answer.deliveries.map(({ id }) => id));
      cursor = answer.next_cursor;
    }
    expect(ids).toEqual([...new Set(ids)].toSorted().toReversed());
    return ids.length;
  };
  expect(await walk(`&target_id=${one.id}`)).toBe(6);
  expect(await walk(`&target_id=${one.id}&status=PENDING`)).toBe(5);
  expect(await walk(`&target_id=${one.id}&status=FAILED`)).toBe(1);
  expect(await walk(`&target_id=${crypto.randomUUID()}`)).toBe(0);
});
