import { type Happening, nameOf } from "./chance.ts";
import type { Outcome } from "./history.ts";

const TRIES = 600;

/**
 * Takes away, in ever smaller pieces, what happened in a failing history and is not needed for the same invariant to
 * fail. Returns what is left; without it, or with any of it gone, that failure was not seen.
 */
export async function shrink(
  failing: Outcome,
  live: (without: ReadonlySet<string>) => Promise<Outcome>,
): Promise<{ needed: Happening[]; without: ReadonlySet<string> }> {
  const rule = ruleOf(failing);
  let without: ReadonlySet<string> = new Set();
  let needed = failing.happened;
  let tries = 0;
  for (let size = Math.ceil(needed.length / 2); size >= 1 && tries < TRIES;) {
    let smaller = false;
    for (let at = 0; at < needed.length && tries < TRIES;) {
      const tried = new Set([...without, ...needed.slice(at, at + size).map(nameOf)]);
      tries++;
      const outcome = await live(tried);
      if (outcome.violation !== null && ruleOf(outcome) === rule) {
        without = tried;
        needed = outcome.happened;
        smaller = true;
      } else at += size;
    }
    if (size === 1 && !smaller) break;
    size = Math.max(1, Math.floor(size / 2));
  }
  return { needed, without };
}

/** Which invariant failed: what stands before the colon. */
const ruleOf = ({ violation }: Outcome): string | undefined => violation?.split(":")[0];
