import { describe, expect, test } from "vitest";
import { aBrief, aFault, aLead, aModelResponse, KEY, providersOn } from "./builders.ts";
import { aJson, fakeFetch } from "./fake-fetch.ts";

const FINDINGS = { summary: "They build engines.", hook: "A second hall." };
const COPY = { subject: "Your second hall", body: "Hi Ada,\n\ncogs?\n\nCharles" };

function research(body: unknown) {
  const { fetch, sent } = fakeFetch(aJson(200, body));
  return { answer: providersOn(fetch).perplexity.research(aLead()), sent };
}

function write(body: unknown) {
  const { fetch, sent } = fakeFetch(aJson(200, body));
  return { answer: providersOn(fetch).openai.write(aBrief()), sent };
}

/** A run of both models, which answer in one format. */
const MODELS = [
  { provider: "perplexity", run: (body: unknown) => research(body).answer, good: FINDINGS },
  { provider: "openai", run: (body: unknown) => write(body).answer, good: COPY },
] as const;

describe.each(MODELS)("$provider", ({ provider, run, good }) => {
  test.each([
    ["its own error", { message: "No luck", code: "server_error" }, "server_error", "No luck"],
    ["an error of an unknown code", { message: "No luck", type: "model_error", code: 7 }, "server_error", "No luck"],
    ["a rate limit", { message: "No luck", code: "rate_limit_exceeded" }, "rate_limited", "No luck"],
    ["a used up quota", { message: "No luck", type: "insufficient_quota" }, "out_of_credit", "No luck"],
    ["a code alone", { code: "server_error" }, "server_error", "server_error"],
    ["no reason", null, "server_error", "An error without a message"],
  ] as const)("is at fault for a run that failed with %s", async (_what, error, kind, message) => {
    const body = aModelResponse("", { status: "failed", output: [], error });
    expect(await run(body)).toEqual(aFault(provider, kind, 200, message));
  });

  test("refuses an input that is against its policy", async () => {
    const error = { message: "We cannot write this", code: "invalid_prompt" };
    const body = aModelResponse("", { status: "failed", output: [], error });
    expect(await run(body)).toEqual({ outcome: "refused", message: "We cannot write this" });
  });

  test("refuses by a refusal in the content", async () => {
    const output = [{ type: "message", content: [{ type: "refusal", refusal: "I'm sorry,\nno." }] }];
    expect(await run(aModelResponse("", { output }))).toEqual({
      outcome: "refused",
      message: "The model refused to write: I'm sorry, no.",
    });
  });

  test.each([
    ["content_filter", "The content filter stopped the text"],
    ["max_output_tokens", "The text was cut off at the limit of output tokens"],
    ["steered", "The text was cut off before its end"],
  ])("refuses when incomplete because of %s", async (reason, message) => {
    const body = aModelResponse('{"su', { status: "incomplete", incomplete_details: { reason } });
    expect(await run(body)).toEqual({ outcome: "refused", message });
  });

  test.each([
    ["a run that never ended", aModelResponse(good, { status: "in_progress" }), "The response ended as in_progress"],
    ["an output that is no list", { ...aModelResponse(good), output: "text" }, expect.stringContaining("at output")],
    ["no output at all", { ...aModelResponse(good), output: undefined }, expect.stringContaining("at output")],
    [
      "a message without content",
      aModelResponse("", { output: [{ type: "message" }] }),
      expect.stringContaining("at output.content"),
    ],
    [
      "text without text",
      aModelResponse("", { output: [{ type: "message", content: [{ type: "output_text" }] }] }),
      expect.stringContaining("at output.content.text"),
    ],
    ["null", null, expect.stringContaining("at the top")],
  ])("is malformed for %s", async (_what, body, message) => {
    expect(await run(body)).toEqual(aFault(provider, "malformed", 200, message));
  });

  const NO_JSON = "The model's text is not the JSON it was asked for, or is cut off";
  const json = JSON.stringify(good);
  test.each([
    ["prose", aModelResponse("Here is what I found"), NO_JSON],
    ["JSON that is cut", aModelResponse(json.slice(0, -5)), NO_JSON],
    ["no message", aModelResponse("", { output: [{ type: "reasoning", summary: [] }] }), "The model wrote no message"],
    ["an empty message", aModelResponse(" "), "The model wrote no message"],
    [
      "other JSON",
      aModelResponse({ title: "?" }),
      expect.stringContaining("The model's JSON is not as it was asked for, at "),
    ],
    [
      "half a character",
      aModelResponse({ ...good, [Object.keys(good)[0] ?? ""]: "half \ud83d" }),
      "The model's text holds a broken character",
    ],
    [
      "a broken character",
      aModelResponse({ ...good, [Object.keys(good)[0] ?? ""]: "broken \ufffd" }),
      "The model's text holds a broken character",
    ],
  ])("is refused for %s: another try may bring better", async (_what, body, message) => {
    expect(await run(body)).toEqual({ outcome: "refused", message });
  });

  const aMessage = (text: string, phase?: string) => ({
    type: "message",
    phase,
    content: [{ type: "output_text", text }],
  });
  test.each([
    ["fenced", aModelResponse(`\`\`\`json\n${json}\n\`\`\``)],
    ["after thoughts", aModelResponse(`<think>\nIs it {"a": 1}?\n</think>\n\n${json}`)],
    ["between sentences", aModelResponse(`Here it is:\n${json}\nAnything else?`)],
    ["among blanks", aModelResponse(`\n\n  ${json}\n\n`)],
    [
      "after a commentary",
      aModelResponse("", { output: [aMessage('{"no": 1}', "commentary"), aMessage(json, "final_answer")] }),
    ],
    ["before a closing word", aModelResponse("", { output: [aMessage(json), aMessage("That is all.")] })],
    [
      "in two parts",
      aModelResponse("", {
        output: [
          { type: "message", content: [...aMessage(json.slice(0, 9)).content, ...aMessage(json.slice(9)).content] },
        ],
      }),
    ],
  ])("is understood %s", async (_how, body) => {
    expect(await run(body)).toMatchObject({ outcome: "answered", value: good });
  });
});

describe("Perplexity", () => {
  test("is asked for findings on the lead, with a web search and a strict format", async () => {
    const { answer, sent } = research(aModelResponse(FINDINGS));
    await answer;
    expect(sent).toHaveLength(1);
    const string = expect.objectContaining({ type: "string" });
    expect(sent[0]).toMatchObject({
      method: "POST",
      url: "https://api.perplexity.ai/v1/agent",
      headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    });
    expect(sent[0]!.body).toEqual({
      model: "perplexity/sonar",
      instructions: expect.stringContaining("first sales e-mail"),
      input: JSON.stringify({ lead: aLead() }),
      tools: [{ type: "web_search" }],
      tool_choice: "required",
      max_output_tokens: 4000,
      response_format: {
        type: "json_schema",
        json_schema: {
          name: "research",
          strict: true,
          schema: {
            type: "object",
            properties: { summary: string, hook: string },
            required: ["summary", "hook"],
            additionalProperties: false,
          },
        },
      },
    });
  });

  test("answers with findings, at most ten sources, each once, and what they cost", async () => {
    const results = Array.from({ length: 12 }, (_, n) => ({ url: `https://news.example/${n}`, title: `News ${n}` }));
    const odd = [{ url: "javascript:alert(1)", title: "?" }, { title: "no url" }, { url: "https://untitled.example" }];
    const output = [
      { type: "search_results", results: [...odd, results[0]] },
      { type: "search_results", results },
      ...aModelResponse(FINDINGS).output,
    ];
    const usage = { input_tokens: 900, output_tokens: 120, cost: { total_cost: 0.0061, currency: "USD" } };
    expect(await research(aModelResponse("", { output, usage })).answer).toEqual({
      outcome: "answered",
      value: { ...FINDINGS, sources: [{ url: odd[2]!.url, title: odd[2]!.url }, ...results.slice(0, 9)] },
      spend: { costUsd: 0.0061, inputTokens: 900, outputTokens: 120 },
    });
  });

  test.each([
    ["no usage", null, {}],
    [
      "another currency",
      { input_tokens: 1, output_tokens: 2, cost: { total_cost: 3, currency: "EUR" } },
      { inputTokens: 1, outputTokens: 2 },
    ],
  ])("tells no cost in dollars with %s", async (_what, usage, spend) => {
    expect(await research(aModelResponse(FINDINGS, { usage })).answer).toMatchObject({ outcome: "answered", spend });
    expect(await research(aModelResponse(FINDINGS, { usage })).answer).not.toHaveProperty("spend.costUsd");
  });

  test("is freed of marks of sources, and refused when nothing is left", async () => {
    const marked = aModelResponse({
      summary: "They ship furniture [1][2].",
      hook: "A depot in Gdansk [3, 4][web:1]【5†source】[^2][page:4]\ue200cite\ue202turn0search0\ue201.",
    });
    expect(await research(marked).answer).toMatchObject({
      value: { summary: "They ship furniture.", hook: "A depot in Gdansk." },
    });
    for (const empty of [
      { summary: "", hook: "" },
      { ...FINDINGS, hook: " [1]" },
    ])
      expect(await research(aModelResponse(empty)).answer).toEqual({
        outcome: "refused",
        message: "The research brought nothing to write from",
      });
  });

  test.each(["url", "title"])("is malformed where no source has a %s any more", async (field) => {
    const results = Array.from({ length: 6 }, (_, n) => ({
      url: `https://a.example/${n}`,
      title: "A",
      [field]: undefined,
    }));
    const renamed = JSON.parse(JSON.stringify(results)) as object[];
    const output = [{ type: "search_results", results: renamed }, ...aModelResponse(FINDINGS).output];
    expect(await research(aModelResponse("", { output })).answer).toEqual(
      aFault("perplexity", "malformed", 200, expect.stringContaining(`at output.results.${field}`)),
    );
  });
});
