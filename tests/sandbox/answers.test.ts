import { describe, expect, test } from "vitest";
import { providerAt } from "../../sandbox/hosts.ts";
import { verdictOn } from "../../sandbox/providers/millionverifier.ts";
import { answerTo, read } from "./calls.ts";

const MILLIONVERIFIER = "https://api.millionverifier.com/api/v3";
const PERPLEXITY = "https://api.perplexity.ai/v1";
const OPENAI = "https://api.openai.com/v1";

const INPUT = JSON.stringify({
  lead: { email: "maria.silva@alder-labs.example", firstName: "Maria", lastName: "Silva", company: "Alder Labs" },
  research: { summary: "…", hook: "Alder Labs opened a second site" },
  message: { sender_name: "Kim Berg", offer: "we cut reporting time in half." },
});
const AGENT = {
  method: "POST",
  body: { model: "perplexity/sonar", input: INPUT, response_format: { type: "json_schema" } },
};
const WRITE = {
  method: "POST",
  body: { model: "gpt-5-mini", input: INPUT, text: { format: { type: "json_schema" } } },
};

test("only the five real hosts are known", () => {
  expect(providerAt("api.openai.com")).toBe("openai");
  expect(providerAt("example.com")).toBeNull();
});

describe("MillionVerifier", () => {
  test("gives its verdict in the documented shape", () => {
    const { body } = answerTo(`${MILLIONVERIFIER}/?api=key&email=a.b@alder-labs.example&timeout=20`);
    const same = answerTo(`${MILLIONVERIFIER}/?api=other&email=a.b@alder-labs.example`).body;
    expect(body).toMatchObject({ email: "a.b@alder-labs.example", error: "", livemode: true });
    expect(same).toEqual(body);
  });

  test.each([
    ["OK", "ok", 1],
    ["CATCH_ALL", "catch_all", 2],
    ["UNKOWN", "unknown", 3],
    ["DISPOSABLE", "disposable", 5],
    ["INVALID", "invalid", 6],
  ])("has a fixed verdict for API_KEY_FOR_%s", (key, result, resultcode) => {
    const { body } = answerTo(`${MILLIONVERIFIER}/?api=API_KEY_FOR_${key}&email=a@b.example`);
    expect(body).toMatchObject({ result, resultcode, livemode: false });
  });

  test.each([
    ["API_KEY_FOR_ERROR_INSUFFICIENT_CREDITS", "Insufficient credits", "out_of_credit"],
    ["API_KEY_FOR_ERROR_IP_ADDRESS_BLOCKED", "IP address blocked", "unauthorized"],
    ["API_KEY_FOR_ERROR_INTERNAL_ERROR", "Internal error", "error_in_200"],
    ["", "Apikey not found", "unauthorized"],
  ])("fails inside a 200 for the key '%s'", (key, error, outcome) => {
    const address = `${MILLIONVERIFIER}/?api=${key}&email=a@b.example`;
    expect(answerTo(address)).toMatchObject({ status: 200, body: { result: "error", resultcode: 4, error } });
    expect(read(address).plan).toMatchObject({ do: "refuse", outcome });
  });

  test("tells a failure in words and in snake_case, always the same for an address", () => {
    const error = (n: number) =>
      answerTo(`${MILLIONVERIFIER}/?api=key&email=a${n}@b.example`, { show: "out_of_credit" }).body.error;
    const told = Array.from({ length: 20 }, (_, n) => error(n));
    expect(new Set(told)).toEqual(new Set(["Insufficient credits", "insufficient_credits"]));
    expect(error(3)).toBe(told[3]);
  });

  test("has a verdict that is none for a few addresses, and shows an answer without one", () => {
    const address = Array.from({ length: 2_000 }, (_, n) => `a${n}@b.example`).find(
      (each) => verdictOn(each) === "unverified",
    );
    const verify = `${MILLIONVERIFIER}/?api=key&email=${address}`;
    expect(answerTo(verify).body).toMatchObject({ result: "unverified", resultcode: 0, error: "" });
    expect(answerTo(verify, { show: "missing_field" }).body).not.toHaveProperty("result");
  });

  test("says invalid to a bad lead, and tells its credits", () => {
    const verify = `${MILLIONVERIFIER}/?api=key&email=a@b.example`;
    expect(answerTo(verify, { show: "bad_lead" }).body).toMatchObject({ result: "invalid", error: "" });
    expect(answerTo(`${MILLIONVERIFIER}/credits?api=key`).body).toEqual({
      credits: expect.any(Number),
      bulk_credits: expect.any(Number),
      renewing_credits: expect.any(Number),
      plan: expect.any(Number),
    });
  });
});

describe("Perplexity", () => {
  test("researches the lead in the input, and tells the cost", () => {
    const { body } = answerTo(`${PERPLEXITY}/agent`, AGENT);
    const [results, message] = body.output;
    expect(body).toMatchObject({ status: "completed", error: null, usage: { cost: { currency: "USD" } } });
    expect(results).toMatchObject({
      type: "search_results",
      results: [{ url: "https://www.alder-labs.example/news" }, {}, {}, {}, {}, {}],
    });
    expect(JSON.parse(message.content[0].text)).toEqual({
      summary: expect.stringContaining("Maria Silva works at Alder Labs"),
      hook: expect.stringContaining("Alder Labs"),
    });
    expect(read(`${PERPLEXITY}/agent`, AGENT).entries).toEqual([
      { subject: "maria.silva@alder-labs.example", outcome: "ok", costUsd: body.usage.cost.total_cost },
    ]);
  });

  test("fails inside a 200, and refuses a request without input", () => {
    expect(answerTo(`${PERPLEXITY}/responses`, { ...AGENT, show: "error_in_200" })).toMatchObject({
      status: 200,
      body: { status: "failed", output: [] },
    });
    const empty = { method: "POST", body: { model: "perplexity/sonar" } };
    expect(answerTo(`${PERPLEXITY}/agent`, empty)).toMatchObject({ status: 400, body: { error: { code: 400 } } });
  });
});

describe("OpenAI", () => {
  test("writes to the person by name, in the sender's name, about the offer", () => {
    const { body } = answerTo(`${OPENAI}/responses`, WRITE);
    const copy = JSON.parse(body.output[1].content[0].text);
    expect(copy.subject).toBe("An idea for Alder Labs");
    expect(copy.body).toMatch(/^Hi Maria,\n\n.*Alder Labs opened a second site\./);
    expect(copy.body).toContain("we cut reporting time in half.");
    expect(copy.body).toMatch(/Kim Berg$/);
    expect(copy.body).not.toMatch(/\[|\{\{|undefined|null/);
  });

  test("writes something for an input that it cannot read", () => {
    const { body } = answerTo(`${OPENAI}/responses`, { method: "POST", body: { model: "gpt-4o", input: "Say hello" } });
    expect(body.output[0].content[0].text).toMatch(/^Hello,/);
  });

  test("refuses inside the content, and is out of credit with 429", () => {
    const refusal = answerTo(`${OPENAI}/responses`, { ...WRITE, show: "bad_lead" }).body;
    expect(refusal).toMatchObject({
      status: "completed",
      output: [{ type: "reasoning" }, { content: [{ type: "refusal" }] }],
    });
    const broke = answerTo(`${OPENAI}/responses`, { ...WRITE, show: "out_of_credit" });
    expect(broke).toMatchObject({ status: 429, body: { error: { code: "insufficient_quota" } } });
  });

  test("needs a key", () => {
    expect(answerTo(`${OPENAI}/models`, { headers: {} })).toMatchObject({ status: 401 });
    expect(answerTo(`${OPENAI}/models`).body).toMatchObject({ object: "list" });
  });
});

test("a malformed answer is a 200 that is not JSON", () => {
  const { status, body } = answerTo(`${OPENAI}/responses`, { ...WRITE, show: "malformed" });
  expect(status).toBe(200);
  expect(body).toMatch(/^<!DOCTYPE html>/);
});
