import { z } from "zod";

/** What a service says about a failure: a sentence for people, and its codes and types joined for matching. */
export interface Words {
  message: string;
  code: string;
}

const MAX_LENGTH = 300;

const text = z.string().optional().catch(undefined);
const code = z.union([z.string(), z.number()]).optional().catch(undefined);

/**
 * The error shapes of all five services, as far as each is documented: `{error: {message, type, code}}` (OpenAI,
 * Perplexity), `{error, error_code}` and `{error_message}` (Apollo), `{error, message}` (Instantly), `{error}` (MillionVerifier).
 */
const ErrorBody = z.looseObject({
  error: z
    .union([z.string(), z.looseObject({ message: text, type: text, code })])
    .optional()
    .catch(undefined),
  message: text,
  error_message: text,
  error_code: code,
});

/** Finds the service's words in the body of a failed answer, JSON or not. */
export function wordsOf(body: string): Words {
  const parsed = ErrorBody.safeParse(jsonOf(body));
  if (!parsed.success) return { message: withoutTags(body), code: "" };
  const { error, message, error_message, error_code } = parsed.data;
  const inner = typeof error === "object" ? error : {};
  const plain = typeof error === "string" ? error : undefined;
  return {
    message: inner.message || message || error_message || plain || body,
    code: [inner.code, inner.type, error_code].filter((part) => part !== undefined).join(" "),
  };
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
    .reduce((rest, secret) => (secret === "" ? rest : rest.replaceAll(secret, "[key]")), message)
    .replace(/(https?:\/\/[^\s?]*)\?\S*/gi, "$1")
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim();
  const characters = Array.from(line);
  return characters.length <= MAX_LENGTH ? line : `${characters.slice(0, MAX_LENGTH - 1).join("")}…`;
}

/** Gateways in front of a service answer in HTML. */
function withoutTags(body: string): string {
  return body.trimStart().startsWith("<") ? body.replace(/<[^>]*>/g, " ") : body;
}
