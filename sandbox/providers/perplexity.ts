import { z } from "zod";
import { ModelRequest, readBrief, roundUsd, subjectOf, tokensIn, type Brief } from "../brief.ts";
import { domainOf } from "../people.ts";
import { pick, uuidFrom } from "../random.ts";
import {
  authorised,
  checked,
  hasBearer,
  json,
  MALFORMED,
  parseJson,
  refused,
  UNREADABLE,
  type Call,
  type PlainFault,
  type Reading,
  type Reply,
  type StandIn,
} from "../stand-in.ts";
import { NEWS, TRADES } from "../words.ts";

const SEARCH_COST_USD = 0.005;
const INPUT_COST_USD = 1e-6;
const OUTPUT_COST_USD = 1e-6;

const AgentRequest = ModelRequest.extend({ response_format: z.object({ type: z.string() }).nullish() });
type AgentRequest = z.infer<typeof AgentRequest>;

export const perplexity: StandIn = {
  read(call) {
    const reading = readPath(call);
    return reading && authorised(reading, hasBearer(call.headers), perplexity.faulty("unauthorized"));
  },

  faulty(kind: PlainFault): Reply {
    switch (kind) {
      case "server_error":
        return problem(500, "internal_server_error", "Internal server error");
      case "rate_limited":
        return problem(429, "rate_limit_exceeded", "Request rate limit exceeded");
      case "unauthorized":
        return problem(401, "unauthorized", "Invalid API key provided");
      case "out_of_credit":
        return problem(401, "insufficient_quota", "You exceeded your current quota, please check your plan");
      case "malformed":
        return MALFORMED;
    }
  },
};

function readPath(call: Call): Reading | null {
  switch (`${call.method} ${call.url.pathname}`) {
    case "POST /v1/agent":
    case "POST /v1/responses":
      return readAgent(call);
    case "GET /v1/models":
      return checked(() => json(200, { object: "list", data: [{ id: "perplexity/sonar", object: "model" }] }));
    default:
      return null;
  }
}

function readAgent(call: Call): Reading {
  const parsed = AgentRequest.safeParse(parseJson(call.body));
  if (!parsed.success) {
    return refused([UNREADABLE], "rejected", problem(400, "invalid_request", z.prettifyError(parsed.error)));
  }
  const request = parsed.data;
  const brief = readBrief(request.input);
  const subject = subjectOf(brief, request.input);
  const written = request.response_format?.type === "json_schema" ? JSON.stringify(findings(brief)) : prose(brief);
  const usage = usageOf(request, written);
  const base = { ...envelope(request, call.atMs), id: uuidFrom(`research:${request.input}`) };
  return {
    entries: [{ subject, outcome: "ok", costUsd: usage.cost.total_cost }],
    paid: true,
    plan: {
      do: "answer",
      reply: () => json(200, { ...base, status: "completed", output: outputOf(brief, written), usage, error: null }),
    },
    faults: {
      error_in_200: () => json(200, { ...base, status: "failed", output: [], usage: null, error: MODEL_FAILED }),
      bad_lead: () => problem(400, "invalid_request", "The input could not be processed"),
    },
  };
}

const MODEL_FAILED = { message: "The model failed to produce an answer", type: "model_error", code: "model_error" };

function envelope(request: AgentRequest, atMs: number) {
  return { object: "response", created_at: Math.floor(atMs / 1000), model: request.model };
}

/** The same company always has the same news. */
function findings({ lead }: Brief): { summary: string; hook: string } {
  const company = lead.company ?? "The company";
  const who = [lead.firstName, lead.lastName].filter(Boolean).join(" ") || "This person";
  const news = `${company} ${pick(NEWS, `news:${company}`)}`;
  const role = lead.title ? `is ${lead.title} at ${company}` : `works at ${company}`;
  return {
    summary: `${who} ${role}. ${company} ${pick(TRADES, `trade:${company}`)}. Lately: ${news}.`,
    hook: news,
  };
}

function prose(brief: Brief): string {
  return findings(brief).summary;
}

function outputOf(brief: Brief, written: string): unknown[] {
  const company = brief.lead.company ?? "Company";
  const site = `https://www.${domainOf(company)}`;
  const results = [
    { id: 1, url: `${site}/news`, title: `${company}: news`, snippet: findings(brief).hook, date: "2026-09-14" },
    { id: 2, url: `${site}/about`, title: `About ${company}`, snippet: findings(brief).summary, date: "2026-03-02" },
  ];
  return [
    { type: "search_results", results },
    {
      type: "message",
      id: uuidFrom(`message:${written}`),
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text: written, annotations: [] }],
    },
  ];
}

function usageOf(request: AgentRequest, written: string) {
  const inputTokens = tokensIn(request.input + (request.instructions ?? "")) + 1200;
  const outputTokens = tokensIn(written);
  const inputCost = roundUsd(inputTokens * INPUT_COST_USD);
  const outputCost = roundUsd(outputTokens * OUTPUT_COST_USD);
  return {
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    cost: {
      currency: "USD",
      input_cost: inputCost,
      output_cost: outputCost,
      tool_calls_cost: SEARCH_COST_USD,
      total_cost: roundUsd(inputCost + outputCost + SEARCH_COST_USD),
    },
  };
}

function problem(status: number, type: string, message: string): Reply {
  return json(status, { error: { message, type, code: status } });
}
