import { z } from "zod";
import { ModelRequest, readBrief, roundUsd, subjectOf, tokensIn, type Brief } from "../brief.ts";
import { hexFrom, pick } from "../random.ts";
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

const INPUT_COST_USD = 0.25e-6;
const OUTPUT_COST_USD = 2e-6;
/** Thinking is paid for like writing. */
const REASONING_TOKENS = 640;

const OPENINGS = ["I noticed that", "I read that", "I saw that", "Congratulations:"] as const;

const WriteRequest = ModelRequest.extend({
  text: z.object({ format: z.object({ type: z.string() }).nullish() }).nullish(),
});
type WriteRequest = z.infer<typeof WriteRequest>;

export const openai: StandIn = {
  read(call) {
    const reading = readPath(call);
    return reading && authorised(reading, hasBearer(call.headers), openai.faulty("unauthorized"));
  },

  faulty(kind: PlainFault): Reply {
    switch (kind) {
      case "server_error":
        return problem(500, "server_error", null, "The server had an error while processing your request.");
      case "rate_limited":
        return problem(429, "requests", "rate_limit_exceeded", "Rate limit reached for requests per minute.");
      case "unauthorized":
        return problem(401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided.");
      case "out_of_credit":
        return problem(429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota.");
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
      return checked(() =>
        json(200, {
          object: "list",
          data: [{ id: "gpt-5-mini", object: "model", created: 1_754_425_928, owned_by: "system" }],
        }),
      );
    default:
      return null;
  }
}

function readWrite(call: Call): Reading {
  const parsed = WriteRequest.safeParse(parseJson(call.body));
  if (!parsed.success) {
    const message = z.prettifyError(parsed.error);
    return refused([UNREADABLE], "rejected", problem(400, "invalid_request_error", null, message));
  }
  const request = parsed.data;
  const brief = readBrief(request.input);
  const copy = copyFor(brief);
  const written = request.text?.format?.type === "json_schema" ? JSON.stringify(copy) : copy.body;
  const { usage, costUsd } = usageOf(request, written);
  const base = envelope(request, call.atMs);
  const completed = (content: unknown) =>
    json(200, { ...base, status: "completed", error: null, output: messageOf(content, base.id), usage });
  return {
    entries: [{ subject: subjectOf(brief, request.input), outcome: "ok", costUsd }],
    paid: true,
    plan: { do: "answer", reply: () => completed({ type: "output_text", text: written, annotations: [] }) },
    faults: {
      error_in_200: () => json(200, { ...base, status: "failed", error: MODEL_FAILED, output: [], usage: null }),
      bad_lead: () => completed({ type: "refusal", refusal: "I'm sorry, but I can't help with that request." }),
    },
  };
}

const MODEL_FAILED = { code: "server_error", message: "The model failed to generate a response." };

/** Greets by name, mentions the hook and the offer, and signs; what the brief lacks is left out. */
function copyFor({ lead, research, message }: Brief): { subject: string; body: string } {
  const company = lead.company ?? "your team";
  const opening = pick(OPENINGS, `opening:${lead.email ?? company}`);
  const paragraphs = [
    lead.firstName ? `Hi ${lead.firstName},` : "Hello,",
    research.hook ? `${opening} ${research.hook.replace(/\.$/, "")}.` : `I have been following ${company}.`,
    message.offer ? `That is why I am writing: ${message.offer}` : "I have an idea that may be of use to you.",
    `Would a short call next week suit you, to see whether it fits ${company}?`,
    message.sender_name ? `Best regards,\n${message.sender_name}` : "Best regards",
  ];
  return { subject: `An idea for ${company}`, body: paragraphs.join("\n\n") };
}

function envelope(request: WriteRequest, atMs: number) {
  return {
    id: `resp_${hexFrom(`response:${request.input}`, 48)}`,
    object: "response",
    created_at: Math.floor(atMs / 1000),
    model: request.model,
    instructions: request.instructions ?? null,
    incomplete_details: null,
    metadata: {},
    parallel_tool_calls: true,
    store: false,
    tools: [],
  };
}

function messageOf(content: unknown, id: string): unknown[] {
  return [
    {
      type: "message",
      id: `msg_${hexFrom(`message:${id}`, 48)}`,
      role: "assistant",
      status: "completed",
      content: [content],
    },
  ];
}

function usageOf(request: WriteRequest, written: string) {
  const inputTokens = tokensIn(request.input + (request.instructions ?? ""));
  const outputTokens = tokensIn(written) + REASONING_TOKENS;
  const usage = {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: REASONING_TOKENS },
    total_tokens: inputTokens + outputTokens,
  };
  return { usage, costUsd: roundUsd(inputTokens * INPUT_COST_USD + outputTokens * OUTPUT_COST_USD) };
}

function problem(status: number, type: string, code: string | null, message: string): Reply {
  return json(status, { error: { message, type, param: null, code } });
}
