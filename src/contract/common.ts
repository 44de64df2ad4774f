import { z } from "zod";
import type { Instant } from "../domain/breaker.ts";

export const ERROR_CODES = [
  "invalid_request",
  "invalid_json",
  "unauthenticated",
  "forbidden",
  "not_found",
  "method_not_allowed",
  "invalid_transition",
  "conflict",
  "too_large",
  "unsupported_media_type",
  "too_many_requests",
  "breaker_open",
  "unavailable",
  "internal",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export const Failure = z.object({
  status: z.literal("error"),
  error: z.object({
    code: z.enum(ERROR_CODES),
    message: z.string(),
    details: z.unknown().optional(),
    request_id: z.string(),
  }),
});

/** The envelope of every good answer. */
export const success = <Data extends z.ZodType>(data: Data) => z.object({ status: z.literal("success"), data });

export const Id = z.uuid();
export const Time = z.iso.datetime();
export const time = (at: Instant): string => new Date(at).toISOString();
export const timeOrNull = (at: Instant | null): string | null => (at === null ? null : time(at));

export const IdParams = z.object({ id: Id });

/** A whole number in a query, written in decimal digits. */
export const wholeNumber = (min: number, max: number) =>
  z.preprocess((value) => (/^\d{1,15}$/.test(String(value)) ? Number(value) : value), z.int().min(min).max(max));

/** A cursor is the id of the last item that the page before showed. */
export const PageQuery = z.strictObject({
  limit: wholeNumber(1, 200).default(50),
  cursor: Id.optional(),
});

export const NextCursor = z.string().nullable();

/** Text that a person typed: no control characters except line ends and tabs, no blanks around it. */
export const text = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    // eslint-disable-next-line no-control-regex
    .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$/u, "must not hold control characters");
