import { z } from "zod";
import type { Answer, Spend } from "../domain/fault.ts";
import { answered, errorInside, fault, read, refused, type Service } from "./call.ts";
import { jsonOf } from "./words.ts";

const text = z.string().nullish();

const OutputItem = z.looseObject({
  type: z.string(),
  content: z.array(z.looseObject({ type: z.string(), text, refusal: text })).nullish(),
  /** Of Perplexity's `search_results`. */
  results: z.array(z.looseObject({ url: text, title: text })).nullish(),
});

/** What OpenAI's Responses API and Perplexity's Agent API answer, as far as it is used here. */
export const ModelResponse = z.looseObject({
  status: z.string(),
  output: z.array(OutputItem).nullish(),
  error: z.looseObject({ message: text, type: text, code: z.union([z.string(), z.number()]).nullish() }).nullish(),
  incomplete_details: z.looseObject({ reason: text }).nullish(),
  usage: z
    .looseObject({
      input_tokens: z.number().nullish(),
      output_tokens: z.number().nullish(),
      cost: z.looseObject({ total_cost: z.number().nullish(), currency: text }).nullish(),
    })
    .nullish(),
});
export type ModelResponse = z.infer<typeof ModelResponse>;

/** The object that the model was asked to write. A refusal or a cut text is the lead's own; a failed run is the service's. */
export function writtenObject<T>(service: Service, response: ModelResponse, schema: z.ZodType<T>): Answer<T> {
  const { status, error, incomplete_details } = response;
  if (status === "failed") {
    const code = [error?.code, error?.type].filter((part) => part != null).join(" ");
    return errorInside(service, { message: error?.message ?? "", code });
  }
  const refusal = parts(response, "refusal").find((part) => part.refusal)?.refusal;
  if (refusal) return refused(service, refusal);
  if (status === "incomplete" && incomplete_details?.reason === "content_filter") {
    return refused(service, "The content filter stopped the text");
  }
  if (status === "incomplete" && incomplete_details?.reason === "max_output_tokens") {
    return refused(service, "The text was cut off at the limit of output tokens");
  }
  if (status !== "completed") return fault(service, "malformed", 200, `The response ended as ${status}`);

  const written = parts(response, "output_text")
    .map((part) => part.text ?? "")
    .join("");
  const body = jsonOf(written);
  if (body === undefined) return fault(service, "malformed", 200, "The model's text is not the JSON it was asked for");
  const parsed = read(service, { status: 200, body }, schema);
  return parsed.outcome === "answered" ? answered(parsed.value, spendOf(response)) : parsed;
}

function parts(response: ModelResponse, type: "output_text" | "refusal") {
  return (response.output ?? [])
    .filter((item) => item.type === "message")
    .flatMap((item) => item.content ?? [])
    .filter((part) => part.type === type);
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
