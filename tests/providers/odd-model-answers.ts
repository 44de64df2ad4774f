import type { FaultKind } from "../../src/domain/fault.ts";
import { aCopy, aModelResponse } from "./builders.ts";

// Answers of the two models; odd-answers.ts has those of the other services.

type Right = FaultKind | "refused" | "answered";
export type Row = [what: string, status: number, body: unknown, right: Right];

const FINDINGS = { summary: "They build engines.", hook: "A second hall." };
const researched = (...items: unknown[]) =>
  aModelResponse("", { output: [...items, ...aModelResponse(FINDINGS).output] });
const modelError = (message: string, rest: object = {}) => ({ error: { message, ...rest } });
const whole = (answer: object) => aModelResponse(answer).output[1] as { content: object[] };
const half = (answer: object) => ({ ...whole(answer), status: "incomplete" });

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

export const WRITE: Row[] = [
  [
    "an apostrophe that came as a control character",
    200,
    aModelResponse({ subject: "It\u0019s", body: "Hi Ada" }),
    "refused",
  ],
  [
    "a text of ours that is too long",
    400,
    modelError("Invalid 'instructions': string too long", { param: "instructions", code: "string_above_max_length" }),
    "malformed",
  ],
  [
    "a text of the lead that is too long",
    400,
    modelError("Invalid 'input[0].content': string too long", {
      param: "input[0].content",
      code: "string_above_max_length",
    }),
    "refused",
  ],
  ["a NUL where a letter was meant", 200, aModelResponse({ subject: "Your caf\0e9", body: "Hi Ada" }), "refused"],
  [
    "what its safety system rejects, without a code",
    400,
    modelError("Your request was rejected as a result of our safety system."),
    "refused",
  ],
  [
    "a model that takes no text input",
    400,
    modelError("This model requires that either input content or output modality contain audio."),
    "malformed",
  ],
  [
    "a context that is too long, without a code",
    400,
    modelError("Your input exceeds the context window of this model.", { param: "input" }),
    "refused",
  ],
  [
    "a flagged prompt without a code",
    400,
    modelError("Invalid prompt: your prompt was flagged as potentially violating our usage policy", { code: null }),
    "refused",
  ],
  [
    "a request of which it says nothing",
    400,
    modelError("There was an issue with your request. Please check your inputs and try again"),
    "malformed",
  ],
  [
    "a model that the key may not use",
    403,
    modelError("Project does not have access to model", { code: "model_not_found" }),
    "malformed",
  ],
  ["no credits remaining, without a code", 429, modelError("You have no credits remaining."), "out_of_credit"],
  [
    "a usage limit of the organization",
    429,
    modelError("Limit", { code: "organization_usage_limit_exceeded" }),
    "out_of_credit",
  ],
  [
    "a setting of the whole project",
    200,
    aModelResponse("", { status: "failed", error: { message: "x", code: "data_residency_mismatch" } }),
    "malformed",
  ],
  [
    "a model whose content was none",
    500,
    modelError("The model produced invalid content. Consider modifying your prompt.", { type: "model_error" }),
    "refused",
  ],
  ["a model whose text was none", 500, modelError("the model generated invalid Unicode output"), "refused"],
  [
    "a message that its moderation blocked",
    200,
    aModelResponse("", { status: "failed", error: { message: "x", code: "moderation_blocked" } }),
    "refused",
  ],
  [
    "an organization that is suspended",
    400,
    modelError("Your organization's access to this model has been suspended for violating our usage policies."),
    "malformed",
  ],
  ["half a message", 200, aModelResponse("", { output: [half(aCopy())] }), "refused"],
  [
    "a text that ended too early, and says so beside its status",
    200,
    aModelResponse(aCopy(), { incomplete_details: { reason: "max_output_tokens" } }),
    "refused",
  ],
  [
    "an access that is limited, under a code of a policy",
    400,
    modelError("This user's access to gpt-5 has been temporarily limited for suspicious activity.", {
      code: "cyber_policy_violation",
    }),
    "unauthorized",
  ],
  [
    "a failed run of a model whose content was none",
    200,
    aModelResponse("", {
      status: "failed",
      error: { message: "The model produced invalid content.", code: "model_error" },
    }),
    "refused",
  ],
];
