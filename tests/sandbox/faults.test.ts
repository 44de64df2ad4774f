import { describe, expect, test } from "vitest";
import { decideShow, rowsOf } from "../../sandbox/admission.ts";
import { isUsedUp, meetFaults, POSSIBLE_FAULTS, problemWith, type ActiveFault } from "../../sandbox/faults.ts";
import { LIMITS, Rates } from "../../sandbox/rates.ts";
import { SANDBOX_FAULTS } from "../../src/contract/sandbox.ts";
import { PROVIDERS } from "../../src/domain/fault.ts";

function aFault(told: Partial<ActiveFault> = {}): ActiveFault {
  return {
    id: 1,
    provider: "openai",
    kind: "server_error",
    path: null,
    after: 0,
    count: null,
    seen: 0,
    shown: 0,
    ...told,
  };
}

const CALL = { provider: "openai", path: "/v1/responses", cannotShow: [] } as const;

/** Which kinds `calls` calls in a row meet. */
function metBy(calls: number, faults: ActiveFault[]) {
  let active = faults;
  return Array.from({ length: calls }, () => {
    const { kind, counted } = meetFaults(active, CALL);
    active = active.map((fault) => counted.find(({ id }) => id === fault.id) ?? fault);
    active = active.filter((fault) => !isUsedUp(fault));
    return kind;
  });
}

describe("a fault", () => {
  test("shows at once and until cleared, unless told otherwise", () => {
    expect(metBy(3, [aFault()])).toEqual(["server_error", "server_error", "server_error"]);
  });

  test("lets `after` calls pass and then shows `count` times", () => {
    expect(metBy(5, [aFault({ after: 2, count: 2 })])).toEqual([null, null, "server_error", "server_error", null]);
  });

  test("leaves other providers, other paths and calls that cannot show it alone", () => {
    expect(meetFaults([aFault({ provider: "apollo" })], CALL)).toEqual({ kind: null, counted: [] });
    expect(meetFaults([aFault({ path: "/models" })], CALL)).toEqual({ kind: null, counted: [] });
    const check = { ...CALL, cannotShow: ["bad_lead"] as const };
    expect(meetFaults([aFault({ kind: "bad_lead" })], check)).toEqual({ kind: null, counted: [] });
  });

  test("keeps its turns while an older one shows", () => {
    const faults = [aFault({ count: 1 }), aFault({ id: 2, kind: "timeout", count: 1 })];
    expect(metBy(3, faults)).toEqual(["server_error", "timeout", null]);
  });

  test("that its provider cannot show is refused with the kinds that it can", () => {
    expect(problemWith({ provider: "apollo", kind: "error_in_200" })).toMatch(/can show server_error, rate_limited/);
    expect(problemWith({ provider: "openai", kind: "error_in_200" })).toBeNull();
  });

  test("of every kind but error_in_200 can be shown by everyone", () => {
    for (const provider of PROVIDERS) {
      const impossible = SANDBOX_FAULTS.filter((kind) => !POSSIBLE_FAULTS[provider].includes(kind));
      expect(impossible).toEqual(provider === "apollo" || provider === "instantly" ? ["error_in_200"] : []);
    }
  });
});

describe("what befalls a call", () => {
  test("a fault comes before the rate limit, and that before the provider's own refusal", () => {
    expect(decideShow({ fault: "server_error", overLimit: true, refusal: "rejected" })).toBe("server_error");
    expect(decideShow({ fault: null, overLimit: true, refusal: "rejected" })).toBe("rate_limited");
    expect(decideShow({ fault: null, overLimit: false, refusal: "rejected" })).toBe("refusal");
    expect(decideShow({ fault: null, overLimit: false, refusal: null })).toBe("answer");
  });

  test("an effect that would have been refused does not happen before the timeout", () => {
    expect(decideShow({ fault: "timeout_after_effect", overLimit: false, refusal: null })).toBe("timeout_after_effect");
    expect(decideShow({ fault: "timeout_after_effect", overLimit: false, refusal: "rejected" })).toBe("timeout");
  });

  test("only work that was done costs anything", () => {
    const entries = [
      { subject: "a", outcome: "ok", costUsd: 0.02 } as const,
      { subject: "b", outcome: "not_found", costUsd: 0 } as const,
    ];
    const nothing = { refusal: null, result: null };
    expect(rowsOf(entries, "answer", nothing)).toEqual(entries);
    expect(rowsOf(entries, "timeout_after_effect", nothing)).toEqual([
      { subject: "a", outcome: "timeout_after_effect", costUsd: 0.02 },
      { subject: "b", outcome: "not_found", costUsd: 0 },
    ]);
    expect(rowsOf(entries, "timeout", nothing).map((row) => [row.outcome, row.costUsd])).toEqual([
      ["timeout", 0],
      ["timeout", 0],
    ]);
  });
});

describe("a rate limit", () => {
  test("refuses the call after the last of its window, and forgets with the next window", () => {
    const rates = new Rates();
    const [limit] = LIMITS.millionverifier;
    const calls = Array.from({ length: limit?.calls ?? 0 }, () => rates.isOver("millionverifier", 5_500));
    expect(calls).not.toContain(true);
    expect(rates.isOver("millionverifier", 5_999)).toBe(true);
    expect(rates.isOver("millionverifier", 6_000)).toBe(false);
  });

  test("is each provider's own", () => {
    const rates = new Rates();
    for (let call = 0; call < 101; call++) rates.isOver("millionverifier", 0);
    expect(rates.isOver("instantly", 0)).toBe(false);
  });
});
