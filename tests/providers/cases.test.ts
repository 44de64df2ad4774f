import { describe, expect, test } from "vitest";
import type { Answer } from "../../src/domain/fault.ts";
import type { Copy } from "../../src/domain/lead.ts";
import { copyProblem } from "../../src/domain/copy.ts";
import type { Providers } from "../../src/ports/providers.ts";
import CASES from "../cases/providers.json" with { type: "json" };
import { aBrief, aCopy, aLead, providersOn } from "./builders.ts";
import { fakeFetch } from "./fake-fetch.ts";

interface ServiceAnswer {
  status: number;
  json?: unknown;
  text?: string;
  headers?: Record<string, string>;
  delay_ms?: number;
}

interface Case {
  id: string;
  call: string;
  what: string;
  answer?: ServiceAnswer;
  args?: unknown[];
  timeout_ms?: number;
  expect: string | { outcome: string; kind?: string; value?: unknown };
}

const cases = CASES as Case[];
const SEARCH = { person_titles: ["Head of Logistics"] };
const ASKED = ["66f0c1d2e3a4b5c6d7e8f901", "66f0c1d2e3a4b5c6d7e8f902"];

const CALLS: Record<string, (providers: Providers, args: unknown[]) => Promise<Answer<unknown>>> = {
  "apollo search": ({ apollo }) => apollo.search(SEARCH, 1),
  "apollo reveal": ({ apollo }) => apollo.reveal(ASKED),
  "apollo check": ({ apollo }) => apollo.check(),
  "millionverifier verify": (all, [email]) =>
    all.millionverifier.verify(String(email ?? "rosalind@northwharf.example")),
  "millionverifier check": (all) => all.millionverifier.check(),
  "perplexity research": ({ perplexity }) => perplexity.research(aLead()),
  "perplexity check": ({ perplexity }) => perplexity.check(),
  "openai write": ({ openai }) => openai.write(aBrief()),
  "openai check": ({ openai }) => openai.check(),
  "instantly addLead": ({ instantly }) =>
    instantly.addLead("c1", aLead(), { ...aCopy(), body: "Hi Ada,\n\na < b & c" }),
  "instantly findLead": ({ instantly }) => instantly.findLead("c1", "a@b.co"),
  "instantly lookUpCampaign": ({ instantly }) => instantly.lookUpCampaign("my campaign"),
};

async function play({ answer, args = [], timeout_ms: timeoutMs = 5_000, ...of }: Case & { provider?: string }) {
  const { status = 200, json, text, headers = {}, delay_ms: delayMs = 0 } = answer ?? {};
  const { fetch, sent } = fakeFetch(async () => {
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    return new Response(text ?? JSON.stringify(json), { status, headers });
  });
  const call = CALLS[`${of.provider} ${of.call}`];
  if (!call) throw new Error(`no call for ${of.id}`);
  return { answer: await call(providersOn(fetch, { timeoutMs }), args), sent };
}

const ofServices = cases.filter(({ call }) => call !== "copyProblem");

describe("what the services really answer", () => {
  test.each(ofServices)("$id: $what", async (each) => {
    const { answer, sent } = await play(each);
    const expected = each.expect;
    const value = answer.outcome === "answered" ? answer.value : null;
    switch (expected) {
      case "any":
        return expect(["answered", "refused", "service_fault"]).toContain(answer.outcome);
      case "any-not-answered":
      case "not-answered":
      case "not-pushed":
        return expect(answer.outcome).not.toBe("answered");
      case "request":
        return expect(sent[0]?.url).toContain("email=Zo%C3%AB.O%27Neil%2BNews%40Ex%C3%A4mple.example");
      case "request-ua":
        return expect(sent[0]?.headers["user-agent"]).toMatch(/^Andon/);
      case "request-html":
        return expect(sent[0]?.body).toMatchObject({
          leads: [{ personalization: "Hi Ada,<br/><br/>a &lt; b &amp; c" }],
        });
      case "copy-not-ok":
        return expect(copyProblem(value as Copy, aLead())).not.toBeNull();
    }
    if (typeof expected === "string") throw new Error(`${each.id}: ${expected} is not understood`);
    expect(answer.outcome).toBe(expected.outcome);
    if (expected.kind) expect(answer).toMatchObject({ fault: { kind: expected.kind } });
    if (expected.value) expect(value).toMatchObject(expected.value);
  });
});
