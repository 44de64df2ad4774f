import { expect, test } from "vitest";
import { afterDisturbance } from "../../src/domain/own-failure.ts";

/** What follows one disturbance after another, until the job is given up. */
function disturbances(bought: boolean) {
  const waits: number[] = [];
  for (let after = afterDisturbance(0, bought); after; after = afterDisturbance(after.disturbed, bought))
    waits.push(after.waitMs);
  return waits;
}

test("a job that bought nothing is tried again for half an hour, later each time", () => {
  const waits = disturbances(false);
  expect(waits).toHaveLength(29);
  expect(waits.slice(0, 7)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
  expect(waits.toSorted((one, other) => one - other)).toEqual(waits);
});

test("one that lost what it had bought waits as long as any, and a second loss is the last", () => {
  expect(disturbances(true)).toEqual([60_000]);
});

test("losses count beside disturbances, and the second is the last", () => {
  const once = afterDisturbance(10, true);
  expect(once?.disturbed).toBe(25);
  expect(afterDisturbance(once?.disturbed ?? 0, true)).toBeNull();
});
