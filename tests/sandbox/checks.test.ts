import { describe, expect, test } from "vitest";
import { SANDBOX_FAULTS } from "../../src/contract/sandbox.ts";
import type { Provider } from "../../src/domain/fault.ts";
import { needsOwnAnswer } from "../../sandbox/stand-in.ts";
import { answerTo, read } from "./calls.ts";

/** The free calls by which each service is checked. */
const CHECKS: [provider: Provider, address: string, told: { method?: string; body?: unknown }][] = [
  ["apollo", "https://api.apollo.io/api/v1/usage_stats/credit_usage_stats", { method: "POST" }],
  ["apollo", "https://api.apollo.io/api/v1/mixed_people/api_search?person_titles[]=CTO&per_page=1", { method: "POST" }],
  ["millionverifier", "https://api.millionverifier.com/api/v3/credits?api=key", {}],
  ["perplexity", "https://api.perplexity.ai/v1/agent", { method: "POST", body: {} }],
  ["openai", "https://api.openai.com/v1/models", {}],
  ["instantly", "https://api.instantly.ai/api/v2/campaigns?limit=1", {}],
];

const ERROR_INSIDE: Record<Provider, object> = {
  apollo: { status: "failed", error_code: "UNKNOWN_ERROR", error_message: expect.any(String) },
  millionverifier: { error: "internal_error" },
  perplexity: { status: "failed", output: [], error: { message: expect.any(String) } },
  openai: { error: { code: "server_error", message: expect.any(String) } },
  instantly: { statusCode: 500, error: "Internal Server Error" },
};

describe.each(CHECKS)("the check of %s at %s", (provider, address, told) => {
  test("costs nothing", () => {
    expect(read(address, told)).toMatchObject({ paid: false, entries: [{ costUsd: 0 }] });
  });

  test("shows an error inside a 200, in the service's form", () => {
    expect(answerTo(address, { ...told, show: "error_in_200" })).toMatchObject({
      status: 200,
      body: ERROR_INSIDE[provider],
    });
  });

  test("shows each of the faults that need no answer of the call's own", () => {
    const usual = answerTo(address, told);
    const plain = SANDBOX_FAULTS.filter((kind) => !needsOwnAnswer(kind) && kind !== "connection_reset");
    for (const show of plain) expect(answerTo(address, { ...told, show })).not.toEqual(usual);
  });
});

test("Apollo tells that no credit is left in its statistics, MillionVerifier in its number", () => {
  const [[, stats, post], , [, credits]] = CHECKS as [(typeof CHECKS)[0], (typeof CHECKS)[0], (typeof CHECKS)[0]];
  const lead_credit = { limit: 100_000, consumed: 100_000, left_over: 0 };
  expect(answerTo(stats, { ...post, show: "out_of_credit" })).toMatchObject({
    status: 200,
    body: { credit_usage_stats: { lead_credit } },
  });
  expect(answerTo(stats, post).body.credit_usage_stats.lead_credit.left_over).toBeGreaterThan(0);
  expect(answerTo(credits, { show: "out_of_credit" })).toMatchObject({ status: 200, body: { credits: 0 } });
});

test("Perplexity looks at the key before the body, and its list of models needs no key", () => {
  const agent = "https://api.perplexity.ai/v1/agent";
  expect(answerTo(agent, { method: "POST", body: {} }).status).toBe(400);
  expect(answerTo(agent, { method: "POST", body: {}, headers: {} }).status).toBe(401);
  expect(answerTo("https://api.perplexity.ai/v1/models", { headers: {} }).status).toBe(200);
});
