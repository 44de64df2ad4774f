import { describe, expect, test } from "vitest";
import { aBrief, aCopy, aModelResponse, KEY, providersOn } from "./builders.ts";
import { aJson, fakeFetch } from "./fake-fetch.ts";

function write(body: unknown) {
  const { fetch, sent } = fakeFetch(aJson(200, body));
  return { answer: providersOn(fetch).openai.write(aBrief()), sent };
}

describe("OpenAI", () => {
  test("is asked to write from lead, research and message, and to keep nothing", async () => {
    const { answer, sent } = write(aModelResponse(aCopy()));
    expect(await answer).toEqual({
      outcome: "answered",
      value: aCopy(),
      spend: { inputTokens: 900, outputTokens: 120 },
    });
    const { lead, research, message } = aBrief();
    const { summary, hook } = research;
    const string = expect.objectContaining({ type: "string" });
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      method: "POST",
      url: "https://api.openai.com/v1/responses",
      headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    });
    expect(sent[0]!.body).toEqual({
      model: "gpt-5-mini",
      reasoning: { effort: "low" },
      store: false,
      instructions: expect.stringContaining("first sales e-mail"),
      input: JSON.stringify({ lead, research: { summary, hook }, message }),
      max_output_tokens: 4000,
      text: {
        format: {
          type: "json_schema",
          name: "email",
          strict: true,
          schema: {
            type: "object",
            properties: { subject: string, body: string },
            required: ["subject", "body"],
            additionalProperties: false,
          },
        },
      },
    });
  });
});

describe("the effort of a model", () => {
  const effortOf = async (
    model: string | { model: string; effort?: "default" | "medium"; maxOutputTokens?: number },
  ) => {
    const { fetch, sent } = fakeFetch(aJson(200, aModelResponse(aCopy())));
    await providersOn(fetch, { models: { openai: model, perplexity: model } }).openai.write(aBrief());
    return sent[0]?.body as { reasoning?: { effort: string }; max_output_tokens: number };
  };

  test.each(["gpt-5-mini", "gpt-5.2", "gpt-6", "o4-mini", "openai/gpt-5"])(
    "is low by default with %s",
    async (model) => {
      expect((await effortOf(model)).reasoning).toEqual({ effort: "low" });
    },
  );

  test.each(["gpt-4o", "gpt-4.1-mini", "gpt-5-chat-latest", "perplexity/sonar"])("is not told to %s", async (model) => {
    expect(await effortOf(model)).not.toHaveProperty("reasoning");
  });

  test("is what is configured, with the limit of tokens", async () => {
    expect(await effortOf({ model: "gpt-5-mini", effort: "medium", maxOutputTokens: 900 })).toMatchObject({
      reasoning: { effort: "medium" },
      max_output_tokens: 900,
    });
    expect(await effortOf({ model: "gpt-5-mini", effort: "default" })).not.toHaveProperty("reasoning");
  });
});
