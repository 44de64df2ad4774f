import { z } from "zod";
import type { Answer, Spend } from "../domain/fault.ts";
import { answered, errorInside, fault, refused, type Service } from "./call.ts";
import { outputOf, outputProblem } from "./model-output.ts";
import { jsonOf } from "./words.ts";

const text = z.string().nullish();
const count = z.number().nonnegative().nullish().catch(null);

/** What OpenAI's Responses API and Perplexity's Agent API answer, as far as it is used here. */
export const ModelResponse = z
  .looseObject({
    status: z.string(),
    output: z.unknown().optional(),
    error: z.looseObject({ message: text, type: text, code: z.union([z.string(), z.number()]).nullish() }).nullish(),
    incomplete_details: z.looseObject({ reason: text }).nullish().catch(null),
    // What a call has cost decides nothing: an odd account of it is none.
    usage: z
      .looseObject({
        input_tokens: count,
        output_tokens: count,
        cost: z.looseObject({ total_cost: count, currency: text }).nullish().catch(null),
      })
      .nullish()
      .catch(null),
  })
  .superRefine(({ status, output }, context) => {
    if (status !== "completed") return;
    const problem = outputProblem(output);
    if (problem) context.addIssue({ code: "custom", path: [problem], message: "is missing" });
  });
export type ModelResponse = z.infer<typeof ModelResponse>;

/**
 * The object that the model was asked to write. A run that failed is the service's fault, and one that has not ended too;
 * a good answer whose text cannot be used is the lead's own: another try may bring a better one.
 */
export function writtenObject<T>(service: Service, response: ModelResponse, schema: z.ZodType<T>): Answer<T> {
  const { status, error, incomplete_details } = response;
  if (status === "failed") {
    const code = [error?.code, error?.type].filter((part) => part != null).join(" ");
    return errorInside(service, { message: error?.message ?? "", code });
  }
  const refusal = messagesOf(response)
    .flatMap(({ content }) => content)
    .find((part) => part.type === "refusal" && part.refusal)?.refusal;
  if (refusal) return refused(service, `The model refused to write: ${refusal}`);
  if (status === "incomplete") return refused(service, WHY_INCOMPLETE[incomplete_details?.reason ?? ""] ?? CUT_OFF);
  if (status !== "completed") return fault(service, "malformed", 200, `The response ended as ${status}`);

  if (incomplete_details?.reason || messagesOf(response).some(({ whole }) => !whole)) return refused(service, CUT_OFF);
  const texts = finalTexts(response);
  if (texts.length === 0) return refused(service, "The model wrote no message");
  // The last is the answer; where that is prose, one before it may be the object.
  const candidates = texts.toReversed().map(objectIn);
  const body = candidates.find((candidate) => candidate !== undefined);
  if (body === undefined) return refused(service, "The model's text is not the JSON it was asked for, or is cut off");
  if (hasBrokenText(body)) return refused(service, "The model's text holds a broken character");
  const parsed = schema.safeParse(body);
  if (parsed.success) return answered(parsed.data, spendOf(response));
  const issue = parsed.error.issues[0];
  return refused(service, `The model's JSON is not as it was asked for, at ${issue?.path.join(".") || "the top"}`);
}

const CUT_OFF = "The text was cut off before its end";
const WHY_INCOMPLETE: Record<string, string> = {
  content_filter: "The content filter stopped the text",
  max_output_tokens: "The text was cut off at the limit of output tokens",
};

/** The text of each message, without what a model says on its way to the answer. */
function finalTexts(response: ModelResponse): string[] {
  const messages = messagesOf(response).filter(({ phase }) => phase !== "commentary");
  const final = messages.filter(({ phase }) => phase === "final_answer");
  return (final.length > 0 ? final : messages)
    .map(({ content }) => {
      const parts = content.filter(({ type }) => type === "output_text").map((part) => part.text ?? "");
      // Some write the whole answer twice, as two parts of one message.
      return new Set(parts).size === 1 ? (parts[0] ?? "") : parts.join("");
    })
    .filter((written) => written.trim() !== "");
}

const messagesOf = ({ output }: ModelResponse) => outputOf(output).filter((item) => item.type === "message");

/** The JSON object in a text that may be thought about first, fenced, or put between sentences; undefined where none is. */
function objectIn(written: string): object | undefined {
  const whole = jsonOf(written.trim());
  if (typeof whole === "object" && whole !== null && !Array.isArray(whole)) return whole;
  const answer = (written.split(/<\/think(?:ing)?>/i).at(-1) ?? "").trim();
  // Thoughts without an end: what stands in them is a guess.
  if (/^<think(?:ing)?>/i.test(answer)) return undefined;
  const spoken = answer.slice(Math.max(0, answer.indexOf("{")), answer.lastIndexOf("}") + 1);
  for (const candidate of [answer, spoken]) {
    const body = jsonOf(candidate);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
  }
  return undefined;
}

/**
 * Half of a surrogate pair, the sign that stands for bytes that were none, or a control character where an escape went wrong:
 * the letter that was meant is lost, and its digits may stand in the text.
 */
function hasBrokenText(body: object): boolean {
  return Object.values(body).some(
    (value) => typeof value === "string" && (!value.isWellFormed() || /[\0-\x08\x0e-\x1f\ufffd]/.test(value)),
  );
}

function spendOf({ usage }: ModelResponse): Spend {
  const spend: Spend = {};
  const cost = usage?.cost;
  if (cost?.total_cost != null && (cost.currency ?? "USD") === "USD") spend.costUsd = cost.total_cost;
  if (usage?.input_tokens != null) spend.inputTokens = usage.input_tokens;
  if (usage?.output_tokens != null) spend.outputTokens = usage.output_tokens;
  return spend;
}

/** A JSON schema in which every field is a required string, as strict structured output wants it. */
export function objectOfStrings(descriptions: Record<string, string>) {
  const fields = Object.entries(descriptions);
  return {
    type: "object",
    properties: Object.fromEntries(fields.map(([name, description]) => [name, { type: "string", description }])),
    required: fields.map(([name]) => name),
    additionalProperties: false,
  };
}

/** By default. Thinking is paid from it too: a limit that fits the text alone would fail every lead of a model that thinks. */
export const MAX_OUTPUT_TOKENS = 4000;

/** How a model is to be used; a name alone stands for the model with the rest as it is by default. */
export interface ModelOptions {
  model: string;
  /** How much it may think before it writes, where it thinks at all; "default" leaves it to the model. Default "low". */
  effort?: Effort | undefined;
  maxOutputTokens?: number | undefined;
}
export const EFFORTS = ["default", "minimal", "low", "medium", "high"] as const;
type Effort = (typeof EFFORTS)[number];

/** Models that take a `reasoning.effort`, by the last part of their name: the o series, and GPT-5 and later but its chat models. */
const THINKS = /^(o\d|gpt-([5-9]|\d\d)(?!.*chat))/i;

/** The part of a request that says how much to think; nothing for a model that takes no such thing, and would refuse it. */
export function reasoningOf({ model, effort = "low" }: ModelOptions) {
  if (effort === "default" || !THINKS.test(model.split("/").at(-1) ?? "")) return {};
  return { reasoning: { effort } };
}
