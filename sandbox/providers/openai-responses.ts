import { writingOddity } from "../oddities.ts";
import { hexFrom } from "../random.ts";
import { reasons, type WriteRequest } from "./openai-requests.ts";

export function envelopeOf(request: WriteRequest, atMs: number) {
  return {
    id: `resp_${hexFrom(`response:${request.input}`, 48)}`,
    object: "response",
    created_at: Math.floor(atMs / 1000),
    model: request.model,
    instructions: request.instructions ?? null,
    incomplete_details: null,
    max_output_tokens: request.max_output_tokens ?? null,
    metadata: {},
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: request.reasoning?.effort ?? (reasons(request.model) ? "medium" : null), summary: null },
    store: false,
    text: { format: request.text?.format ?? { type: "text" } },
    tools: [],
  };
}

export function messageOf(id: string, content: object, phase?: "commentary" | "final_answer") {
  return {
    type: "message",
    id: `msg_${hexFrom(`message:${phase ?? ""}${id}`, 48)}`,
    role: "assistant",
    status: "completed",
    ...(phase === undefined ? {} : { phase }),
    content: [content],
  };
}

export function reasoningOf(id: string) {
  return { type: "reasoning", id: `rs_${hexFrom(`thought:${id}`, 48)}`, summary: [] };
}

/** How a call that goes well ends: most with one message, a few of each of the odd ways, always the same for a subject. */
export function usualOutput(request: WriteRequest, subject: string, written: string) {
  const { id } = envelopeOf(request, 0);
  const text = (part: string) => ({ type: "output_text", text: part, annotations: [], logprobs: [] });
  const thought = reasons(request.model) ? [reasoningOf(id)] : [];
  const completed = (...items: object[]) => ({ status: "completed", error: null, output: [...thought, ...items] });
  switch (writingOddity(subject)) {
    case "commentary": {
      const remark = text("I will look at what is known of the company first.");
      return completed(messageOf(id, remark, "commentary"), messageOf(id, text(written), "final_answer"));
    }
    case "white_space":
      return completed(messageOf(id, text(`\n\n  ${written}\n\n\n`)));
    case "incomplete": {
      const incomplete_details = { reason: "max_output_tokens" };
      return { status: "incomplete", error: null, incomplete_details, output: [reasoningOf(id)] };
    }
    case "no_message":
      return { status: "completed", error: null, output: [reasoningOf(id)] };
    case null:
      return completed(messageOf(id, text(written)));
  }
}
