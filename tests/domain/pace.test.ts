import { describe, expect, test } from "vitest";
import { afterChange, afterJobs, allowance, FASTEST_PACE, type Paced } from "../../src/domain/pace.ts";

/** How many jobs go within `ms`, when somebody comes whenever it is time, and there are always enough. */
function released(paced: Paced, ms: number): number {
  let jobs = 0;
  let { nextAt } = paced;
  for (let now = 0; now < ms;) {
    const { limit, waitMs } = allowance({ ...paced, nextAt }, now);
    if (limit === null) return Infinity;
    jobs += limit;
    if (limit > 0) nextAt = afterJobs({ ...paced, nextAt }, limit, now);
    now += Math.max(waitMs, 1);
  }
  return jobs;
}

describe("a pace", () => {
  test.each([1, 3, 7, 10, 99, 1_000, FASTEST_PACE])("of %d a second lets just that many go", (pace) => {
    const jobs = released({ pace, nextAt: 0 }, 20_000);
    expect(jobs).toBeGreaterThanOrEqual(pace * 20 * 0.95);
    expect(jobs).toBeLessThanOrEqual(pace * 20 + Math.max(1, pace / 4) + 1);
  });

  test("that is not set lets all go", () => {
    expect(allowance({ pace: null, nextAt: 1e15 }, 0)).toEqual({ limit: null, waitMs: 0 });
  });

  test("gives no more after an hour that nobody used", () => {
    const hour = 3_600_000;
    expect(allowance({ pace: 100, nextAt: 0 }, hour).limit).toBe(25);
    expect(afterJobs({ pace: 100, nextAt: 0 }, 25, hour)).toBe(hour);
    expect(afterJobs({ pace: 100, nextAt: hour }, 25, hour)).toBe(hour + 250);
  });

  test("keeps nobody waiting for longer than a second, whatever a clock or an earlier pace did", () => {
    expect(allowance({ pace: 1, nextAt: 1e15 }, 0)).toEqual({ limit: 0, waitMs: 1_000 });
    expect(afterJobs({ pace: 1, nextAt: 0 }, 1_000, 0)).toBe(1_000);
  });

  test("that is changed again and again lets no more go than the fastest of them", () => {
    let nextAt = 10_000;
    for (let change = 0; change < 50; change++) nextAt = afterChange({ pace: 2, nextAt }, 2, 10_000);
    expect(nextAt).toBe(10_000);
    nextAt = afterJobs({ pace: 2, nextAt }, 1, 10_000);
    for (let change = 0; change < 50; change++) nextAt = afterChange({ pace: 2, nextAt }, 2, 10_000);
    expect(allowance({ pace: 2, nextAt }, 10_000)).toEqual({ limit: 0, waitMs: 500 });
  });

  test("that becomes faster counts at once", () => {
    const nextAt = afterJobs({ pace: 1, nextAt: 0 }, 1, 0);
    expect(afterChange({ pace: 1, nextAt }, 100, 0)).toBe(10);
    expect(afterChange({ pace: 1, nextAt }, null, 0)).toBe(0);
  });
});
