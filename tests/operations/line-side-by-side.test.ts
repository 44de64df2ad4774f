import { expect, test } from "vitest";
import { nothingHeld } from "../../src/operations/line/admissions.ts";
import { createLine } from "../../src/operations/line/line.ts";
import { anAttempt } from "./attempts.ts";

const VALID_FOR_MS = 300;
const ANSWER_MS = 5;
const CALL_MS = 200;
const BATCHES = 8;
const BATCH = 10;
const STEPS = 4;

/** Time that jumps to the next thing that waits, when nothing else is left to do. */
function aClock() {
  let time = 0;
  const waiting: { at: number; wake: () => void }[] = [];
  const wait = (ms: number) => new Promise<void>((wake) => waiting.push({ at: time + ms, wake }));
  const until = async (done: () => boolean) => {
    while (!done()) {
      await new Promise((resolve) => setImmediate(resolve));
      waiting.sort((a, b) => b.at - a.at);
      const next = waiting.pop();
      if (!next) continue;
      time = next.at;
      next.wake();
    }
  };
  return { now: () => time, wait, until };
}

/**
 * Eight batches of ten jobs, side by side; each job makes four calls, one after the other. `dies` says whether a batch
 * hears no more when it asks the Breaker for the n-th time. Returns when the Breaker was asked, and the number of calls.
 */
async function live(dies: (nth: number) => boolean) {
  const { now, wait, until } = aClock();
  const held = nothingHeld();
  const askedAt: number[] = [];
  const nobody = {
    acquire: async (ids: string[]) => ({ permits: ids.map((id) => ({ id, delayMs: 0 })), retryAfterMs: 0 }),
  };
  let calls = 0;
  let left = BATCHES * BATCH;
  const batch = () =>
    createLine({
      standing: async (jobs) => jobs.map(({ id }) => id),
      held,
      onLate: () => {},
      now,
      wait,
      timeoutMs: () => 10_000,
      breaker: {
        async admit() {
          askedAt.push(now());
          if (dies(askedAt.length)) await new Promise(() => {});
          await wait(ANSWER_MS);
          return { admitted: true, epoch: 0, revision: 0, paced: false, validForMs: VALID_FOR_MS };
        },
        trip: async () => Promise.reject(new Error("no service failed")),
      },
      throttle: () => ({ ...nobody, release: async () => {} }),
      newId: () => "permit",
      coalesce: (run) => async (item) => (await run([item])).slice(0, 1).reduce((only) => only),
    });
  const job = async (line: ReturnType<typeof batch>) => {
    for (let step = 0; step < STEPS; step++)
      await line.call(anAttempt(), "openai", async () => {
        calls++;
        await wait(CALL_MS);
        return { outcome: "answered", value: "done", spend: {} };
      });
    left--;
  };
  for (let each = 0; each < BATCHES; each++) {
    const line = batch();
    for (let one = 0; one < BATCH; one++) void job(line);
  }
  const lost = dies(1) ? BATCH : 0;
  await until(() => left === lost);
  return { askedAt, calls };
}

test("batches that run side by side ask the Breaker less than once in ten calls", async () => {
  const { askedAt, calls } = await live(() => false);
  expect(calls).toBe(BATCHES * BATCH * STEPS);
  expect(askedAt.length * 10).toBeLessThan(calls);
  for (const [index, at] of askedAt.slice(1).entries())
    expect(at - (askedAt[index] ?? 0)).toBeGreaterThanOrEqual(VALID_FOR_MS);
});

test("a batch that dies while it asks keeps the others waiting for a moment only", async () => {
  const { askedAt, calls } = await live((nth) => nth === 1);
  expect(calls).toBe((BATCHES - 1) * BATCH * STEPS);
  expect(askedAt.slice(0, 2)).toEqual([0, 100]);
});
