import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import type { ErrorCode, Failure } from "../contract/common.ts";
import { fieldProblem } from "../wording/field-problem.ts";
import { Misconfigured } from "../platform/config.ts";
import { describeError, log } from "../platform/log.ts";
import { createBreakerActor } from "../platform/actors.ts";
import { failureOf, reportLasting } from "../platform/failures.ts";
import type { App } from "./app-env.ts";

z.config({ customError: fieldProblem });

const STATUS = {
  invalid_request: 400,
  invalid_json: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  invalid_transition: 409,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  too_many_requests: 429,
  internal: 500,
  breaker_open: 503,
  unavailable: 503,
} as const satisfies Record<ErrorCode, number>;

/** An expected failure of a request. `message` says what to do about it. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ErrorCode;
  readonly details: unknown;

  constructor(code: ErrorCode, message: string, details?: unknown) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** The one place where errors become answers. */
export function errorResponse(error: unknown, c: Context<App>): Response {
  const { code, message, details } = toApiError(error);
  if (code === "internal" || code === "unavailable") {
    log("error", "request_failed", { ...describeError(error), request_id: c.get("requestId"), path: c.req.path });
    c.executionCtx.waitUntil(reportLasting(createBreakerActor(c.env), error));
  }
  const body: z.infer<typeof Failure> = {
    status: "error",
    error: { code, message, ...(details === undefined ? {} : { details }), request_id: c.get("requestId") },
  };
  return c.json(body, STATUS[code]);
}

function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof Misconfigured) return new ApiError("unavailable", `Andon is not configured. ${error.message}`);
  if (error instanceof HTTPException && error.status === 400) {
    return new ApiError("invalid_json", "The body is not valid JSON. Nothing was changed.");
  }
  const failure = failureOf(error);
  if (failure.kind === "lasts") return new ApiError("unavailable", failure.fault.message);
  if (failure.kind === "passes") {
    const message =
      "Andon's storage did not answer just now. Nothing that was accepted is lost; try again in a moment.";
    return new ApiError("unavailable", message);
  }
  return new ApiError(
    "internal",
    "Something went wrong inside Andon. Try again; if it goes on, report the request_id.",
  );
}

export function invalidRequest(issues: readonly z.core.$ZodIssue[]): ApiError {
  const details = issues.flatMap((issue) => {
    const path = issue.path.join(".");
    if (issue.code !== "unrecognized_keys") return [{ path, problem: issue.message }];
    return issue.keys.map((key) => ({ path: path ? `${path}.${key}` : key, problem: "is not known here" }));
  });
  return new ApiError(
    "invalid_request",
    "Some fields are not as they must be; see details. Nothing was changed.",
    details,
  );
}
