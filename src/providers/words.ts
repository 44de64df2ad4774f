import { z } from "zod";

/** What a service says about a failure: a sentence for people, and what is for programs. */
export interface Words {
  message: string;
  /** Its codes and types, joined for matching. */
  code: string;
  /** The parameter of the request that the failure is about. */
  param: string;
  /** The HTTP status that the body itself names, where an error comes under another one. */
  status: number | null;
}

const MAX_LENGTH = 300;
/** As much of a failed answer as is searched for its words: what follows may be megabytes of anything. */
const MOST_SEARCHED = 4_000;

const text = z.string().optional().catch(undefined);
const code = z.union([z.string(), z.number()]).optional().catch(undefined);
const status = z.number().int().min(400).max(599).optional().catch(undefined);
/** Some services list their messages, as texts or as `{msg}` or `{message}`. */
const told = z
  .union([
    z.string(),
    z.array(z.union([z.string(), z.looseObject({ msg: text, message: text })])).transform((list) =>
      list
        .map((each) => (typeof each === "string" ? each : (each.message ?? each.msg ?? "")))
        .filter(Boolean)
        .join("; "),
    ),
  ])
  .optional()
  .catch(undefined);

/**
 * The error shapes of all five services, as far as each is documented or was seen: `{error: {message, type, code, param}}`
 * (OpenAI, Perplexity), `{error, error_code}`, `{error_message}`, `{errors: […]}` and `{message}` (Apollo), `{statusCode,
 * error, message}` (Instantly), `{error}` (MillionVerifier), `{detail}` (gateways).
 */
const ErrorBody = z.looseObject({
  error: z
    .union([z.string(), z.looseObject({ message: told, type: text, code, param: text })])
    .optional()
    .catch(undefined),
  message: told,
  error_message: told,
  errors: told,
  detail: told,
  error_code: code,
  code,
  statusCode: status,
});

/** Finds the service's words in the body of a failed answer, JSON or not. */
export function wordsOf(body: string): Words {
  return (
    wordsIn(jsonOf(body)) ?? { message: withoutTags(body.slice(0, MOST_SEARCHED)), code: "", param: "", status: null }
  );
}

/** The same of a parsed body; null for one that is no object. A body without a known message is its own message. */
export function wordsIn(body: unknown): Words | null {
  const parsed = ErrorBody.safeParse(body);
  if (!parsed.success) return null;
  const { error, message, error_message, errors, detail, error_code, statusCode, code: outer } = parsed.data;
  const inner = typeof error === "object" ? error : {};
  const plain = typeof error === "string" ? error : undefined;
  const said = inner.message || message || error_message || errors || detail || plain;
  // Apollo puts a whole error, as a JSON text, into its message now and then.
  const nested = said?.startsWith("{") ? wordsIn(jsonOf(said)) : null;
  const codes = [inner.code, inner.type, error_code, outer, nested?.code].filter((part) => part !== undefined);
  return {
    message: (nested?.message || said || codes.join(" ") || shown(body)).slice(0, MOST_SEARCHED),
    code: codes.join(" ").trim(),
    param: inner.param ?? "",
    status: statusCode ?? null,
  };
}

/** The words of a body that tells of an error though its status says that all is well; null for any other body. */
export function errorEnvelope(body: unknown): Words | null {
  const words = wordsIn(body);
  if (words === null) return null;
  const { error, error_code, error_message, errors, success } = body as Record<string, unknown>;
  const tells = [error, error_code, error_message, errors].some((part) =>
    Array.isArray(part) ? part.length > 0 : Boolean(part),
  );
  return words.status !== null || tells || success === false ? words : null;
}

/** Undefined when the text is not JSON. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** One line of at most 300 characters without control characters, the key, or the query of a URL. */
export function tidy(message: string, key: string): string {
  const line = [...new Set([key, encodeURIComponent(key)])]
    .reduce(
      (rest, secret) => (secret === "" ? rest : rest.replaceAll(secret, "[key]")),
      message.slice(0, MOST_SEARCHED),
    )
    .toWellFormed()
    .replace(/(https?:\/\/[^\s?]*)\?\S*/gi, "$1")
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim();
  const characters = Array.from(line);
  return characters.length <= MAX_LENGTH ? line : `${characters.slice(0, MAX_LENGTH - 1).join("")}…`;
}

/** A body without known words is its own; one that is nested too deeply to be written again has none. */
function shown(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch {
    return "An answer without words";
  }
}

/** Gateways in front of a service answer in HTML. */
function withoutTags(body: string): string {
  if (!body.trimStart().startsWith("<")) return body;
  return body.replace(/<(style|script)\b[^>]*>.*?<\/\1>/gis, " ").replace(/<[^>]*>/g, " ");
}
