import { describe, expect, test } from "vitest";
import type { Reason } from "../../src/domain/breaker.ts";
import { type Proof, PROVEN, type Proven, provesFailedCall, tryOutCostUsd } from "../../src/domain/check.ts";
import { type Answer, FAULT_KINDS, type FaultKind } from "../../src/domain/fault.ts";

const failed = (kind: FaultKind): Reason => ({
  source: "provider",
  provider: "apollo",
  kind,
  httpStatus: 500,
  message: "no",
  jobId: null,
  campaignId: null,
});

describe("the failed call is proven", () => {
  const others = FAULT_KINDS.filter((kind) => kind !== "out_of_credit");

  test.each(others)("after %s by the work alone", (kind) => {
    const proving = PROVEN.filter((proven) => provesFailedCall(failed(kind), [proven]));
    expect(proving).toEqual(["work"]);
    expect(provesFailedCall(failed(kind), ["reachable", "key", "credit"])).toBe(false);
  });

  test("after used up credit by credit alone", () => {
    const proving = PROVEN.filter((proven) => provesFailedCall(failed("out_of_credit"), [proven]));
    expect(proving).toEqual(["credit"]);
  });

  test("never after an operator's stop: no call had failed", () => {
    const byHand: Reason = { source: "operator", message: "a look" };
    expect(provesFailedCall(byHand, [...PROVEN])).toBe(false);
  });
});

describe("a real call cost", () => {
  const answered = (spend: object, proves: Proven[] = [...PROVEN]): Answer<Proof> => ({
    outcome: "answered",
    value: { proves },
    spend,
  });
  const fault = (kind: FaultKind): Answer<Proof> => ({
    outcome: "service_fault",
    fault: { provider: "apollo", kind, httpStatus: null, message: "no" },
  });

  test("what the service told", () => {
    expect(tryOutCostUsd("perplexity", answered({ costUsd: 0.0061 }))).toBe(0.0061);
    expect(tryOutCostUsd("apollo", answered({ credits: 1 }))).toBe(0.02);
    expect(tryOutCostUsd("apollo", answered({ credits: 0 }))).toBe(0);
  });

  test("its price in the list where the service told nothing, and nothing where no real call was made", () => {
    expect(tryOutCostUsd("openai", answered({ inputTokens: 900 }))).toBe(0.002);
    expect(tryOutCostUsd("millionverifier", answered({}))).toBe(0.0005);
    expect(tryOutCostUsd("openai", answered({}, ["reachable", "key"]))).toBe(0);
    expect(tryOutCostUsd("instantly", answered({}))).toBe(0);
  });

  test("may be lost with an answer that never came, and is none where the service refused to work", () => {
    const costing = FAULT_KINDS.filter((kind) => tryOutCostUsd("openai", fault(kind)) > 0);
    expect(costing).toEqual(["unreachable", "timeout", "malformed"]);
    expect(tryOutCostUsd("openai", { outcome: "refused", message: "no" })).toBe(0.002);
  });
});
