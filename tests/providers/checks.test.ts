import { describe, expect, test } from "vitest";
import type { Proven } from "../../src/domain/check.ts";
import type { Provider } from "../../src/domain/fault.ts";
import type { Fetch } from "../../src/providers/transport.ts";
import { aModelResponse, KEY, providersOn } from "./builders.ts";
import { aJson, aText, fakeFetch } from "./fake-fetch.ts";

const shown = (proves: Proven[], spend: object = {}) => ({ outcome: "answered", value: { proves }, spend });
const faulty = (kind: string) => ({ outcome: "service_fault", fault: { kind } });

/** A service that answers by the path that is asked for; each call is kept. */
function serving(answers: Record<string, () => Response>) {
  const { fetch: keep, sent } = fakeFetch(() => new Response());
  const fetch: Fetch = async (url, init) => {
    await keep(url, init);
    const { pathname } = new URL(url);
    const answer = Object.entries(answers).find(([path]) => pathname.endsWith(path))?.[1];
    if (!answer) throw new Error(`serving: nothing at ${pathname}`);
    return answer();
  };
  return { providers: providersOn(fetch), sent };
}

const checkAnswering = (provider: Provider, answer: () => Response) =>
  providersOn(fakeFetch(answer).fetch)[provider].check();

describe("Apollo", () => {
  const credits = (left_over: unknown) =>
    aJson(200, { credit_usage_stats: { lead_credit: { limit: 10, consumed: 1, left_over } } });
  const found = aJson(200, { total_entries: 1, people: [{ id: "p1", has_email: true }] });

  test.each([
    ["credit is left", credits(9), shown(["reachable", "key", "credit"])],
    ["credit is told as text", credits("9"), shown(["reachable", "key", "credit"])],
    ["none is left", credits(0), faulty("out_of_credit")],
    ["more than all is used", credits(-3), faulty("out_of_credit")],
    ["no figure is told", credits(null), faulty("malformed")],
    ["the figure has another name", aJson(200, { credit_usage_stats: { lead_credit: {} } }), faulty("malformed")],
    ["an error is in the 200", aJson(200, { error: "Internal", error_code: "X" }), faulty("server_error")],
  ])("is checked by its statistics: %s", async (_what, answer, expected) => {
    expect(await checkAnswering("apollo", answer)).toMatchObject(expected);
  });

  test("a key that may not see the statistics is proven by a search for free, and the credit is not", async () => {
    const { providers, sent } = serving({ credit_usage_stats: aJson(403, { error: "no" }), api_search: found });
    expect(await providers.apollo.check()).toEqual(shown(["reachable", "key"]));
    expect(sent.map(({ url }) => new URL(url).search)).toEqual(["", "?page=1&per_page=1"]);
  });

  test("a key that may not search either is not taken", async () => {
    const refusal = aText(401, "Invalid access credentials.");
    const { providers } = serving({ credit_usage_stats: refusal, api_search: refusal });
    expect(await providers.apollo.check()).toMatchObject(faulty("unauthorized"));
  });

  const match = { id: "p1", email: "a@b.example", first_name: "A", last_name: "B" };
  test("is tried out by one person's reveal, which is one credit", async () => {
    const bulk_match = aJson(200, { credits_consumed: 1, matches: [match] });
    const { providers, sent } = serving({ api_search: found, bulk_match });
    const all: Proven[] = ["reachable", "key", "credit", "work"];
    expect(await providers.apollo.tryOut()).toEqual(shown(all, { credits: 1 }));
    expect(sent.at(-1)?.body).toEqual({ details: [{ id: "p1" }] });
    expect(sent).toHaveLength(2);
  });

  test("that reveals nobody of those whom it shows has proven nothing", async () => {
    const people = ["p1", "p2", "p3", "p4"].map((id) => ({ id, has_email: true }));
    const api_search = aJson(200, { total_entries: 4, people });
    const bulk_match = aJson(200, { credits_consumed: 0, missing_records: 1, matches: [null] });
    const { providers, sent } = serving({ api_search, bulk_match });
    expect(await providers.apollo.tryOut()).toMatchObject({ outcome: "refused" });
    expect(new Set(sent.slice(1).map(({ body }) => JSON.stringify(body))).size).toBe(3);
  });
});

describe("MillionVerifier", () => {
  test.each([
    ["credits", { credits: 5 }, shown(["reachable", "key", "credit"])],
    ["credits of one kind alone", { credits: 0, renewing_credits: "7" }, shown(["reachable", "key", "credit"])],
    ["none of any kind", { credits: 0, bulk_credits: 0, renewing_credits: "-1" }, faulty("out_of_credit")],
    ["no figure", { plan: "x" }, faulty("malformed")],
    ["words for a figure", { credits: "many" }, faulty("malformed")],
    ["the error of a bad key", { error: "apikey_not_found" }, faulty("unauthorized")],
  ])("is checked by its credits: %s", async (_what, body, expected) => {
    expect(await checkAnswering("millionverifier", aJson(200, body))).toMatchObject(expected);
  });

  test("is tried out by an address that nobody has, another each time", async () => {
    const { fetch, sent } = fakeFetch(aJson(200, { result: "invalid", resultcode: 6, subresult: "", error: "" }));
    const { millionverifier } = providersOn(fetch);
    const all: Proven[] = ["reachable", "key", "credit", "work"];
    expect(await millionverifier.tryOut()).toEqual(shown(all));
    await millionverifier.tryOut();
    const emails = sent.map(({ url }) => new URL(url).searchParams.get("email"));
    expect(new Set(emails).size).toBe(2);
    for (const email of emails) expect(email).toMatch(/^check-[\w-]+@example\.com$/);
  });
});

describe("Perplexity", () => {
  test.each([
    ["the list that a revoked key sees too", aJson(200, { object: "list", data: [{ id: "m" }] }), faulty("malformed")],
    ["an error in a 200", aJson(200, { error: { message: "The model failed", code: "e" } }), faulty("server_error")],
    ["a refused key", aJson(401, { error: { message: "Invalid API key", code: 401 } }), faulty("unauthorized")],
    ["a refused key as a 400", aJson(400, { error: { message: "API key is missing" } }), faulty("unauthorized")],
    [
      "a 400 about a model that this key may not use",
      aJson(400, { error: { message: "The model is forbidden for this account" } }),
      faulty("malformed"),
    ],
    ["a 400 about the model", aJson(400, { error: { message: "model is required" } }), shown(["reachable", "key"])],
    ["a 422 about a field", aJson(422, { detail: [{ msg: "Field required" }] }), shown(["reachable", "key"])],
    [
      "used up credit as a 400",
      aJson(400, { error: { message: "x", code: "insufficient_quota" } }),
      faulty("out_of_credit"),
    ],
    ["a gateway's 400", aText(400, "<html><h1>400 Bad Request</h1></html>"), faulty("malformed")],
  ])("is asked for nothing, and what it says of that is judged: %s", async (_what, answer, expected) => {
    const { fetch, sent } = fakeFetch(answer);
    expect(await providersOn(fetch).perplexity.check()).toMatchObject(expected);
    const headers = { authorization: `Bearer ${KEY}` };
    expect(sent).toMatchObject([{ method: "POST", url: "https://api.perplexity.ai/v1/agent", headers, body: {} }]);
  });

  test("is tried out by a small research with the real request, and tells its cost", async () => {
    const usage = { input_tokens: 9, output_tokens: 2, cost: { total_cost: 0.0061, currency: "USD" } };
    const { fetch, sent } = fakeFetch(aJson(200, aModelResponse({ summary: "s", hook: "h" }, { usage })));
    const tried = await providersOn(fetch).perplexity.tryOut();
    expect(tried).toMatchObject(shown(["reachable", "key", "credit", "work"], { costUsd: 0.0061 }));
    expect(sent).toMatchObject([{ body: { model: "perplexity/sonar", tools: [{ type: "web_search" }] } }]);
  });
});

describe("OpenAI", () => {
  test.each([
    ["the key is proven", { object: "list", data: [] }, shown(["reachable", "key"])],
    ["an error in a 200", { error: { message: "Server had an error", type: "server_error" } }, faulty("server_error")],
    [
      "an error about the rate in a 200",
      { error: { message: "Rate limit reached" }, data: [] },
      faulty("rate_limited"),
    ],
    ["no list", { object: "list" }, faulty("malformed")],
  ])("is checked by its list of models, which tells nothing of the credit: %s", async (_what, body, expected) => {
    expect(await checkAnswering("openai", aJson(200, body))).toMatchObject(expected);
  });

  test("is tried out by a message with the real request", async () => {
    const { fetch, sent } = fakeFetch(aJson(200, aModelResponse({ subject: "s", body: "Hi Alex,\n\nb" })));
    const tried = await providersOn(fetch).openai.tryOut();
    expect(tried).toMatchObject(shown(["reachable", "key", "credit", "work"]));
    expect(sent).toMatchObject([
      { url: "https://api.openai.com/v1/responses", body: { model: "gpt-5-mini", text: { format: { strict: true } } } },
    ]);
  });
});

describe("Instantly", () => {
  const campaigns = aJson(200, { items: [{ id: "c1", name: "any" }] });
  const added = (counts: object) => aJson(200, { leads_uploaded: 0, created_leads: [], ...counts });
  const trying = async (answer: () => Response) => {
    const { providers, sent } = serving({ "/campaigns": campaigns, "/leads/add": answer });
    return { tried: await providers.instantly.tryOut(), sent };
  };

  test("is checked by its campaigns", async () => {
    expect(await checkAnswering("instantly", campaigns)).toEqual(shown(["reachable", "key"]));
    const enveloped = aJson(200, { statusCode: 429, error: "Too Many Requests", message: "Rate limit exceeded" });
    expect(await checkAnswering("instantly", enveloped)).toMatchObject(faulty("rate_limited"));
  });

  test("is tried out with what can never be written to", async () => {
    const { tried, sent } = await trying(added({ invalid_email_count: 1, remaining_in_plan: 7 }));
    expect(tried).toEqual(shown(["reachable", "key", "credit", "work"]));
    const email = expect.stringMatching(/^[^@]+$/) as string;
    expect(sent[1]?.body).toEqual({ campaign_id: "c1", skip_if_in_campaign: true, leads: [{ email }] });
  });

  test.each([
    ["it is full", added({ invalid_email_count: 1, remaining_in_plan: 0 }), faulty("out_of_credit")],
    ["it took it for a lead", added({ invalid_email_count: 0, remaining_in_plan: 7 }), faulty("malformed")],
    ["the count is missing", added({ remaining_in_plan: 7 }), faulty("malformed")],
    ["the plan is missing", added({ invalid_email_count: 1 }), faulty("malformed")],
    [
      "the address is refused",
      aJson(400, { message: "body/leads/0/email must match format" }),
      shown(["reachable", "key", "work"]),
    ],
    ["something else is refused", aJson(400, { message: "The lead could not be added" }), faulty("malformed")],
    ["there is no plan", aJson(402, { message: "No active plan" }), faulty("out_of_credit")],
  ])("tells by its answer to that whether it takes leads: %s", async (_what, answer, expected) => {
    expect((await trying(answer)).tried).toMatchObject(expected);
  });

  test("without a campaign has nothing to be tried out with", async () => {
    const { providers, sent } = serving({ "/campaigns": aJson(200, { items: [] }) });
    expect(await providers.instantly.tryOut()).toEqual(shown(["reachable", "key"]));
    expect(sent).toHaveLength(1);
  });
});
