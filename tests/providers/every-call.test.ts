import { describe, expect, test } from "vitest";
import type { FaultKind } from "../../src/domain/fault.ts";
import { aFault, KEY, PORT_CALLS, providersOn } from "./builders.ts";
import { aJson, aText, brokenBody, fakeFetch, silence, stalledBody } from "./fake-fetch.ts";

type Row = [
  what: string,
  answer: (signal: AbortSignal) => Response | Promise<Response>,
  FaultKind,
  number | null,
  string,
];

const HTML = "<html><head><title>502 Bad Gateway</title></head><body></body></html>";
const words = expect.any(String) as string;

const FAULTS: Row[] = [
  [
    "no connection",
    () => Promise.reject(new TypeError("Network connection lost.")),
    "unreachable",
    null,
    "Network connection lost.",
  ],
  ["a connection that breaks in the body", brokenBody, "unreachable", null, "Network connection lost."],
  ["a 500", aJson(500, { error: "Something broke" }), "server_error", 500, "Something broke"],
  ["a gateway's page", aText(502, HTML), "server_error", 502, "502 Bad Gateway"],
  [
    "a 503 without a body",
    () => new Response(null, { status: 503 }),
    "server_error",
    503,
    "HTTP 503 without a message",
  ],
  [
    "a 401 in plain text",
    aText(401, "Invalid access credentials."),
    "unauthorized",
    401,
    "Invalid access credentials.",
  ],
  ["a 403", aJson(403, { error: { message: "Not allowed here" } }), "unauthorized", 403, "Not allowed here"],
  ["a 402", aJson(402, { message: "No active plan" }), "out_of_credit", 402, "No active plan"],
  ["a 429", aJson(429, { message: "Slow down" }), "rate_limited", 429, "Slow down"],
  [
    "a redirect",
    () => new Response(null, { status: 302, headers: { location: "https://a.example" } }),
    "malformed",
    302,
    "HTTP 302 without a message",
  ],
  ["a 405", aJson(405, { error: "Method not allowed" }), "malformed", 405, "Method not allowed"],
  ["a body that is not JSON", aText(200, "All is well"), "malformed", 200, "The answer is not JSON: All is well"],
  ["an empty body", () => new Response(null, { status: 200 }), "malformed", 200, "The answer is not JSON:"],
  ["JSON of another shape", aJson(200, ["nothing", "of", "use"]), "malformed", 200, words],
  [
    "a body over 2 MB",
    () => new Response("x".repeat(2 * 1024 * 1024 + 1)),
    "malformed",
    200,
    "The answer is too large",
  ],
];

describe.each(PORT_CALLS)("$name", ({ call, provider, ofCampaign, ofEveryone, retries }) => {
  test.each(FAULTS)("tells of %s, after one call", async (_what, answer, kind, httpStatus, message) => {
    const { fetch, sent } = fakeFetch(answer);
    expect(await call(providersOn(fetch))).toEqual(aFault(provider, kind, httpStatus, message));
    expect(sent).toHaveLength(retries === kind ? 2 : 1);
  });

  test.each([
    ["before the headers", silence],
    ["in the middle of the body", stalledBody],
    ["although the transport ignores the abort", () => new Promise<Response>(() => {})],
  ])("gives up %s", async (_when, answer) => {
    const { fetch, sent } = fakeFetch(answer);
    const message = "No complete answer within 15 ms";
    expect(await call(providersOn(fetch, { timeoutMs: 15 }))).toEqual(aFault(provider, "timeout", null, message));
    expect(sent).toHaveLength(1);
  });

  test.each([400, 422])("calls a %i by whom it concerns, in the service's words", async (status) => {
    const { fetch } = fakeFetch(aJson(status, { error: { message: "That is not\n an address" } }));
    const message = "That is not an address";
    expect(await call(providersOn(fetch))).toEqual(
      ofEveryone ? aFault(provider, "malformed", status, message) : { outcome: "refused", message },
    );
  });

  test("calls bytes that are not UTF-8 a fault, and keeps what the status says", async () => {
    const bytes = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]);
    const answering = (status: number) => call(providersOn(fakeFetch(() => new Response(bytes, { status })).fetch));
    expect(await answering(200)).toEqual(aFault(provider, "malformed", 200, "The answer's bytes are not UTF-8"));
    expect(await answering(502)).toMatchObject({ outcome: "service_fault", fault: { kind: "server_error" } });
  });

  test("throws a limit of the platform's own: it says nothing of the service", async () => {
    const { fetch } = fakeFetch(() => Promise.reject(new Error("Too many subrequests by single Worker invocation.")));
    await expect(call(providersOn(fetch))).rejects.toThrow("Too many subrequests");
  });

  test("says who calls", async () => {
    const { fetch, sent } = fakeFetch(aJson(500, {}));
    await call(providersOn(fetch));
    expect(sent[0]?.headers["user-agent"]).toBeTruthy();
  });

  test("is judged by an error that comes under a 200", async () => {
    const { fetch } = fakeFetch(aJson(200, { statusCode: 429, error: "Too Many Requests", message: "Slow down" }));
    expect(await call(providersOn(fetch))).toMatchObject({ outcome: "service_fault", fault: { kind: "rate_limited" } });
  });

  test(ofCampaign ? "calls a 404 refused: its campaign is gone" : "calls a 404 a fault", async () => {
    const { fetch } = fakeFetch(aJson(404, { message: "Not found" }));
    expect(await call(providersOn(fetch))).toEqual(
      ofCampaign
        ? { outcome: "refused", message: "Instantly does not know the campaign c1" }
        : aFault(provider, "malformed", 404, "Not found"),
    );
  });

  test.each([
    ["an error", (text: string) => aJson(500, { error: text })],
    ["a refusal", (text: string) => aJson(400, { message: text })],
    ["a body that is not JSON", (text: string) => aText(200, text)],
    ["a broken connection", (text: string) => () => Promise.reject(new Error(text))],
  ])("never repeats the key from %s", async (_where, answer) => {
    const url = `https://api.example/v3/?api=${encodeURIComponent(KEY)}&email=ada`;
    const { fetch } = fakeFetch(answer(`Bad key ${KEY} or ${encodeURIComponent(KEY)} for ${url}`));
    const told = JSON.stringify(await call(providersOn(fetch)));
    expect(told).toContain("Bad key [key] or [key] for https://api.example/v3/");
    expect(told).not.toMatch(/secret|ada/);
  });

  test("without a key makes no call, and is unauthorized", async () => {
    const { fetch, sent } = fakeFetch(aJson(200, {}));
    const answer = await call(providersOn(fetch, { key: "" }));
    expect(answer).toEqual(aFault(provider, "unauthorized", null, "No key is configured"));
    expect(sent).toEqual([]);
  });

  test("does not follow redirects", async () => {
    const { fetch, sent } = fakeFetch(aJson(500, {}));
    await call(providersOn(fetch));
    expect(sent[0]?.redirect).toBe("manual");
  });

  test("tells nobody about the machine it runs on", async () => {
    const { fetch, sent } = fakeFetch(aJson(500, {}));
    await call(providersOn(fetch));
    expect(Object.keys(sent[0]?.headers ?? {}).filter((name) => name.startsWith("x-stainless-"))).toEqual([]);
  });
});
