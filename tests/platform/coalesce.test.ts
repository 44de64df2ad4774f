import { expect, test } from "vitest";
import { coalesce } from "../../src/platform/coalesce.ts";

/** Doubles numbers, and keeps what it was asked for at once. */
function aDoubler() {
  const batches: number[][] = [];
  const double = coalesce(async (numbers: number[]) => {
    batches.push(numbers);
    return numbers.map((number) => 2 * number);
  });
  return { double, batches };
}

test("what is asked for in one turn is asked for once, and each gets its own answer", async () => {
  const { double, batches } = aDoubler();
  expect(await Promise.all([double(1), double(2), double(3)])).toEqual([2, 4, 6]);
  expect(batches).toEqual([[1, 2, 3]]);
});

test("askers who come through promises of the same turn are gathered too", async () => {
  const { double, batches } = aDoubler();
  const late = Promise.resolve()
    .then(() => undefined)
    .then(() => double(2));
  expect(await Promise.all([double(1), late])).toEqual([2, 4]);
  expect(batches).toEqual([[1, 2]]);
});

test("the same item asked for twice gets two answers", async () => {
  const { double, batches } = aDoubler();
  expect(await Promise.all([double(1), double(1)])).toEqual([2, 2]);
  expect(batches).toEqual([[1, 1]]);
});

test("what is asked for in a later turn is asked for anew", async () => {
  const { double, batches } = aDoubler();
  await double(1);
  await double(2);
  expect(batches).toEqual([[1], [2]]);
});

test("what is asked for while an answer is under way does not wait for it", async () => {
  const batches: number[][] = [];
  let answerFirst = () => {};
  const ask = coalesce(async (numbers: number[]) => {
    batches.push(numbers);
    if (numbers.includes(1)) await new Promise<void>((resolve) => (answerFirst = resolve));
    return numbers;
  });
  const first = ask(1);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await ask(2)).toBe(2);
  expect(batches).toEqual([[1], [2]]);
  answerFirst();
  expect(await first).toBe(1);
});

test("an error reaches every asker of its turn, and nobody of the next", async () => {
  let broken = true;
  const ask = coalesce(async (numbers: number[]) => {
    if (broken) throw new Error("the throttle is away");
    return numbers;
  });
  const asked = await Promise.allSettled([ask(1), ask(2)]);
  expect(asked.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  broken = false;
  expect(await ask(3)).toBe(3);
});
