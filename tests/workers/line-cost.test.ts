import { createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import worker from "../../src/index.ts";
import { firstMessage, foundLeads } from "./found-leads.ts";
import { call, summary } from "./line.ts";

const BATCHES = 8;
const BATCH = 10;

/** How long the Breaker says that an admission holds. */
const VALID_FOR_MS = 300;

test("batches that run side by side ask the Breaker no more often than one would", async () => {
  await call("PUT", "/sandbox/latency", { ms: 200 });
  const jobIds = await foundLeads(BATCHES * BATCH);
  let admissions = 0;
  const counting = {
    ...env,
    BREAKER: {
      getByName(name: string) {
        const breaker = env.BREAKER.getByName(name);
        return {
          admit: () => {
            admissions++;
            return breaker.admit();
          },
          trip: (report: never) => breaker.trip(report),
        };
      },
    },
  } as unknown as Env;
  const before = (await summary()).providers;
  const beganAt = Date.now();
  await Promise.all(
    Array.from({ length: BATCHES }, (_, index) => {
      const mine = jobIds.slice(index * BATCH, (index + 1) * BATCH);
      return worker.queue(createMessageBatch("andon-lead-jobs", [firstMessage(mine)]), counting);
    }),
  );
  const asked = Math.ceil((Date.now() - beganAt) / VALID_FOR_MS);
  const after = (await summary()).providers;
  const calls = Object.entries(after).reduce(
    (sum, [name, { calls: n }]) => sum + n - (before[name as keyof typeof before]?.calls ?? 0),
    0,
  );
  expect(calls).toBeGreaterThan(BATCHES * BATCH);
  // One at the beginning, and one each time that the last one has run out.
  expect(admissions).toBeLessThanOrEqual(asked + 1);
});
