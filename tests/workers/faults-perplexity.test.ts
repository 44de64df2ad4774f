import { expect, test } from "vitest";
import { breaker, breakProvider, campaignEnds, summary } from "./line.ts";
import { miscounted } from "./rows.ts";
import { type Breakage, expectNothingRepeated, expectStopAndResume, startNamed } from "./stops.ts";

const provider = "perplexity";

test.each<Breakage>([
  { order: { provider, kind: "server_error" }, kind: "server_error", status: 500 },
  { order: { provider, kind: "rate_limited" }, kind: "rate_limited", status: 429 },
  { order: { provider, kind: "unauthorized" }, kind: "unauthorized", status: 401 },
  { order: { provider, kind: "out_of_credit" }, kind: "out_of_credit", status: 401 },
  { order: { provider, kind: "timeout" }, kind: "timeout", status: null },
  { order: { provider, kind: "malformed" }, kind: "malformed", status: 200 },
  { order: { provider, kind: "error_in_200" }, kind: "server_error", status: 200 },
  { order: { provider, kind: "connection_reset" }, kind: "unreachable", status: null },
])(
  "perplexity with $order.kind stops the line; after a close nothing is called again that was answered",
  async (breakage) => {
    expectNothingRepeated(await expectStopAndResume(breakage));
  },
);

test("perplexity that works and never answers is paid again for exactly the calls whose answers were lost", async () => {
  const run = await expectStopAndResume({
    order: { provider, kind: "timeout_after_effect" },
    kind: "timeout",
    status: null,
  });
  const lost = run.calls.filter((each) => each.outcome === "timeout_after_effect").map((each) => each.subject);
  expect(lost.length).toBeGreaterThan(0);
  expectNothingRepeated(run, lost);
});

test("perplexity that refuses a lead fails that lead alone: the breaker stays closed and the campaign completes", async () => {
  const before = await breaker();
  const start = await startNamed("perplexity bad_lead");
  await breakProvider({ provider, kind: "bad_lead" });
  const done = await campaignEnds(await start());
  const { leads, jobs } = done.progress;
  expect(done.status).toBe("COMPLETED");
  expect(leads.verified).toBeGreaterThan(0);
  expect([leads.failed, leads.pushed, jobs.FAILED]).toEqual([leads.verified, 0, leads.verified]);
  expect(await breaker()).toEqual(before);
  expect(await miscounted()).toEqual([]);
  expectNothingRepeated({ summary: await summary(), calls: [] });
});
