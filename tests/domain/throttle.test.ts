import { describe, expect, test } from "vitest";
import { PROVIDERS } from "../../src/domain/fault.ts";
import {
  grant,
  intervalMsOf,
  type Permits,
  perSecondOf,
  providerOf,
  type Rate,
  RATE_NAMES,
  release,
} from "../../src/domain/throttle.ts";

const HOLD_MS = 60_000;

function permits(changes: Partial<Permits> = {}): Permits {
  return { nextAt: 0, held: new Map(), ...changes };
}

function aRate(changes: Partial<Rate> = {}): Rate {
  return { perSecond: 10, atOnce: 1_000, ...changes };
}

function ids(count: number, prefix = "id"): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

describe("the rate", () => {
  test("spaces the slots evenly, the first at once", () => {
    const { permits: granted } = grant(permits(), aRate(), { ids: ids(4), now: 0, holdMs: HOLD_MS });
    expect(granted.map(({ delayMs }) => delayMs)).toEqual([0, 100, 200, 300]);
  });

  test("goes on from the last slot when more is asked at the same time", () => {
    const held = permits();
    grant(held, aRate(), { ids: ids(3, "first"), now: 0, holdMs: HOLD_MS });
    const { permits: granted } = grant(held, aRate(), { ids: ids(2, "next"), now: 0, holdMs: HOLD_MS });
    expect(granted.map(({ delayMs }) => delayMs)).toEqual([300, 400]);
  });

  test("saves up nothing while nobody calls", () => {
    const { permits: granted } = grant(permits(), aRate(), { ids: ids(3), now: 50_000, holdMs: HOLD_MS });
    expect(granted.map(({ delayMs }) => delayMs)).toEqual([0, 100, 200]);
  });

  test("grants in the order asked, each under its own id", () => {
    const { permits: granted } = grant(permits(), aRate(), { ids: ["b", "a"], now: 0, holdMs: HOLD_MS });
    expect(granted.map(({ id }) => id)).toEqual(["b", "a"]);
  });
});

describe("a rate a minute or an hour", () => {
  test.each([
    [{ perSecond: 4 }, 250],
    [{ perMinute: 48 }, 1_250],
    [{ perHour: 400 }, 9_000],
    [{ perSecond: 90, perMinute: 5_900 }, 1_000 / 90],
    [{ perSecond: 100, perMinute: 3_000 }, 20],
    [{ perSecond: 10, perMinute: 190, perHour: 400 }, 9_000],
  ])("%j is kept by the longest of its intervals", (limits, intervalMs) => {
    expect(intervalMsOf({ ...limits, atOnce: 1 })).toBeCloseTo(intervalMs, 6);
    expect(perSecondOf({ ...limits, atOnce: 1 })).toBeCloseTo(1_000 / intervalMs, 6);
  });

  const hourly: Rate = { perHour: 400, atOnce: 10 };

  test("gives no slot further ahead than the horizon, although the next one is further", () => {
    const held = permits();
    const { permits: granted, retryAfterMs } = grant(held, hourly, { ids: ids(50), now: 0, holdMs: HOLD_MS });
    expect(granted).toEqual([{ id: "id-0", delayMs: 0 }]);
    expect(retryAfterMs).toBeGreaterThanOrEqual(1_000);
    expect(grant(held, hourly, { ids: ["too early"], now: 7_999, holdMs: HOLD_MS }).permits).toEqual([]);
    const next = grant(held, hourly, { ids: ["next", "too many"], now: 8_000, holdMs: HOLD_MS });
    expect(next.permits).toEqual([{ id: "next", delayMs: 1_000 }]);
  });

  test("is used up by many who ask again when told to, each only a few times, and exceeded in no hour", () => {
    const held = permits();
    const asks = Array.from({ length: 20 }, (_, index) => ({ id: index, at: index * 137 }));
    const begins: number[] = [];
    const HOURS = 3;
    let times = 0;
    for (;;) {
      const [next] = asks.toSorted((a, b) => a.at - b.at);
      if (!next || next.at >= HOURS * 3_600_000) break;
      times++;
      const id = `ask-${times}`;
      const { permits: granted, retryAfterMs } = grant(held, hourly, { ids: [id], now: next.at, holdMs: HOLD_MS });
      begins.push(...granted.map(({ delayMs }) => next.at + delayMs));
      release(held, [id]);
      next.at += granted[0] ? granted[0].delayMs + 1 : retryAfterMs;
    }
    begins.forEach((begin, first) => {
      expect(begins.slice(first).filter((at) => at < begin + 3_600_000).length).toBeLessThanOrEqual(400);
    });
    expect(begins.length).toBeGreaterThanOrEqual(HOURS * 400 - 1);
    // Each of the twenty asks about once in five seconds.
    expect(times).toBeLessThan(20 * ((HOURS * 3_600_000) / 4_000));
  });

  test("lets nobody wait for long before he may look whether the line still runs", () => {
    const held = permits();
    const slow: Rate = { perHour: 1, atOnce: 1 };
    grant(held, slow, { ids: ["first"], now: 0, holdMs: HOLD_MS });
    const { permits: granted, retryAfterMs } = grant(held, slow, { ids: ["second"], now: 10, holdMs: HOLD_MS });
    expect(granted).toEqual([]);
    expect(retryAfterMs).toBe(5_000);
  });

  test("is not asked for every moment while as many calls are under way as may be", () => {
    const held = permits();
    const one: Rate = { perHour: 400, atOnce: 1 };
    grant(held, one, { ids: ["first"], now: 0, holdMs: HOLD_MS });
    expect(grant(held, one, { ids: ["second"], now: 10, holdMs: HOLD_MS }).retryAfterMs).toBe(5_000);
    expect(grant(held, one, { ids: ["second"], now: 8_500, holdMs: HOLD_MS }).retryAfterMs).toBeLessThanOrEqual(1_000);
  });

  test("that is raised counts from then on, whatever had been waited for", () => {
    const held = permits();
    grant(held, { perHour: 1, atOnce: 5 }, { ids: ["first"], now: 0, holdMs: HOLD_MS });
    const { retryAfterMs } = grant(held, hourly, { ids: ["next"], now: 0, holdMs: HOLD_MS });
    expect(retryAfterMs).toBe(5_000);
    expect(grant(held, hourly, { ids: ["next"], now: 9_000, holdMs: HOLD_MS }).permits).toHaveLength(1);
  });

  test("tells when to ask again in whole milliseconds, in which a clock counts", () => {
    const held = permits();
    const third: Rate = { perMinute: 190, atOnce: 50 };
    const { permits: granted, retryAfterMs } = grant(held, third, { ids: ids(50), now: 0, holdMs: HOLD_MS });
    expect(granted).toHaveLength(4);
    expect(Number.isInteger(retryAfterMs)).toBe(true);
    const again = grant(held, third, { ids: ["again"], now: retryAfterMs, holdMs: HOLD_MS });
    expect(again.permits).toHaveLength(1);
  });
});

test("each rate is of a provider, and each provider has one at least", () => {
  expect(new Set(RATE_NAMES.map(providerOf))).toEqual(new Set(PROVIDERS));
  for (const name of RATE_NAMES) expect(name.split(".")[0]).toBe(providerOf(name));
});

describe("the horizon", () => {
  test("ends what is given at about a second ahead, and says when to ask again", () => {
    const { permits: granted, retryAfterMs } = grant(permits(), aRate(), { ids: ids(50), now: 0, holdMs: HOLD_MS });
    expect(granted).toHaveLength(11);
    expect(Math.max(...granted.map(({ delayMs }) => delayMs))).toBe(1_000);
    expect(retryAfterMs).toBe(100);
  });

  test("gives a slot to who asks again when told to", () => {
    const held = permits();
    const { retryAfterMs } = grant(held, aRate(), { ids: ids(50), now: 0, holdMs: HOLD_MS });
    const later = grant(held, aRate(), { ids: ["late"], now: retryAfterMs, holdMs: HOLD_MS });
    expect(later.permits).toEqual([{ id: "late", delayMs: 1_000 }]);
  });

  test("does not starve a pace slower than a call a second", () => {
    const held = permits();
    const slow = aRate({ perSecond: 0.5 });
    let now = 0;
    const begins: number[] = [];
    for (let asked = 0; begins.length < 5 && asked < 100; asked++) {
      const { permits: granted, retryAfterMs } = grant(held, slow, { ids: [`id-${asked}`], now, holdMs: HOLD_MS });
      begins.push(...granted.map(({ delayMs }) => now + delayMs));
      now += retryAfterMs;
    }
    expect(begins).toEqual([0, 2_000, 4_000, 6_000, 8_000]);
  });
});

describe("the limit of calls at once", () => {
  const two = aRate({ perSecond: 1_000, atOnce: 2 });

  test("ends what is given, and asks to come again soon", () => {
    const { permits: granted, retryAfterMs } = grant(permits(), two, { ids: ids(5), now: 0, holdMs: HOLD_MS });
    expect(granted).toHaveLength(2);
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(1_000);
  });

  test("has room again for each permit given back", () => {
    const held = permits();
    grant(held, two, { ids: ["a", "b"], now: 0, holdMs: HOLD_MS });
    release(held, ["a"]);
    const { permits: granted } = grant(held, two, { ids: ["c", "d"], now: 10, holdMs: HOLD_MS });
    expect(granted.map(({ id }) => id)).toEqual(["c"]);
  });

  test("has room again when a permit that nobody gave back has run out, not before", () => {
    const held = permits();
    grant(held, two, { ids: ["a", "b"], now: 0, holdMs: 500 });
    expect(grant(held, two, { ids: ["c"], now: 499, holdMs: 500 }).permits).toEqual([]);
    expect(grant(held, two, { ids: ["c"], now: 501, holdMs: 500 }).permits).toEqual([{ id: "c", delayMs: 0 }]);
  });

  test("counts a permit's hold from when its call may begin", () => {
    const held = permits();
    grant(held, aRate({ perSecond: 2 }), { ids: ["a", "b"], now: 0, holdMs: 700 });
    expect([...held.held.values()]).toEqual([700, 1_200]);
  });
});

test("a permit given back twice, or never granted, is no error and makes no room twice", () => {
  const held = permits();
  const one = aRate({ perSecond: 1_000, atOnce: 1 });
  grant(held, one, { ids: ["a"], now: 0, holdMs: HOLD_MS });
  release(held, ["a", "a", "unknown"]);
  const { permits: granted } = grant(held, one, { ids: ["b", "c"], now: 10, holdMs: HOLD_MS });
  expect(granted).toHaveLength(1);
});

/** Repeatable chance: a linear congruential generator. */
function chance(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

test.each([0.5, 1, 3, 7, 10, 33.3, 100])(
  "in no second more than one slot above %s a second begins, and never too many at once",
  (perSecond) => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = chance(seed);
      const rate = aRate({ perSecond, atOnce: 1 + Math.floor(random() * 20) });
      const held = permits({ nextAt: Math.floor(random() * 500) });
      const begins: number[] = [];
      let asked = 0;
      for (let now = 0; now < 20_000; now += 1 + Math.floor(random() * 400)) {
        const wanted = ids(Math.floor(random() * 30), `ask-${asked++}`);
        const { permits: granted } = grant(held, rate, { ids: wanted, now, holdMs: 2_000 });
        expect(held.held.size).toBeLessThanOrEqual(rate.atOnce);
        begins.push(...granted.map(({ delayMs }) => now + delayMs));
        if (random() < 0.7) release(held, [...held.held.keys()].slice(0, Math.floor(random() * 10)));
      }
      expect(begins.length).toBeGreaterThan(0);
      expect(begins).toEqual(begins.toSorted((one, other) => one - other));
      begins.forEach((begin, first) => {
        const inSecond = begins.slice(first).filter((at) => at < begin + 1_000).length;
        expect(inSecond).toBeLessThanOrEqual(Math.ceil(perSecond) + 1);
      });
    }
  },
);
