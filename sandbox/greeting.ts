import type { Brief } from "./brief.ts";
import { pick } from "./random.ts";

const DEGREE = /^(?:(?:dr|prof|dipl|ing|mag|mr|mrs|ms)\.?[\s-]+)+/i;
const NICKNAME = /\([^)]*\)|"[^"]*"|“[^”]*”/g;
/** Emoji with all that joins, tints and styles them. */
const EMOJI = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0f/gu;

/** How a person is greeted who has such a first name in a profile; null when there is nothing to greet by. */
export function callName(firstName: string | null | undefined): string | null {
  const [withoutDegrees = ""] = (firstName ?? "").replace(NICKNAME, " ").replace(EMOJI, " ").split(",");
  const name = withoutDegrees.trim().replace(DEGREE, "").replace(/\s+/g, " ").trim();
  if (name === "") return null;
  // Some are called by the first of two names.
  const [first = name, second] = name.split(" ");
  const called = second === undefined ? name : pick([name, first], `called:${name}`);
  return isShouted(called)
    ? called.toLowerCase().replace(/(?<=^|[\s'’-])\p{L}/gu, (letter) => letter.toUpperCase())
    : called;
}

export function greetingOf({ lead }: Brief): string {
  const name = callName(lead.firstName);
  return name === null ? "Hello," : `Hi ${name},`;
}

/** Only capitals, more than one: a script without capitals does not shout. */
function isShouted(name: string): boolean {
  return Array.from(name).length > 1 && name === name.toUpperCase() && name !== name.toLowerCase();
}
