import { expect, test } from "vitest";
import { type Breakage, expectLeadsFailAlone, expectNothingRepeated, expectStopAndResume } from "./stops.ts";

const provider = "instantly";
const PUSH = "/leads/add";
const MAKE = "/campaigns";

test.each<Breakage>([
  { order: { provider, kind: "server_error", path: PUSH }, kind: "server_error", status: 500 },
  { order: { provider, kind: "rate_limited", path: PUSH }, kind: "rate_limited", status: 429 },
  { order: { provider, kind: "unauthorized", path: PUSH }, kind: "unauthorized", status: 401 },
  { order: { provider, kind: "out_of_credit", path: PUSH }, kind: "out_of_credit", status: 402 },
  { order: { provider, kind: "timeout", path: PUSH }, kind: "timeout", status: null },
  { order: { provider, kind: "malformed", path: PUSH }, kind: "malformed", status: 200 },
  { order: { provider, kind: "connection_reset", path: PUSH }, kind: "unreachable", status: null },
  { order: { provider, kind: "timeout_after_effect", path: PUSH }, kind: "timeout", status: null },
  { order: { provider, kind: "server_error", path: MAKE }, kind: "server_error", status: 500 },
  { order: { provider, kind: "timeout_after_effect", path: MAKE }, kind: "timeout", status: null },
])(
  "instantly with $order.kind at $order.path stops the line; after a close the sender holds each lead once",
  async (breakage) => {
    const run = await expectStopAndResume(breakage);
    expectNothingRepeated(run);
    // One sender campaign, and in it exactly the verified leads.
    expect(run.summary.pushed).toEqual({ [run.done.instantly_campaign_id ?? ""]: run.done.progress.leads.verified });
    expect(run.done.progress.leads.pushed).toBe(run.done.progress.leads.verified);
  },
);

test("a push whose answer was lost is looked up before anything else, and not made again", async () => {
  const { calls } = await expectStopAndResume({
    order: { provider, kind: "timeout_after_effect", path: PUSH, count: 1 },
    kind: "timeout",
    status: null,
  });
  const [lost] = calls.filter((each) => each.outcome === "timeout_after_effect");
  const later = calls.filter((each) => each.subject === lost?.subject && each.seq > lost.seq);
  expect(later).toMatchObject([{ path: "/api/v2/leads/list", outcome: "ok" }]);
});

test("instantly that refuses a lead fails that lead alone: the breaker stays closed and the campaign completes", async () => {
  await expectLeadsFailAlone(provider);
});
