import { z } from "zod";
import { ModelRequest } from "../brief.ts";
import { json, type Reply } from "../stand-in.ts";

/** The parameters of `POST /v1/responses`. */
const PARAMETERS = new Set(
  `background conversation include input instructions max_output_tokens max_tool_calls metadata model parallel_tool_calls
  previous_response_id prompt prompt_cache_key prompt_cache_retention reasoning safety_identifier service_tier store
  stream stream_options temperature text tool_choice tools top_logprobs top_p truncation user`.split(/\s+/),
);
const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh"];

const WriteRequest = ModelRequest.extend({
  text: z.looseObject({ format: z.looseObject({ type: z.string() }).nullish() }).nullish(),
  reasoning: z.looseObject({ effort: z.string().nullish() }).nullish(),
  max_output_tokens: z.int().min(16, "Expected a value >= 16.").nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
});
export type WriteRequest = z.infer<typeof WriteRequest>;

const MODELS = /^(gpt-5|gpt-4o|gpt-4\.1|gpt-4|gpt-3\.5-turbo|o1|o3|o4-mini)(-[a-z0-9.-]+)?$/;

/** Whether the model thinks before it writes, and so takes an effort. */
export function reasons(model: string): boolean {
  return /^(gpt-5|o\d)/.test(model) && !/-chat/.test(model);
}

const takesSchema = (model: string) => !/^(gpt-4|gpt-3\.5)(-|$)/.test(model);

/** The request, or the answer that refuses it. */
export function readRequest(body: unknown): { request: WriteRequest } | { problem: Reply } {
  const strange = Object.keys(typeof body === "object" && body !== null ? body : {}).find(
    (name) => !PARAMETERS.has(name),
  );
  if (strange !== undefined) {
    return { problem: invalid(strange, "unknown_parameter", `Unknown parameter: '${strange}'.`) };
  }
  const parsed = WriteRequest.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const param = issue?.path.join(".") || null;
    return { problem: invalid(param, "invalid_type", `Invalid value for '${param ?? "body"}': ${issue?.message}`) };
  }
  const problem = problemWith(parsed.data);
  return problem === null ? { request: parsed.data } : { problem };
}

function problemWith({ model, reasoning, temperature, top_p, text }: WriteRequest): Reply | null {
  if (!MODELS.test(model)) {
    const message = `The model \`${model}\` does not exist or you do not have access to it.`;
    return problem(404, { type: "invalid_request_error", code: "model_not_found", message });
  }
  const effort = reasoning?.effort;
  if (effort != null && !reasons(model)) return unsupported("reasoning.effort");
  if (effort != null && !EFFORTS.includes(effort)) {
    const values = EFFORTS.map((each) => `'${each}'`).join(", ");
    const message = `Invalid value: '${effort}'. Supported values are: ${values}.`;
    return invalid("reasoning.effort", "invalid_value", message);
  }
  if (reasons(model) && temperature != null) return unsupported("temperature");
  if (reasons(model) && top_p != null) return unsupported("top_p");
  return text?.format?.type === "json_schema" && !takesSchema(model) ? noSchema(model) : null;
}

function unsupported(param: string): Reply {
  return invalid(param, "unsupported_parameter", `Unsupported parameter: '${param}' is not supported with this model.`);
}

/** What every lead gets alike when the configured model takes no schema. */
export function noSchema(model: string): Reply {
  const message = `Invalid parameter: 'text.format' of type 'json_schema' is not supported with model version \`${model}\`.`;
  return invalid("text.format", null, message);
}

function invalid(param: string | null, code: string | null, message: string): Reply {
  return problem(400, { type: "invalid_request_error", code, message, param });
}

export function problem(
  status: number,
  { param = null, ...error }: { type: string; code: string | null; message: string; param?: string | null },
): Reply {
  return json(status, { error: { ...error, param } });
}
