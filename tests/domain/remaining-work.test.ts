import { describe, expect, test } from "vitest";
import type { Incident, Reason } from "../../src/domain/breaker.ts";
import { checkSinceStop, overrideNeeded, type ServiceCheck } from "../../src/domain/check.ts";
import { callsNeeded } from "../../src/domain/remaining-work.ts";

const NOTHING = {
  leads: { verify: 0, research: 0, write: 0, push: 0 },
  fetching: { searches: 0, reveals: 0, senders: 0 },
};
const NO_CALLS = { apollo: 0, millionverifier: 0, perplexity: 0, openai: 0, instantly: 0 };

describe("the calls that are needed", () => {
  test("are none for nothing", () => {
    expect(callsNeeded(NOTHING)).toEqual(NO_CALLS);
  });

  test.each([
    ["verify", { millionverifier: 1, perplexity: 1, openai: 1, instantly: 1 }],
    ["research", { perplexity: 1, openai: 1, instantly: 1 }],
    ["write", { openai: 1, instantly: 1 }],
    ["push", { instantly: 1 }],
  ])("of a lead at %s are that step's and those of all steps after it", (step, calls) => {
    const leads = { ...NOTHING.leads, [step]: 1 };
    expect(callsNeeded({ ...NOTHING, leads })).toEqual({ ...NO_CALLS, ...calls });
  });

  test("of searches are pages, reveals and the sender campaigns that are still to be made", () => {
    const fetching = { searches: 3, reveals: 21, senders: 2 };
    expect(callsNeeded({ ...NOTHING, fetching })).toEqual({ ...NO_CALLS, apollo: 24, instantly: 2 });
  });
});

describe("a close needs an override", () => {
  const failed: Reason = {
    source: "provider",
    provider: "openai",
    kind: "timeout",
    httpStatus: null,
    message: "m",
    jobId: null,
    campaignId: null,
  };
  const incident = (reason: Reason): Incident => ({
    id: "i",
    epoch: 1,
    openedAt: 1_000,
    openedBy: "openai",
    reason,
    followers: 0,
    closedAt: null,
    closedBy: null,
    note: null,
  });
  const check = (at: number, changes: Partial<ServiceCheck> = {}): ServiceCheck => ({
    provider: "openai",
    at,
    by: "ada",
    ok: true,
    proves: ["reachable", "key"],
    paid: false,
    costUsd: 0,
    latencyMs: 1,
    error: null,
    ...changes,
  });
  const needed = (reason: Reason, checks: ServiceCheck[]) =>
    overrideNeeded(incident(reason), checkSinceStop(incident(reason), checks));

  test("unless the failed service has answered well since it failed", () => {
    expect(needed(failed, [check(1_000)])).toBe(false);
    expect(needed(failed, [check(1_001, { ok: false })])).toBe(true);
    expect(needed(failed, [])).toBe(true);
    expect(needed(failed, [check(999)])).toBe(true);
    expect(needed(failed, [check(2_000, { provider: "apollo" })])).toBe(true);
  });

  test("never after an operator's stop", () => {
    const byHand: Reason = { source: "operator", message: "a look" };
    expect(needed(byHand, [])).toBe(false);
    expect(needed(byHand, [check(2_000, { ok: false })])).toBe(false);
  });
});
