import { describe, expect, test } from "vitest";
import { decideShow, doesTheWork, rowsOf } from "../../sandbox/admission.ts";
import {
  isServiceFault,
  isUsedUp,
  meetFaults,
  POSSIBLE_FAULTS,
  problemWith,
  type ActiveFault,
} from "../../sandbox/faults.ts";
import { LIMITS, Rates } from "../../sandbox/rates.ts";
import { realisticMs } from "../../sandbox/slowness.ts";
import { SANDBOX_FAULTS } from "../../src/contract/sandbox.ts";
import { PROVIDERS, type Provider } from "../../src/domain/fault.ts";

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
    expect(problemWith({ provider: "apollo", kind: "plan_full" })).toMatch(/can show server_error, rate_limited/);
    expect(problemWith({ provider: "instantly", kind: "plan_full" })).toBeNull();
  });

  test("of each kind can be shown by somebody, and is a failure of the service unless it concerns a lead or a search", () => {
    for (const kind of SANDBOX_FAULTS) {
      expect(PROVIDERS.filter((provider) => POSSIBLE_FAULTS[provider].includes(kind))).not.toEqual([]);
    }
    const own = SANDBOX_FAULTS.filter((kind) => !isServiceFault(kind));
    expect(own.toSorted()).toEqual(
      ["bad_lead", "blocked", "known_elsewhere", "address_too_long", "cut_text", "no_message"].toSorted(),
    );
    expect(isServiceFault("rejected")).toBe(false);
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

describe("work that was of no use", () => {
  test.each(["cut_text", "no_message", "no_addresses"] as const)("is paid for when it ends in %s", (show) => {
    const entries = [{ subject: "a", outcome: "ok", costUsd: 0.02 } as const];
    expect(rowsOf(entries, show, { refusal: null, result: null })).toEqual([
      { subject: "a", outcome: show, costUsd: 0.02 },
    ]);
  });

  test.each(["missing_field", "broken_utf8", "malformed"] as const)(
    "is not done, and costs nothing, with %s",
    (show) => {
      const entries = [{ subject: "a", outcome: "ok", costUsd: 0.02 } as const];
      expect(doesTheWork(show)).toBe(false);
      expect(rowsOf(entries, show, { refusal: null, result: null })).toEqual([
        { subject: "a", outcome: show, costUsd: 0 },
      ]);
    },
  );

  test("is told lead by lead, as the sender's memory decided", () => {
    const fates = ["created", "duplicate", "known_elsewhere", "blocked", "plan_full", "invalid", "incomplete"] as const;
    const leads = fates.map((fate) =>
      fate === "created" ? { email: fate, fate, id: "l" } : { email: fate as string, fate },
    );
    const entries = fates.map((fate) => ({ subject: fate, outcome: "ok" as const, costUsd: 0 }));
    const result = { did: "add_leads" as const, leads, remaining: null };
    expect(rowsOf(entries, "answer", { refusal: null, result }).map(({ outcome }) => outcome)).toEqual([
      "ok",
      "ok",
      "known_elsewhere",
      "blocked",
      "plan_full",
      "rejected",
      "rejected",
    ]);
  });
});

describe("a rate limit", () => {
  const verify = { provider: "millionverifier", path: "/api/v3/" } as const;
  const search = { provider: "apollo", path: "/api/v1/mixed_people/api_search" } as const;
  const reveal = { provider: "apollo", path: "/api/v1/people/bulk_match" } as const;

  test("refuses the call after the last of its window, and forgets with the next window", () => {
    const rates = new Rates();
    const [limit] = LIMITS.millionverifier;
    const calls = Array.from({ length: limit?.calls ?? 0 }, () => rates.isOver(verify, 5_500));
    expect(calls).not.toContain(true);
    expect(rates.isOver(verify, 5_999)).toBe(true);
    expect(rates.isOver(verify, 6_000)).toBe(false);
  });

  test("is each provider's own", () => {
    const rates = new Rates();
    for (let call = 0; call < 101; call++) rates.isOver(verify, 0);
    expect(rates.isOver({ provider: "instantly", path: "/" }, 0)).toBe(false);
  });

  test("of Apollo is 200 searches a minute, and 1,000 reveals and other calls each", () => {
    const rates = new Rates();
    const over = (call: typeof search | typeof reveal, calls: number) =>
      Array.from({ length: calls }, () => rates.isOver(call, 0)).filter(Boolean).length;
    expect(over(search, 203)).toBe(3);
    expect(over(reveal, 1_002)).toBe(2);
    expect(rates.isOver({ provider: "apollo", path: "/api/v1/usage_stats/credit_usage_stats" }, 0)).toBe(false);
  });
});

describe("realistic answer times", () => {
  test.each<[Provider, number, number]>([
    ["apollo", 300, 1_500],
    ["millionverifier", 300, 8_000],
    ["perplexity", 4_000, 15_000],
    ["openai", 4_000, 25_000],
    ["instantly", 200, 800],
  ])("of %s lie between %d and %d ms, spread, and are the same for a subject", (provider, quickest, slowest) => {
    const all = Array.from({ length: 2_000 }, (_, n) => realisticMs(provider, `subject ${n}`));
    expect(Math.min(...all)).toBeGreaterThanOrEqual(quickest);
    expect(Math.max(...all)).toBeLessThanOrEqual(slowest);
    expect(Math.max(...all) - Math.min(...all)).toBeGreaterThan((slowest - quickest) * 0.9);
    expect(realisticMs(provider, "subject 7")).toBe(all[7]);
  });
});
