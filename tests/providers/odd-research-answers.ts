import type { FaultKind } from "../../src/domain/fault.ts";
import { aModelResponse } from "./builders.ts";

// Answers of the model that researches; odd-model-answers.ts has those of the one that writes.

type Right = FaultKind | "refused" | "answered";
export type Row = [what: string, status: number, body: unknown, right: Right];

const FINDINGS = { summary: "They build engines.", hook: "A second hall." };
const researched = (...items: unknown[]) =>
  aModelResponse("", { output: [...items, ...aModelResponse(FINDINGS).output] });
export const modelError = (message: string, rest: object = {}) => ({ error: { message, ...rest } });
const whole = (answer: object) => aModelResponse(answer).output[1] as { content: object[] };
export const half = (answer: object) => ({ ...whole(answer), status: "incomplete" });

export const RESEARCH: Row[] = [
  [
    "a format that it does not take, in words about an input",
    400,
    modelError("['At body -> response_format: Input should be 'text'']"),
    "malformed",
  ],
  [
    "a setting of ours",
    400,
    modelError("max_tokens must be at least 16 for sonar.", { type: "invalid_parameter" }),
    "malformed",
  ],
  [
    "a field that it does not know",
    400,
    modelError('invalid request body: json: unknown field "x"', { type: "invalid_request", param: "x" }),
    "malformed",
  ],
  ["the input", 400, modelError("The input could not be processed", { type: "invalid_request" }), "refused"],
  [
    "items of other kinds",
    200,
    researched(null, { type: "sandbox_results", results: "4" }, { type: "mcp_call", content: "done" }),
    "answered",
  ],
  [
    "one odd source",
    200,
    researched({ type: "search_results", results: [{ url: 7 }, { url: "https://a.example" }] }),
    "answered",
  ],
  ["results that are null", 200, researched({ type: "search_results", results: null }), "answered"],
  ["a second message without content", 200, researched({ type: "message", content: null }), "answered"],
  [
    "a run that was cancelled for credit",
    200,
    aModelResponse("", { status: "cancelled", error: { message: "x", code: "insufficient_quota" } }),
    "out_of_credit",
  ],
  [
    "a page of its edge that refuses the key",
    401,
    "<html><title>401 Authorization Required</title></html>",
    "unauthorized",
  ],
  ["a page of its edge that asks for a browser", 403, "<html><title>Just a moment...</title></html>", "unauthorized"],
  [
    "a limit in the words of its own site",
    429,
    { status: "failed", error_code: "RATE_LIMITED", text: "Query rate limit exceeded." },
    "rate_limited",
  ],
  [
    "the answer in a fence, with words around it",
    200,
    aModelResponse(
      `Here is what you asked for:\n\n\`\`\`json\n${JSON.stringify(FINDINGS)}\n\`\`\`\n\nThey build engines [1].`,
    ),
    "answered",
  ],
  ["a whole run whose text is cut off", 200, aModelResponse(JSON.stringify(FINDINGS).slice(0, -12)), "refused"],
  ["a whole run that wrote nothing", 200, aModelResponse("", { output: [] }), "refused"],
  ["a hook that nobody sees", 200, aModelResponse({ ...FINDINGS, hook: "\u200b" }), "refused"],
  [
    "a failed run whose words are about the prompt",
    200,
    aModelResponse("", {
      status: "failed",
      error: { message: "Your input exceeds the context window", type: "invalid_request" },
    }),
    "refused",
  ],
  [
    "an organization that is restricted",
    403,
    modelError("Your organization has been restricted.", { type: "policy_violation" }),
    "unauthorized",
  ],
  ["half a message", 200, aModelResponse("", { output: [half(FINDINGS)] }), "refused"],
  ...[
    "Output blocked by content filtering policy",
    "The request has been blocked due to content filters.",
    "prompt is too long: 204548 tokens > 199999 maximum",
    "Input tokens exceed the configured limit of 272000 tokens.",
    "This content was flagged for possible cybersecurity risk",
  ].flatMap((message): Row[] => [
    [`what another maker's model says: ${message}`, 400, modelError(message), "refused"],
    [
      `a run that failed with: ${message}`,
      200,
      aModelResponse("", { status: "failed", error: { message } }),
      "refused",
    ],
  ]),
  [
    "a rate that is spoken of as an input",
    200,
    aModelResponse("", { status: "failed", error: { message: "Input tokens exceed the rate limit per minute" } }),
    "rate_limited",
  ],
  [
    "a control character where a letter was meant",
    200,
    aModelResponse({ ...FINDINGS, hook: "M\u001cnchen, 10\u001320 people" }),
    "refused",
  ],
  [
    "the whole answer twice in one message",
    200,
    aModelResponse("", {
      output: [{ ...whole(FINDINGS), content: [...whole(FINDINGS).content, ...whole(FINDINGS).content] }],
    }),
    "answered",
  ],
  ["a message that failed", 200, aModelResponse("", { output: [{ ...half(FINDINGS), status: "failed" }] }), "refused"],
  [
    "too long a prompt, in words of theirs",
    400,
    modelError("The total length of all messages is too long.", { type: "too_many_prompt_tokens", code: 200 }),
    "refused",
  ],
  [
    "thoughts without an end, and a guess in them",
    200,
    aModelResponse(`<think> At first ${JSON.stringify(FINDINGS)}, but that is somebody else; let me`),
    "refused",
  ],
  [
    "thoughts with a guess, and no answer after them",
    200,
    aModelResponse(`<thinking>${JSON.stringify(FINDINGS)}</thinking> I could not find them.`),
    "refused",
  ],
  [
    "a mark of thoughts in a value",
    200,
    aModelResponse({ ...FINDINGS, hook: "They write </think> by hand." }),
    "answered",
  ],
];
