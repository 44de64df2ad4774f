import { firstHalf, readBrief, roundUsd, subjectOf, tokensIn, type Brief } from "../brief.ts";
import { greetingOf } from "../greeting.ts";
import { writingOutcome } from "../oddities.ts";
import { pick } from "../random.ts";
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
  type OwnFaults,
  type PlainFault,
  type Reading,
  type Reply,
  type StandIn,
} from "../stand-in.ts";
import { noSchema, problem, readRequest, reasons, type WriteRequest } from "./openai-requests.ts";
import { envelopeOf, messageOf, reasoningOf, usualOutput } from "./openai-responses.ts";

const INPUT_COST_USD = 0.25e-6;
const OUTPUT_COST_USD = 2e-6;
/** Thinking is paid for like writing. */
const REASONING_TOKENS = 640;

const OPENINGS = ["I noticed that", "I read that", "I saw that", "Congratulations:"] as const;

export const openai: StandIn = {
  read(call) {
    const reading = readPath(call);
    if (reading === null) return null;
    const faults = { billing_not_active: notActive, ...reading.faults };
    return authorised({ ...reading, faults }, hasBearer(call.headers), openai.faulty("unauthorized", ""));
  },

  faulty(kind: PlainFault): Reply {
    switch (kind) {
      case "server_error":
        return ofKind(500, "server_error", null, "The server had an error while processing your request.");
      case "rate_limited":
        return ofKind(429, "requests", "rate_limit_exceeded", "Rate limit reached for requests per minute.");
      case "unauthorized":
        return ofKind(401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided.");
      case "out_of_credit":
        return ofKind(429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota.");
      case "malformed":
        return MALFORMED;
    }
  },
};

function readPath(call: Call): Reading | null {
  switch (`${call.method} ${call.url.pathname}`) {
    case "POST /v1/responses":
      return readWrite(call);
    case "GET /v1/models":
      return checked(() => json(200, { object: "list", data: MODELS }), {
        error_in_200: () => json(200, { error: { ...MODEL_FAILED, type: "server_error", param: null } }),
        missing_field: () => json(200, { object: "list" }),
      });
    default:
      return null;
  }
}

const MODELS = ["gpt-5-mini", "gpt-5", "gpt-4o"].map((id) => ({
  id,
  object: "model",
  created: 1_754_425_928,
  owned_by: "system",
}));

function readWrite(call: Call): Reading {
  const read = readRequest(parseJson(call.body));
  if ("problem" in read) return refused([UNREADABLE], "rejected", read.problem);
  const { request } = read;
  const brief = readBrief(request.input);
  const subject = subjectOf(brief, request.input);
  const copy = copyFor(brief);
  const written = request.text?.format?.type === "json_schema" ? JSON.stringify(copy) : copy.body;
  const { usage, costUsd } = usageOf(request, written);
  const base = { ...envelopeOf(request, call.atMs), usage };
  return {
    entries: [{ subject, outcome: writingOutcome(subject), costUsd }],
    paid: true,
    plan: { do: "answer", reply: () => json(200, { ...base, ...usualOutput(request, subject, written) }) },
    faults: writeFaults(request, base, written),
  };
}

const MODEL_FAILED = { code: "server_error", message: "The model failed to generate a response." };

function writeFaults(request: WriteRequest, base: ReturnType<typeof envelopeOf>, written: string): OwnFaults {
  const thought = reasons(request.model) ? [reasoningOf(base.id)] : [];
  const completed = (output: object[]) => json(200, { ...base, status: "completed", error: null, output });
  const text = (part: string) => messageOf(base.id, { type: "output_text", text: part, annotations: [], logprobs: [] });
  return {
    error_in_200: () => json(200, { ...base, status: "failed", error: MODEL_FAILED, output: [], usage: null }),
    bad_lead: () => completed([...thought, messageOf(base.id, REFUSAL)]),
    bad_request: () => noSchema(request.model),
    cut_text: () => completed([...thought, text(firstHalf(written))]),
    no_message: () => completed([reasoningOf(base.id)]),
    missing_field: () => json(200, { ...base, status: "completed", error: null }),
  };
}

const REFUSAL = { type: "refusal", refusal: "I'm sorry, but I can't help with that request." };

/** Greets by name, mentions the hook and the offer, and signs; what the brief lacks is left out. */
function copyFor(brief: Brief): { subject: string; body: string } {
  const { lead, research, message } = brief;
  const company = lead.company ?? "your team";
  const opening = pick(OPENINGS, `opening:${lead.email ?? company}`);
  // A model does not copy the marks that stand for sources.
  const hook = research.hook?.replace(/\s*\[\d+\]/g, "").replace(/\.$/, "");
  const paragraphs = [
    greetingOf(brief),
    hook ? `${opening} ${hook}.` : `I have been following ${company}.`,
    message.offer ? `That is why I am writing: ${message.offer}` : "I have an idea that may be of use to you.",
    `Would a short call next week suit you, to see whether it fits ${company}?`,
    message.sender_name ? `Best regards,\n${message.sender_name}` : "Best regards",
  ];
  return { subject: `An idea for ${company}`, body: paragraphs.join("\n\n") };
}

function usageOf(request: WriteRequest, written: string) {
  const inputTokens = tokensIn(request.input + (request.instructions ?? ""));
  const reasoningTokens = reasons(request.model) ? REASONING_TOKENS : 0;
  const outputTokens = tokensIn(written) + reasoningTokens;
  const usage = {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: inputTokens + outputTokens,
  };
  return { usage, costUsd: roundUsd(inputTokens * INPUT_COST_USD + outputTokens * OUTPUT_COST_USD) };
}

function notActive(): Reply {
  const words = "Your account is not active, please check your billing details on our website.";
  return ofKind(429, "billing_not_active", "billing_not_active", words);
}

/** A failure that no parameter is to blame for. */
function ofKind(...[status, type, code, message]: [number, string, string | null, string]): Reply {
  return problem(status, { type, code, message });
}
