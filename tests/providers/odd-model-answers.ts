import { aCopy, aModelResponse } from "./builders.ts";
import { half, modelError, type Row } from "./odd-research-answers.ts";

// Answers of the model that writes; odd-answers.ts has those of the other services.

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
