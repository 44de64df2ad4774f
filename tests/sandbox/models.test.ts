import { describe, expect, test } from "vitest";
import { researchOddity, writingOddity } from "../../sandbox/oddities.ts";
import { personIdAt, personOf, positionOf } from "../../sandbox/people.ts";
import { answerTo, read } from "./calls.ts";

const OPENAI = "https://api.openai.com/v1/responses";
const PERPLEXITY = "https://api.perplexity.ai/v1/agent";
/** The addresses of people from the second page of a search on. */
const LEADS = Array.from(
  { length: 4_000 },
  (_, n) => personOf(personIdAt("0123456789", n + 100))?.email ?? `x${n}@y.example`,
);

const inputOf = (email: string, lead: object = {}, hook = "Alder Labs moved [1].") =>
  JSON.stringify({
    lead: { email, firstName: "Ann", company: "Alder Labs", ...lead },
    research: { hook },
    message: {},
  });
const writing = (email: string, changes: object = {}) => ({
  method: "POST",
  body: { model: "gpt-5-mini", input: inputOf(email), text: { format: { type: "json_schema" } }, ...changes },
});
const researching = (email: string) => ({
  method: "POST",
  body: { model: "perplexity/sonar", input: inputOf(email), response_format: { type: "json_schema" } },
});

interface Item {
  type: string;
  phase?: string;
  content?: { text: string }[];
  results?: { title: string | null }[];
}
type Body = { status: string; incomplete_details: { reason: string } | null; usage: object | null; output: Item[] };

const textsOf = ({ output }: Body) =>
  output.flatMap((item) => (item.type === "message" ? (item.content ?? []).map(({ text }) => text) : []));
const isJson = (text: string | undefined) => {
  try {
    return typeof JSON.parse(text ?? "") === "object";
  } catch {
    return false;
  }
};
const share = (bodies: Body[], is: (body: Body) => boolean) => bodies.filter(is).length / bodies.length;

test("the first page of a search is served as usual, and so is who was never found", () => {
  for (let position = 0; position < 2_000; position++) {
    const email = personOf(personIdAt("0123456789", position))?.email ?? "nobody@y.example";
    if ((positionOf(email) ?? 0) < 100) expect([researchOddity(email), writingOddity(email)]).toEqual([null, null]);
  }
  expect(positionOf("ann.lee.0000000a2s+work@b.example")).toBe(100);
});

describe("OpenAI", () => {
  const bodies: Body[] = LEADS.map((email) => answerTo(OPENAI, writing(email)).body);

  test("thinks first, and answers most leads with one message of JSON", () => {
    const usual = share(bodies, (body) => body.output.length === 2 && textsOf(body)[0]?.startsWith("{") === true);
    expect(usual).toBeGreaterThan(0.95);
    for (const { output } of bodies) expect(output[0]?.type).toBe("reasoning");
  });

  test.each<[what: string, is: (body: Body) => boolean]>([
    ["a remark before the final answer", ({ output }) => output.some(({ phase }) => phase === "commentary")],
    ["white space around the JSON", (body) => /^\s+\{[^]*\}\s+$/.test(textsOf(body)[0] ?? "")],
    [
      "an answer cut off by its thinking",
      ({ incomplete_details }) => incomplete_details?.reason === "max_output_tokens",
    ],
    ["no message at all", (body) => body.status === "completed" && textsOf(body).length === 0],
  ])("has %s for a few leads, the same ones each time", (_, is) => {
    expect(share(bodies, is)).toBeGreaterThan(0);
    expect(share(bodies, is)).toBeLessThan(0.025);
    const [odd = -1] = bodies.flatMap((body, n) => (is(body) ? [n] : []));
    expect(is(answerTo(OPENAI, writing(LEADS[odd] ?? "")).body)).toBe(true);
  });

  test("leaves less than one lead in a hundred without a text", () => {
    expect(share(bodies, (body) => !isJson(textsOf(body).at(-1)?.trim()))).toBeLessThan(0.01);
  });

  test("is paid for each of them, and the ledger tells who got no whole text", () => {
    for (const [n, email] of LEADS.entries()) {
      const [entry] = read(OPENAI, writing(email)).entries;
      expect(entry?.costUsd).toBeGreaterThan(0);
      expect(entry?.outcome === "ok").toBe(
        isJson(
          textsOf(bodies[n] as Body)
            .at(-1)
            ?.trim(),
        ),
      );
    }
  });

  test("greets as people greet, and not by a name that is not there", () => {
    const greeted = (firstName: string | null) => {
      const body = answerTo(OPENAI, {
        ...writing(""),
        body: { model: "gpt-4o", input: inputOf("a@b.example", { firstName }) },
      });
      return body.body.output[0].content[0].text.split("\n")[0];
    };
    expect(greeted("Dr. EVA (Evi) 🚀")).toBe("Hi Eva,");
    expect(greeted(null)).toBe("Hello,");
  });

  test("does not copy the marks of sources", () => {
    for (const body of bodies.slice(0, 50)) for (const text of textsOf(body)) expect(text).not.toMatch(/\[\d/);
  });

  test.each<[what: string, changes: object, status: number, error: object]>([
    [
      "an effort for a model that takes none",
      { model: "gpt-4o", reasoning: { effort: "low" } },
      400,
      { param: "reasoning.effort", code: "unsupported_parameter" },
    ],
    ["an unknown effort", { reasoning: { effort: "much" } }, 400, { param: "reasoning.effort", code: "invalid_value" }],
    ["an unknown parameter", { max_tokens: 5 }, 400, { param: "max_tokens", code: "unknown_parameter" }],
    ["a temperature for a model that thinks", { temperature: 1 }, 400, { param: "temperature" }],
    ["a schema for a model that takes none", { model: "gpt-4" }, 400, { param: "text.format", code: null }],
    ["an unknown model", { model: "gpt-9" }, 404, { code: "model_not_found" }],
  ])("refuses %s", (_, changes, status, error) => {
    expect(answerTo(OPENAI, writing("a@b.example", changes))).toMatchObject({ status, body: { error } });
  });

  test("takes a low effort where the model thinks", () => {
    expect(answerTo(OPENAI, writing("a@b.example", { reasoning: { effort: "low" } })).status).toBe(200);
  });

  test.each([
    ["billing_not_active", 429, { error: { code: "billing_not_active" } }],
    ["bad_request", 400, { error: { param: "text.format" } }],
  ] as const)("shows %s", (show, status, body) => {
    expect(answerTo(OPENAI, { ...writing("a@b.example"), show })).toMatchObject({ status, body });
  });

  test("shows a text that breaks off, an answer without a message, and one without output", () => {
    const shown = (show: "cut_text" | "no_message" | "missing_field") =>
      answerTo(OPENAI, { ...writing("a@b.example"), show }).body;
    expect(shown("cut_text").status).toBe("completed");
    expect(textsOf(shown("cut_text"))[0]).toMatch(/^\{"subject"[^}]*$/);
    expect(shown("no_message")).toMatchObject({ status: "completed", output: [{ type: "reasoning" }] });
    expect(shown("missing_field")).not.toHaveProperty("output");
  });
});

describe("Perplexity", () => {
  const bodies: Body[] = LEADS.map((email) => answerTo(PERPLEXITY, researching(email)).body);

  test("answers most leads with sources and one message of JSON", () => {
    const usual = share(bodies, (body) => body.output.length === 2 && isJson(textsOf(body)[0]));
    expect(usual).toBeGreaterThan(0.92);
  });

  test.each<[what: string, is: (body: Body) => boolean]>([
    ["a fence around the JSON", (body) => /^```json\n\{[^]*\}\n```$/.test(textsOf(body)[0] ?? "")],
    ["its thoughts before the JSON", (body) => /^<think>[^]*<\/think>\s+\{/.test(textsOf(body)[0] ?? "")],
    ["marks of sources", (body) => /\[1\]\[2\]/.test(textsOf(body)[0] ?? "") && isJson(textsOf(body)[0])],
    ["sources without titles", ({ output }) => output[0]?.results?.every(({ title }) => title === null) === true],
    ["pages that it read", ({ output }) => output.some(({ type }) => type === "fetch_url_results")],
    ["no usage", ({ usage }) => usage === null],
    ["a text that breaks off", (body) => /^\{[^}]*$/.test(textsOf(body)[0] ?? "")],
  ])("has %s for a few leads", (_, is) => {
    expect(share(bodies, is)).toBeGreaterThan(0);
    expect(share(bodies, is)).toBeLessThan(0.02);
  });

  test("shows that the model is unknown, a text that breaks off, and an answer without output", () => {
    const shown = (show: "bad_request" | "cut_text" | "missing_field") =>
      answerTo(PERPLEXITY, { ...researching("a@b.example"), show });
    expect(shown("bad_request")).toMatchObject({ status: 400, body: { error: { type: "invalid_model" } } });
    expect(textsOf(shown("cut_text").body)[0]).toMatch(/^\{"summary"[^}]*$/);
    expect(shown("missing_field").body).not.toHaveProperty("output");
  });
});
