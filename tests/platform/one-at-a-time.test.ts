import { expect, test } from "vitest";
import { oneAtATime } from "../../src/platform/one-at-a-time.ts";

/** Doubles numbers when it is let go on, refuses 13, and keeps what it was asked for at once. */
function aDoubler() {
  const batches: number[][] = [];
  let atOnce = 0;
  const double = oneAtATime(async (numbers: number[]) => {
    expect(++atOnce).toBe(1);
    batches.push(numbers);
    await new Promise((wake) => setTimeout(wake, 1));
    atOnce--;
    if (numbers.includes(13)) throw new Error("13 is refused");
    return numbers.map((number) => 2 * number);
  });
  return { double, batches };
}

test("those who ask in the same moment are asked for together, and so are those who come meanwhile", async () => {
  const { double, batches } = aDoubler();
  const first = Promise.all([1, 2].map(double));
  await Promise.resolve();
  const meanwhile = Promise.all([3, 4].map(double));
  expect(await first).toEqual([2, 4]);
  expect(await meanwhile).toEqual([6, 8]);
  expect(await double(5)).toBe(10);
  expect(batches).toEqual([[1, 2], [3, 4], [5]]);
});

test("one that fails fails alone: the others of its company are asked for by themselves", async () => {
  const { double, batches } = aDoubler();
  const asked = await Promise.allSettled([2, 13, 4].map(double));
  expect(asked.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(batches).toEqual([[2, 13, 4], [2], [13], [4]]);
  expect(await double(6)).toBe(12);
});
