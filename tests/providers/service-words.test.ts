import { describe, expect, test } from "vitest";
import type { FaultKind, Provider } from "../../src/domain/fault.ts";
import { aFault, PORT_CALLS, providersOn } from "./builders.ts";
import { aJson, fakeFetch } from "./fake-fetch.ts";

type Row = [provider: Provider, status: number, body: unknown, kind: FaultKind | "refused", message: string];

const anOpenAiError = (message: string, code: string, type = code) => ({ error: { message, type, code, param: null } });
const aPerplexityError = (message: string, type: string, code: number) => ({ error: { message, type, code } });

/** The services' own shapes of failure, where the status alone does not tell the kind. */
const FAILURES: Row[] = [
  [
    "apollo",
    403,
    { error: "This endpoint is not in your plan", error_code: "API_INACCESSIBLE" },
    "unauthorized",
    "This endpoint is not in your plan",
  ],
  [
    "apollo",
    403,
    { error: "Upgrade to go on", error_code: "INSUFFICIENT_CREDITS" },
    "out_of_credit",
    "Upgrade to go on",
  ],
  ["apollo", 422, { error: "You have insufficient credits." }, "out_of_credit", "You have insufficient credits."],
  ["apollo", 422, { error: "Invalid parameters", error_code: "INVALID" }, "refused", "Invalid parameters"],
  [
    "apollo",
    429,
    { error: "The maximum number of api calls allowed is 1000 times per minute." },
    "rate_limited",
    "The maximum number of api calls allowed is 1000 times per minute.",
  ],
  [
    "perplexity",
    401,
    aPerplexityError("You exceeded your current quota", "insufficient_quota", 401),
    "out_of_credit",
    "You exceeded your current quota",
  ],
  [
    "perplexity",
    401,
    aPerplexityError("Invalid API key provided", "unauthorized", 401),
    "unauthorized",
    "Invalid API key provided",
  ],
  [
    "perplexity",
    429,
    aPerplexityError("Request rate limit exceeded", "rate_limit_exceeded", 429),
    "rate_limited",
    "Request rate limit exceeded",
  ],
  ["perplexity", 400, aPerplexityError("No such model", "invalid_model", 400), "malformed", "No such model"],
  ["openai", 429, anOpenAiError("Quota", "insufficient_quota"), "out_of_credit", "Quota"],
  ["openai", 429, anOpenAiError("Balance", "credit_balance_exhausted"), "out_of_credit", "Balance"],
  ["openai", 429, anOpenAiError("Limit", "project_spend_limit_exceeded"), "out_of_credit", "Limit"],
  ["openai", 429, anOpenAiError("Hard", "billing_hard_limit_reached"), "out_of_credit", "Hard"],
  [
    "openai",
    429,
    anOpenAiError("Rate limit reached for requests", "rate_limit_exceeded", "requests"),
    "rate_limited",
    "Rate limit reached for requests",
  ],
  [
    "openai",
    400,
    anOpenAiError("Unsupported parameter", "unsupported_parameter", "invalid_request_error"),
    "malformed",
    "Unsupported parameter",
  ],
  [
    "openai",
    400,
    anOpenAiError("Invalid prompt", "invalid_prompt", "invalid_request_error"),
    "refused",
    "Invalid prompt",
  ],
  [
    "openai",
    500,
    anOpenAiError("Quota service is down", "insufficient_quota"),
    "server_error",
    "Quota service is down",
  ],
  [
    "instantly",
    402,
    { statusCode: 402, error: "Payment Required", message: "No active plan" },
    "out_of_credit",
    "No active plan",
  ],
  ["instantly", 429, { statusCode: 429, error: "Too Many Requests", message: "Slow" }, "rate_limited", "Slow"],
  [
    "instantly",
    400,
    { statusCode: 400, error: "Bad Request", message: "body/leads must be an array" },
    "malformed",
    "body/leads must be an array",
  ],
  [
    "openai",
    429,
    anOpenAiError(
      "Your account is not active, please check your billing details on our website.",
      "billing_not_active",
    ),
    "out_of_credit",
    "Your account is not active, please check your billing details on our website.",
  ],
  [
    "openai",
    400,
    {
      error: {
        message: "Not supported with this model",
        type: "invalid_request_error",
        param: "text.format",
        code: null,
      },
    },
    "malformed",
    "Not supported with this model",
  ],
  [
    "perplexity",
    429,
    aPerplexityError("Per-minute request quota exceeded, try again in 20 seconds", "rate_limit_exceeded", 429),
    "rate_limited",
    "Per-minute request quota exceeded, try again in 20 seconds",
  ],
  [
    "apollo",
    422,
    { status: "failed", error_code: "UNKNOWN_ERROR", error_message: "no implicit conversion" },
    "server_error",
    "no implicit conversion",
  ],
  ["openai", 408, { error: { message: "Request timeout" } }, "timeout", "Request timeout"],
  ["millionverifier", 429, { error: "Too many requests" }, "rate_limited", "Too many requests"],
];

const calls = FAILURES.flatMap(([provider, status, body, kind, message]) =>
  PORT_CALLS.filter((port) => port.provider === provider)
    // It asks for nothing, so that a problem with what it asks for is its good answer.
    .filter((port) => !(port.name === "perplexity.check" && kind === "malformed"))
    .map((port) => ({ ...port, status, body, kind, message })),
);

describe("the service's own words", () => {
  test.each(calls)(
    "$name calls $status $body.error $kind",
    async ({ call, provider, status, body, ofEveryone, retries, ...said }) => {
      const { fetch, sent } = fakeFetch(aJson(status, body));
      const { message } = said;
      // The service's word for its policy is about the input, whoever asks.
      const isOurs = ofEveryone && message !== "Invalid prompt";
      const kind = said.kind === "refused" && isOurs ? "malformed" : said.kind;
      const expected = kind === "refused" ? { outcome: "refused", message } : aFault(provider, kind, status, message);
      expect(await call(providersOn(fetch))).toEqual(expected);
      expect(sent).toHaveLength(retries === kind ? 2 : 1);
    },
  );
});
