import { expect, test } from "vitest";
import { breaker, breakProvider, campaignEnds } from "./line.ts";
import { miscounted, rowsOf } from "./rows.ts";
import { type Breakage, expectNothingRepeated, expectStopAndResume, startNamed } from "./stops.ts";

const provider = "apollo";
const SEARCH = "/mixed_people/api_search";
const REVEAL = "/people/bulk_match";

test.each<Breakage>([
  { order: { provider, kind: "server_error", path: SEARCH }, kind: "server_error", status: 500 },
  { order: { provider, kind: "server_error", path: REVEAL }, kind: "server_error", status: 500 },
  { order: { provider, kind: "rate_limited", path: SEARCH }, kind: "rate_limited", status: 429 },
  { order: { provider, kind: "unauthorized", path: SEARCH }, kind: "unauthorized", status: 401 },
  { order: { provider, kind: "out_of_credit", path: REVEAL }, kind: "out_of_credit", status: 402 },
  { order: { provider, kind: "timeout", path: REVEAL }, kind: "timeout", status: null },
  { order: { provider, kind: "malformed", path: SEARCH }, kind: "malformed", status: 200 },
  { order: { provider, kind: "malformed", path: REVEAL }, kind: "malformed", status: 200 },
  { order: { provider, kind: "connection_reset", path: REVEAL }, kind: "unreachable", status: null },
  { order: { provider, kind: "timeout_after_effect", path: SEARCH }, kind: "timeout", status: null },
])(
  "apollo with $order.kind at $order.path stops the line; after a close nobody is revealed twice",
  async (breakage) => {
    expectNothingRepeated(await expectStopAndResume(breakage));
  },
);

test("apollo that reveals and never answers is paid again for exactly the people whose answer was lost", async () => {
  const run = await expectStopAndResume({
    order: { provider, kind: "timeout_after_effect", path: REVEAL },
    kind: "timeout",
    status: null,
  });
  const lost = run.calls.filter((each) => each.outcome === "timeout_after_effect").map((each) => each.subject);
  expect(lost).toHaveLength(3);
  expectNothingRepeated(run, lost);
});

test.each([
  { kind: "bad_lead", words: "could not be processed" },
  { kind: "address_too_long", words: "" },
] as const)(
  "apollo that refuses a campaign's filters ($kind) fails that campaign alone, with its words; the breaker stays closed",
  async ({ kind, words }) => {
    const before = await breaker();
    const start = await startNamed(`apollo ${kind}`);
    await breakProvider({ provider, kind, path: SEARCH });
    const id = await start();
    const done = await campaignEnds(id);
    expect(done).toMatchObject({
      status: "FAILED",
      error: expect.stringContaining(words),
      completed_at: null,
    });
    expect(done.failed_at).not.toBeNull();
    expect(await rowsOf(id)).toMatchObject([{ type: "FETCH_LEADS", status: "FAILED" }]);
    expect(await breaker()).toEqual(before);
    expect(await miscounted()).toEqual([]);
  },
);
