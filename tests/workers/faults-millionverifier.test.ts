import { expect, test } from "vitest";
import { breaker, breakProvider, campaignEnds, summary } from "./line.ts";
import { miscounted } from "./rows.ts";
import {
  type Breakage,
  expectNothingRepeated,
  expectOnlyLostRepeated,
  expectStopAndResume,
  startNamed,
} from "./stops.ts";

const provider = "millionverifier";

test.each<Breakage>([
  { order: { provider, kind: "server_error" }, kind: "server_error", status: 500 },
  { order: { provider, kind: "rate_limited" }, kind: "rate_limited", status: 429 },
  { order: { provider, kind: "unauthorized" }, kind: "unauthorized", status: 200 },
  { order: { provider, kind: "out_of_credit" }, kind: "out_of_credit", status: 200 },
  { order: { provider, kind: "timeout" }, kind: "timeout", status: null },
  { order: { provider, kind: "malformed" }, kind: "malformed", status: 200 },
  { order: { provider, kind: "error_in_200" }, kind: "server_error", status: 200 },
  { order: { provider, kind: "connection_reset" }, kind: "unreachable", status: null },
])(
  "millionverifier with $order.kind stops the line; after a close nothing is called again that was answered",
  async (breakage) => {
    expectNothingRepeated(await expectStopAndResume(breakage));
  },
);

test("millionverifier that works and never answers is paid again for exactly the calls whose answers were lost", async () => {
  await expectOnlyLostRepeated({ provider });
});

test("millionverifier that calls every address invalid rejects the leads: their jobs are done, nothing costly follows", async () => {
  const before = await breaker();
  const start = await startNamed("millionverifier bad_lead");
  await breakProvider({ provider, kind: "bad_lead" });
  const done = await campaignEnds(await start());
  const { leads, jobs } = done.progress;
  expect(done.status).toBe("COMPLETED");
  expect(leads).toMatchObject({ found: 3, verified: 0, rejected: 3, researched: 0, failed: 0 });
  expect(jobs).toMatchObject({ COMPLETED: 4, FAILED: 0 });
  expect(await breaker()).toEqual(before);
  expect(await miscounted()).toEqual([]);
  const { providers } = await summary();
  expect([providers.perplexity?.calls, providers.openai?.calls]).toEqual([0, 0]);
});
