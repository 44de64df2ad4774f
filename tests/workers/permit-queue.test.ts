import { expect, test } from "vitest";
import { PermitQueue } from "../../durable-objects/throttle/permit-queue.ts";
import type { Rate } from "../../src/domain/throttle.ts";

const HOLD_MS = 60_000;
const aQueue = () => new PermitQueue({ nextAt: Date.now(), held: new Map() });
const ONE_AT_ONCE: Rate = { perSecond: 1_000, atOnce: 1 };

test("who waits for a slow call to end asks once, however long it takes, and is served in the order of coming", async () => {
  const queue = aQueue();
  const served: string[] = [];
  const asked = Array.from({ length: 6 }, async (_, n) => {
    const { permits } = await queue.acquire(ONE_AT_ONCE, HOLD_MS, [`job ${n}`]);
    served.push(...permits.map(({ id }) => id));
    // The call, which takes its time.
    await scheduler.wait(150);
    queue.release([`job ${n}`]);
  });
  await Promise.all(asked);
  expect(served).toEqual(["job 0", "job 1", "job 2", "job 3", "job 4", "job 5"]);
});

test("who gets a permit for some of what it asked for comes back to the place that it had", async () => {
  const queue = aQueue();
  const two: Rate = { perSecond: 1_000, atOnce: 2 };
  expect((await queue.acquire(two, HOLD_MS, ["a", "b", "c"])).permits.map(({ id }) => id)).toEqual(["a", "b"]);
  const later = queue.acquire(two, HOLD_MS, ["later"]);
  const again = queue.acquire(two, HOLD_MS, ["c"]);
  queue.release(["a"]);
  expect((await again).permits.map(({ id }) => id)).toEqual(["c"]);
  expect(await Promise.race([later, scheduler.wait(100)])).toBeUndefined();
  queue.release(["b"]);
  expect((await later).permits.map(({ id }) => id)).toEqual(["later"]);
});

test("a slot of a slow rate is given when it is free, without being asked for again", async () => {
  const queue = aQueue();
  const slow: Rate = { perSecond: 0.5, atOnce: 5 };
  await queue.acquire(slow, HOLD_MS, ["first"]);
  const askedAt = Date.now();
  const { permits } = await queue.acquire(slow, HOLD_MS, ["second"]);
  expect(permits).toMatchObject([{ id: "second" }]);
  // As far ahead of its slot as slots are given.
  expect(Date.now() - askedAt + (permits[0]?.delayMs ?? 0)).toBeGreaterThanOrEqual(1_900);
});
