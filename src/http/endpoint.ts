import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { type ErrorCode, Failure, success } from "../contract/common.ts";
import type { Role } from "../domain/role.ts";
import type { App } from "./app-env.ts";
import { requireRole } from "./authentication.ts";
import { invalidRequest } from "./errors.ts";
import { jsonBody, limitedBody } from "./request-body.ts";

/** A router whose validation failures are answered in the envelope. */
export const createRouter = () =>
  new OpenAPIHono<App>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error.issues);
    },
  });

const FAILURES: Partial<Record<ErrorCode, [status: number, text: string]>> = {
  invalid_request: [400, "`invalid_request` or `invalid_json`: `details` names each field and its problem."],
  unauthenticated: [401, "`unauthenticated`: no valid token was sent."],
  forbidden: [403, "`forbidden`: the token's role may not do this."],
  not_found: [404, "`not_found`"],
  invalid_transition: [409, "`invalid_transition`: its status does not allow this."],
  conflict: [409, "`conflict`"],
  breaker_open: [503, "`breaker_open`: `details.reason` tells why the line is stopped. Also `unavailable`."],
};

const json = <Schema extends z.ZodType>(schema: Schema) => ({ "application/json": { schema } });

/** Who may call a route, and how the reference shows it. Spread it into every route: there is no route without it. */
export const route = (role: Role, tag: string, summary: string) => ({
  tags: [tag],
  summary,
  description: `Role: ${role}.`,
  security: [{ token: [] }],
  middleware: [requireRole(role), limitedBody, jsonBody],
});

export const body = <Schema extends z.ZodType>(schema: Schema) => ({ content: json(schema), required: true as const });

/** For commands that take nothing: an absent body or `{}`. */
export const NO_BODY = body(z.strictObject({}));

/** For routes without a query: an unknown parameter is refused like an unknown field. */
export const NO_QUERY = z.strictObject({});

/** The failures that every route can meet, and these. */
export const failures = (codes: ErrorCode[] = []) =>
  Object.fromEntries(
    (["invalid_request", "unauthenticated", "forbidden", ...codes] as const).flatMap((code) => {
      const known = FAILURES[code];
      return known ? [[known[0], { description: known[1], content: json(Failure) }]] : [];
    }),
  );

/** What a route answers: the good answer, and the failures that it can meet besides those that every route can. */
export const answers = <Data extends z.ZodType, Status extends 200 | 201 | 202 = 200>(
  data: Data,
  codes: ErrorCode[] = [],
  status: Status = 200 as Status,
) =>
  ({
    ...failures(codes),
    [status]: { description: "Done.", content: json(success(data)) },
  }) as unknown as Record<
    Status,
    { description: string; content: ReturnType<typeof json<ReturnType<typeof success<Data>>>> }
  >;

/** The envelope of a good answer. */
export const good = <Data>(data: Data) => ({ status: "success" as const, data });

/** Splits the one item more that a list asked for off, and turns it into the next page's cursor. */
export function page<Row extends { id: string }>(
  rows: Row[],
  limit: number,
): { rows: Row[]; next_cursor: string | null } {
  const shown = rows.slice(0, limit);
  return { rows: shown, next_cursor: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
}
