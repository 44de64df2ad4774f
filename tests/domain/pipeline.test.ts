import { describe, expect, test } from "vitest";
import { VERDICTS } from "../../src/domain/lead.ts";
import { judgeAddress, LEAD_STAGES, LEAD_STEPS, type LeadStage, nextStep } from "../../src/domain/pipeline.ts";

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
    expect(judgeAddress("ok", false)).toBe("accepted");
    expect(judgeAddress("ok", true)).toBe("accepted");
  });

  test("of a domain that accepts everything goes on unless the campaign refuses it", () => {
    expect(judgeAddress("catch_all", false)).toBe("accepted");
    expect(judgeAddress("catch_all", true)).toBe("rejected");
  });

  test("that nobody could tell anything of is undecided, in every campaign", () => {
    expect(judgeAddress("unknown", false)).toBe("undecided");
    expect(judgeAddress("unknown", true)).toBe("undecided");
  });

  test.each(VERDICTS.filter((verdict) => !["ok", "catch_all", "unknown"].includes(verdict)))(
    "that is %s is rejected, in any campaign",
    (verdict) => {
      expect(judgeAddress(verdict, false)).toBe("rejected");
      expect(judgeAddress(verdict, true)).toBe("rejected");
    },
  );
});
