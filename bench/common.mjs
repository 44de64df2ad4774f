// What all that is measured here share.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../scripts/local.mjs";

/** Where the results go, and what a run needs on its way to them. */
export const RESULTS = join(ROOT, ".build/bench");

/** Jobs are spread over so many campaigns, each with its count. */
export const CAMPAIGNS = 10;

export const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));

/** Waits until it holds, with a look every few milliseconds. @throws after ten minutes */
export async function until(holds, everyMs = 10) {
  const endAt = Date.now() + 600_000;
  while (!(await holds())) {
    if (Date.now() > endAt) throw new Error("The bench waited for ten minutes, and it did not happen.");
    await sleep(everyMs);
  }
}

/** Of a package that the bench has installed for itself, or that `folder` has. */
export const versionOf = (name, folder = import.meta.dirname) =>
  JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8")).version;

/** The middle of some numbers, or what stands at a share of them: 0.99 for the 99th of a hundred. */
export function quantile(numbers, share = 0.5) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
