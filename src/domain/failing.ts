import type { Instant } from "./breaker.ts";

/** Leads of a campaign that failed one after another, all for one reason. */
export interface FailingStreak {
  /** What their errors have in common. */
  reason: string;
  count: number;
  since: Instant;
}

/** From this many on, a streak is no chance: somebody is told. Nothing stops for it. */
export const FAILING_AFTER = 20;

/** Longer than any error that is stored; what lies beyond tells nothing new. */
const READ_LENGTH = 500;
const KIND_LENGTH = 120;

/** What is quoted or stands in brackets is most often the lead's own. An apostrophe inside a word opens nothing. */
const QUOTED =
  /"[^"]*"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|`[^`]*`|‘[^’]*’|(?<!\p{L})'[^']*'(?!\p{L})|\[[^\]]*\]|\{[^}]*\}|<[^>]*>/gu;
/** Addresses, links, hosts, and whatever holds a digit: an id, a number, a time. */
const SPECIFIC_WORD = /\p{N}|@|:\/\/|\p{L}\.\p{L}/u;
/** Our own sentence says after its first colon what a service or a check said; what that explains further is of one lead. */
const EXPLANATION = /^([^:]*:[^:]*):.*$/su;

/**
 * What kind of failure an error tells of, for comparing: the error without what differs from lead to lead. It is never
 * empty. Two errors of one kind may come out as two, where a service words each freely; then the streak is not seen.
 */
export function failureKind(error: string): string {
  const words = error
    .slice(0, READ_LENGTH)
    .toWellFormed()
    .replace(/\bplaceholder\b.*$/su, "placeholder")
    .replace(QUOTED, "…")
    .split(/\s+/u)
    .map((word) => (SPECIFIC_WORD.test(word) ? "…" : word))
    .join(" ");
  const kind = Array.from(words.replace(EXPLANATION, "$1").replace(/…[\s…]+…/gu, "…"))
    .slice(0, KIND_LENGTH)
    .join("")
    .replace(/[\s.,:;…(]+$/u, "")
    .trim();
  return kind === "" ? "no reason was given" : kind;
}
