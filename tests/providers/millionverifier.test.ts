import { describe, expect, test } from "vitest";
import { aFault, KEY, providersOn } from "./builders.ts";
import { aJson, fakeFetch } from "./fake-fetch.ts";

const anAnswer = (changes: object = {}) => ({
  email: "a+b@c.example",
  quality: "good",
  result: "ok",
  resultcode: 1,
  subresult: "ok",
  credits: 10,
  error: "",
  livemode: true,
  ...changes,
});

const anError = (error: string) => anAnswer({ result: "error", resultcode: 4, subresult: "", error });

async function verify(body: object, timeoutMs = 25_000) {
  const { fetch, sent } = fakeFetch(aJson(200, body));
  const answer = await providersOn(fetch, { timeoutMs }).millionverifier.verify("a+b@c.example");
  return { answer, sent };
}

async function check(body: object) {
  const { fetch, sent } = fakeFetch(aJson(200, body));
  return { answer: await providersOn(fetch).millionverifier.check(), sent };
}

describe("MillionVerifier", () => {
  test("gets the address, the key and a timeout below ours in the query", async () => {
    const { sent } = await verify(anAnswer());
    const { origin, pathname, searchParams } = new URL(sent[0]!.url);
    expect(sent[0]).toMatchObject({ method: "GET", body: undefined });
    expect(origin + pathname).toBe("https://api.millionverifier.com/api/v3/");
    expect(Object.fromEntries(searchParams)).toEqual({ api: KEY, email: "a+b@c.example", timeout: "24" });
  });

  test.each([
    [500, "2"],
    [10_000, "9"],
    [90_000, "60"],
  ])("with %i ms of ours gets %s s", async (timeoutMs, expected) => {
    const { sent } = await verify(anAnswer(), timeoutMs);
    expect(new URL(sent[0]!.url).searchParams.get("timeout")).toBe(expected);
  });

  test.each([
    [1, "ok"],
    [2, "catch_all"],
    [3, "unknown"],
    [5, "disposable"],
    [6, "invalid"],
    ["1", "ok"],
  ])("means by result code %j %s", async (resultcode, verdict) => {
    const { answer } = await verify(anAnswer({ resultcode, result: verdict, subresult: "no_mx" }));
    expect(answer).toEqual({ outcome: "answered", value: { verdict, subresult: "no_mx" }, spend: {} });
  });

  test.each(["unverified", "Unverified"])("means by %s that it is not known", async (result) => {
    const { answer } = await verify(anAnswer({ result, resultcode: 0, subresult: "" }));
    expect(answer).toEqual({ outcome: "answered", value: { verdict: "unknown", subresult: null }, spend: {} });
  });

  test.each(["result", "resultcode", "subresult"])("is at fault for an answer without %s", async (field) => {
    const { answer } = await verify(anAnswer({ [field]: undefined }));
    expect(answer).toEqual(aFault("millionverifier", "malformed", 200, expect.stringContaining(`at ${field}`)));
  });

  test.each([
    ["Apikey not found", "unauthorized"],
    ["apikey_not_found", "unauthorized"],
    ["ip_address_blocked", "unauthorized"],
    ["insufficient_credits", "out_of_credit"],
    ["internal_error", "server_error"],
    ["IP address blocked", "unauthorized"],
    ["Insufficient credits", "out_of_credit"],
    ["Internal error", "server_error"],
  ] as const)("is at fault for the error %s inside a 200", async (error, kind) => {
    expect((await verify(anError(error))).answer).toEqual(aFault("millionverifier", kind, 200, error));
    expect((await check({ error })).answer).toEqual(aFault("millionverifier", kind, 200, error));
  });

  test.each([
    ["an error without words", anError(""), "server_error", "error"],
    ["an error under a good code", anAnswer({ result: "error", error: "Odd" }), "server_error", "Odd"],
    ["an error without a code", { error: "Apikey not found" }, "unauthorized", "Apikey not found"],
    ["an unknown result", anAnswer({ result: "maybe" }), "malformed", "The answer has no known result: maybe, code 1"],
    [
      "a result that its code contradicts",
      anAnswer({ resultcode: 6 }),
      "malformed",
      "The answer contradicts itself: ok with code 6",
    ],
    ["an empty answer", {}, "malformed", expect.stringContaining("at result")],
  ] as const)("is at fault for %s", async (_what, body, kind, message) => {
    expect((await verify(body)).answer).toEqual(aFault("millionverifier", kind, 200, message));
  });

  test("is checked by its credits", async () => {
    const { answer, sent } = await check({ credits: 12 });
    expect(answer).toMatchObject({ outcome: "answered" });
    expect(sent[0]).toMatchObject({
      method: "GET",
      url: `https://api.millionverifier.com/api/v3/credits?api=${encodeURIComponent(KEY)}`,
    });
  });

  test("without credits is no use", async () => {
    const { answer } = await check({ credits: 0 });
    expect(answer).toEqual(aFault("millionverifier", "out_of_credit", 200, "0 credits are left"));
  });
});
