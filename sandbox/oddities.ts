import { positionOf } from "./people.ts";
import { fraction } from "./random.ts";

/**
 * What is odd about a model's answer for a few leads, always the same ones. The first page of a search has none of them:
 * a small campaign ends as planned, a large one meets the world.
 */
const FIRST_ODD_POSITION = 100;

function draw(what: string, subject: string): number {
  return (positionOf(subject) ?? 0) < FIRST_ODD_POSITION ? 1 : fraction(`${what}:${subject}`);
}

/** Up to which share of the leads. The last brings nothing of use. */
const RESEARCH = [
  [0.01, "fenced"],
  [0.02, "thought"],
  [0.03, "cited"],
  [0.04, "untitled"],
  [0.05, "fetched"],
  [0.055, "no_usage"],
  [0.057, "cut"],
] as const;

/** Up to which share of the leads. The last two bring no text. */
const WRITING = [
  [0.015, "commentary"],
  [0.03, "white_space"],
  [0.032, "incomplete"],
  [0.034, "no_message"],
] as const;

export function researchOddity(subject: string) {
  const drawn = draw("research", subject);
  return RESEARCH.find(([upTo]) => drawn < upTo)?.[1] ?? null;
}

export function writingOddity(subject: string) {
  const drawn = draw("writing", subject);
  return WRITING.find(([upTo]) => drawn < upTo)?.[1] ?? null;
}

/** How the ledger calls an answer that is paid for and holds no whole text, so that to ask again is no repetition. */
export function researchOutcome(subject: string): "ok" | "cut_text" {
  return researchOddity(subject) === "cut" ? "cut_text" : "ok";
}

export function writingOutcome(subject: string): "ok" | "cut_text" | "no_message" {
  switch (writingOddity(subject)) {
    case "incomplete":
      return "cut_text";
    case "no_message":
      return "no_message";
    case "commentary":
    case "white_space":
    case null:
      return "ok";
  }
}
