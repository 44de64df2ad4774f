import { z } from "zod";
import { firstHalf, ModelRequest, readBrief, roundUsd, subjectOf, tokensIn } from "../brief.ts";
import { researchOutcome } from "../oddities.ts";
import { uuidFrom } from "../random.ts";
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
import { findings, outputOf, usualAnswer } from "./perplexity-answers.ts";

const SEARCH_COST_USD = 0.005;
const INPUT_COST_USD = 1e-6;
const OUTPUT_COST_USD = 1e-6;

const AgentRequest = ModelRequest.extend({ response_format: z.object({ type: z.string() }).nullish() });
type AgentRequest = z.infer<typeof AgentRequest>;

export const perplexity: StandIn = {
  read(call) {
    if (isListOfModels(call)) return listOfModels();
    const reading = readPath(call);
    return reading && authorised(reading, hasBearer(call.headers), perplexity.faulty("unauthorized", ""));
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

/** Public: it answers without any key. */
function isListOfModels({ method, url }: Call): boolean {
  return method === "GET" && url.pathname === "/v1/models";
}

function listOfModels(): Reading {
  const data = ["perplexity/sonar", "openai/gpt-5-mini"].map((id) => ({ id, object: "model", created: 0 }));
  return checked(() => json(200, { object: "list", data }), {
    error_in_200: () => json(200, { error: MODEL_FAILED }),
    missing_field: () => json(200, { object: "list" }),
  });
}

function readPath(call: Call): Reading | null {
  switch (`${call.method} ${call.url.pathname}`) {
    case "POST /v1/agent":
    case "POST /v1/responses":
      return readAgent(call);
    default:
      return null;
  }
}

function readAgent(call: Call): Reading {
  const parsed = AgentRequest.safeParse(parseJson(call.body));
  const failed = { object: "response", status: "failed", output: [], usage: null, error: MODEL_FAILED };
  if (!parsed.success) {
    const refusal = problem(400, "invalid_request", z.prettifyError(parsed.error));
    return refused([UNREADABLE], "rejected", refusal, { error_in_200: () => json(200, failed) });
  }
  const request = parsed.data;
  const brief = readBrief(request.input);
  const subject = subjectOf(brief, request.input);
  const found = findings(brief);
  const written =
    request.response_format?.type === "json_schema"
      ? JSON.stringify({ summary: found.summary, hook: found.hook })
      : found.summary;
  const usage = usageOf(request, written);
  const base = { ...envelope(request, call.atMs), id: uuidFrom(`research:${request.input}`) };
  const completed = { ...base, status: "completed", usage, error: null };
  return {
    entries: [{ subject, outcome: researchOutcome(subject), costUsd: usage.cost.total_cost }],
    paid: true,
    plan: { do: "answer", reply: () => json(200, { ...completed, ...usualAnswer(subject, found, written) }) },
    faults: {
      error_in_200: () => json(200, { ...base, ...failed }),
      bad_lead: () => problem(400, "invalid_request", "The input could not be processed"),
      bad_request: () => problem(400, "invalid_model", `Invalid model '${request.model}'.`),
      cut_text: () => json(200, { ...completed, output: outputOf(found, firstHalf(written)) }),
      missing_field: () => json(200, completed),
    },
  };
}

const MODEL_FAILED = { message: "The model failed to produce an answer", type: "model_error", code: "model_error" };

function envelope(request: AgentRequest, atMs: number) {
  return { object: "response", created_at: Math.floor(atMs / 1000), model: request.model };
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
