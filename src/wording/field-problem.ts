import type { z } from "zod";

type Issue = z.core.$ZodRawIssue;

const KINDS: Record<string, string> = {
  string: "a text",
  int: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

const FORMATS: Record<string, string> = {
  uuid: "must be an id, as the lists show it",
  datetime: "must be a time, like 2026-11-25T12:00:00.000Z",
  url: "must be an address, like https://example.com/",
};

/** What is wrong with a field, to be read after its name: the words of all schemas, but where a schema has its own. */
export function fieldProblem(issue: Issue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "is needed";
      return `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${issue.values.length === 1 ? "" : "one of "}${issue.values.map(String).join(", ")}`;
    case "too_small":
      return tooSmall(issue);
    case "too_big":
      return tooBig(issue);
    case "invalid_format":
      return FORMATS[issue.format] ?? "is not written as it must be";
    default:
      return undefined;
  }
}

function tooSmall({ origin, minimum }: Issue & { code: "too_small" }): string {
  if (origin === "string") return minimum === 1 ? "must not be empty" : `needs at least ${minimum} characters`;
  if (origin === "array") return minimum === 1 ? "needs at least one" : `needs at least ${minimum}`;
  return `must be at least ${minimum}`;
}

function tooBig({ origin, maximum }: Issue & { code: "too_big" }): string {
  if (origin === "string") return `must not be longer than ${maximum} characters`;
  if (origin === "array") return `must not hold more than ${maximum}`;
  return `must be at most ${maximum}`;
}
