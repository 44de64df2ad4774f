import { z } from "zod";

/** The longest that a text of a service is kept, in UTF-16 units; what is longer is cut when it is parsed. */
export const TEXT_LIMITS = {
  name: 200,
  title: 300,
  headline: 500,
  url: 2_000,
  email: 320,
  subresult: 100,
  summary: 4_000,
  hook: 1_000,
  sourceTitle: 300,
  /** A message that is cut here is far over what may be sent, and fails for its length. */
  subject: 1_000,
  body: 20_000,
} as const;

/** What may be kept of an id. One that is longer is no id. */
export const Identifier = z.string().min(1).max(200);

/** Cuts a text to at most `limit` UTF-16 units, never through the middle of a character. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
}

/**
 * A text that is only shown or passed on: one line, without control characters and broken ones, cut to `limit`. A value
 * of another type is as good as none: it is one person's quirk, and decides nothing.
 */
export const optionalText = (limit: number) =>
  z
    .string()
    .nullish()
    .catch(null)
    .transform((text) => {
      const line = (text ?? "")
        .toWellFormed()
        .replace(/[\p{Cc}\p{Zl}\p{Zp}\ufffd]+/gu, " ")
        .trim();
      return cut(line, limit).trim() || null;
    });

/** A number, also as a text of digits, as some services write it. */
export const numeric = z.union([
  z.number(),
  z
    .string()
    .regex(/^\s*-?\d+(\.\d+)?\s*$/)
    .transform(Number),
]);

/** Fewer items than this may all lack a field by chance. */
const ENOUGH_TO_TELL = 5;

/**
 * Names the first of `fields` that none of many items has, not even as null: then it was renamed or taken away, and its
 * absence says nothing about these items.
 */
export function missingEverywhere(items: object[], fields: readonly string[], atLeast = ENOUGH_TO_TELL): string | null {
  if (items.length < atLeast) return null;
  return fields.find((field) => items.every((item) => !(field in item))) ?? null;
}
