import { describe, expect, test } from "vitest";
import { VERDICTS } from "../../src/domain/lead.ts";
import { accepts, LEAD_STAGES, LEAD_STEPS, type LeadStage, nextStep } from "../../src/domain/pipeline.ts";

describe("the next step", () => {
  test.each([
    ["found", "verify"],
    ["verified", "research"],
    ["researched", "write"],
    ["written", "push"],
  ] as const)("of a lead that is %s is to %s", (stage, step) => {
    expect(nextStep(stage)).toBe(step);
  });

  test.each(["reserved", "dropped", "pushed"] as const)("of a lead that is %s is none", (stage) => {
    expect(nextStep(stage)).toBeNull();
  });

  test("is each of the four steps at exactly one stage, in their order", () => {
    expect(LEAD_STAGES.map((stage: LeadStage) => nextStep(stage)).filter((step) => step !== null)).toEqual([
      ...LEAD_STEPS,
    ]);
  });
});

describe("an address", () => {
  test("that is ok goes on, in every campaign", () => {
    expect(accepts("ok", false)).toBe(true);
    expect(accepts("ok", true)).toBe(true);
  });

  test("of a domain that accepts everything goes on unless the campaign refuses it", () => {
    expect(accepts("catch_all", false)).toBe(true);
    expect(accepts("catch_all", true)).toBe(false);
  });

  test.each(VERDICTS.filter((verdict) => verdict !== "ok" && verdict !== "catch_all"))(
    "that is %s goes no further, in any campaign",
    (verdict) => {
      expect(accepts(verdict, false)).toBe(false);
      expect(accepts(verdict, true)).toBe(false);
    },
  );
});
