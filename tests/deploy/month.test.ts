import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { perSecondOf, type Rate } from "../../src/domain/throttle.ts";
import { COSTS } from "../workers/costs.ts";

const toml = readFileSync(join(import.meta.dirname, "../../wrangler.toml"), "utf8");
const MONTH_S = 30 * 24 * 3_600;

/** A rate of production's wrangler.toml. */
function rateOf(name: string): Rate {
  const rates = /^PROVIDER_RATES = (.*)$/m.exec(toml)?.[1] ?? "";
  const text = new RegExp(`${name} = (\\{[^{}]*\\})`).exec(rates)?.[1] ?? "";
  return JSON.parse(text.replaceAll(/(\w+) = /g, '"$1": ')) as Rate;
}

/** Of the plan, a month: included, and what a million more costs in dollars. */
const PRICES = {
  d1Written: { included: 50e6, dollars: 1 },
  d1Read: { included: 25e9, dollars: 0.001 },
  queueOperations: { included: 1e6, dollars: 0.4 },
  objectRequests: { included: 1e6, dollars: 0.15 },
  workerRequests: { included: 10e6, dollars: 0.3 },
  gigabyteSeconds: { included: 400_000, dollars: 12.5 },
  logLines: { included: 20e6, dollars: 0.6 },
};

test("a month at the default rates costs less than $15 beside the plan", () => {
  // The slowest service decides: ten people a reveal, one research a lead.
  const leads = MONTH_S * Math.min(10 * perSecondOf(rateOf("reveal")), perSecondOf(rateOf("perplexity")));
  expect(leads).toBeGreaterThan(2_000_000);
  const looks = MONTH_S / 5;
  const objectRequests = leads * (COSTS.enrichedTen.objectRequests / 10 + 1) + looks * COSTS.look.objectRequests;
  const used: Record<keyof typeof PRICES, number> = {
    // A look is noted every ten seconds; a reveal writes its throttle's slot, which is an object's row at the same price.
    d1Written: leads * (COSTS.found.d1Written + COSTS.enrichedTen.d1Written / 10 + 0.1) + MONTH_S / 10,
    d1Read: leads * 110 + looks * COSTS.look.d1Read,
    queueOperations: leads * 3 * COSTS.found.messages,
    objectRequests,
    workerRequests: leads * 0.11 + MONTH_S / 60,
    // A request takes a few milliseconds; in one throttle somebody waits for the next slot nearly always.
    gigabyteSeconds: 0.125 * (objectRequests * 0.005 + MONTH_S * 0.8),
    // One for a request of the API or a disturbance, none for a lead.
    logLines: MONTH_S / 10,
  };
  const dollars = Object.entries(PRICES).map(([what, { included, dollars: perMillion }]) => {
    const more = Math.max(0, used[what as keyof typeof PRICES] - included);
    return [what, (more / 1e6) * perMillion] as const;
  });
  // Ten gigabytes, of which five are included; in the bucket 35 backups of it at a third of its size, ten of which are.
  const storage = 5 * 0.75 + (35 * (10 / 3) - 10) * 0.015;
  const sum = dollars.reduce((total, [, each]) => total + each, storage);
  expect(sum, JSON.stringify({ leads, dollars, storage })).toBeLessThan(15);
  expect(sum).toBeGreaterThan(1);
});
