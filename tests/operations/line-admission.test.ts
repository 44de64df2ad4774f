import { describe, expect, test } from "vitest";
import { validityMs } from "../../src/domain/admission.ts";
import { anAttemptUnder, anAttempt } from "./attempts.ts";
import { VALID_FOR_MS, ANSWERED, aLine, noTrip } from "./line-world.ts";

const HANDED_ON = { becomes: "PENDING" };

describe("while the breaker is open", () => {
  test("no call is made, and the attempt hands its job on, to wait for the resume", async () => {
    const { line, floor, answer } = aLine({ open: true });
    expect(await line.call(anAttempt(), "openai", answer)).toEqual({ outcome: "stopped", end: HANDED_ON });
    expect(floor.calls).toBe(0);
  });

  test("the line says that it is stopped", async () => {
    expect(await aLine({ open: true }).line.stopped()).toEqual(HANDED_ON);
    expect(await aLine().line.stopped()).toBeNull();
  });

  test("a refusal is not kept: a close is seen at the next look", async () => {
    const { line, floor } = aLine({ open: true });
    await line.stopped();
    floor.open = false;
    expect(await line.stopped()).toBeNull();
  });
});

describe("a Breaker that is far away", () => {
  test.each([200, 310, 1_000, 2_000])(
    "is worked with at a round trip of %d ms, one call after the other",
    async (slowMs) => {
      const late: object[] = [];
      const { line, floor, answer } = aLine({ far: true, slowMs }, () => ({ onLate: (each) => late.push(each) }));
      expect(await line.stopped()).toBeNull();
      for (let calls = 0; calls < 3; calls++) expect(await line.call(anAttempt(), "openai", answer)).toEqual(ANSWERED);
      // The first question is asked without knowing how far it is.
      expect(late.length).toBe(slowMs >= VALID_FOR_MS ? 1 : 0);
      expect(floor.time).toBeLessThan(8 * slowMs);
    },
  );

  test("is asked as often as ever where it is near", async () => {
    const { line, floor, answer } = aLine({ far: true, slowMs: 20 });
    await line.call(anAttempt(), "openai", answer);
    await line.call(anAttempt(), "openai", answer);
    expect(floor.askedAt).toEqual([0]);
    floor.time += VALID_FOR_MS;
    await line.call(anAttempt(), "openai", answer);
    expect(floor.askedAt).toHaveLength(2);
  });
});

describe("an admission", () => {
  test.each([
    [0, 300],
    [5, 300],
    [100, 300],
    [101, 600],
    [310, 1_200],
    [1_000, 3_000],
    [1_600, 4_800],
    [1_700, 5_000],
    [600_000, 5_000],
    [-3, 300],
    [Number.NaN, 300],
    [Infinity, 5_000],
  ])("for who measures a round trip of %d ms holds %d ms", (roundTripMs, holds) => {
    expect(validityMs(roundTripMs)).toBe(holds);
  });
});

describe("a job that was queued under another epoch", () => {
  test("makes no call, and is handed on: a stop came in between, whose resume queues it again", async () => {
    const { line, floor, answer } = aLine({ epoch: 4 });
    expect(await line.call(anAttemptUnder(2), "openai", answer)).toEqual({ outcome: "stopped", end: HANDED_ON });
    expect(floor.calls).toBe(0);
    expect(await line.call(anAttemptUnder(4), "openai", answer)).toEqual(ANSWERED);
    expect(floor.calls).toBe(1);
  });

  test("makes no call either when the stop and its close come while it waits for its permit", async () => {
    const { line, floor, answer } = aLine({ epoch: 2 }, (floor) => ({
      throttle: () => ({
        async acquire(ids) {
          floor.time += VALID_FOR_MS;
          floor.epoch = 4;
          return { permits: ids.map((id) => ({ id, delayMs: 0 })), retryAfterMs: 0 };
        },
        release: async () => {},
      }),
    }));
    expect(await line.call(anAttemptUnder(2), "openai", answer)).toEqual({ outcome: "stopped", end: HANDED_ON });
    expect(floor.calls).toBe(0);
  });
});

test("the line is paced as its newest admission says", async () => {
  const { line, floor } = aLine({ paced: true });
  expect(line.isPaced()).toBe(false);
  await line.stopped();
  expect(line.isPaced()).toBe(true);
  floor.paced = false;
  floor.time = VALID_FOR_MS;
  await line.stopped();
  expect(line.isPaced()).toBe(false);
});

describe("an admission", () => {
  test("serves all calls while it holds", async () => {
    const { line, floor, answer } = aLine();
    for (let time = 0; time < VALID_FOR_MS; time += 50) {
      floor.time = time;
      await line.call(anAttempt(), "openai", answer);
    }
    expect(floor.calls).toBe(6);
    expect(floor.askedAt).toEqual([0]);
  });

  test("is asked for again when it has run out", async () => {
    const { line, floor, answer } = aLine();
    await line.call(anAttempt(), "openai", answer);
    floor.time = VALID_FOR_MS;
    await line.call(anAttempt(), "openai", answer);
    expect(floor.askedAt).toEqual([0, VALID_FOR_MS]);
  });

  test("stops the next call when the breaker has opened meanwhile", async () => {
    const { line, floor, answer } = aLine();
    await line.call(anAttempt(), "openai", answer);
    floor.open = true;
    floor.time = VALID_FOR_MS;
    expect(await line.call(anAttempt(), "openai", answer)).toEqual({ outcome: "stopped", end: HANDED_ON });
    expect(floor.calls).toBe(1);
  });

  test("is asked for once by many callers at the same time", async () => {
    const { line, floor, answer } = aLine();
    await Promise.all(Array.from({ length: 50 }, () => line.call(anAttempt(), "openai", answer)));
    expect(floor.calls).toBe(50);
    expect(floor.askedAt).toEqual([0]);
  });

  test("holds from when it was asked for, not from when it arrived", async () => {
    const { line, floor } = aLine({ slowMs: 200 });
    await line.stopped();
    floor.time = 299;
    await line.stopped();
    expect(floor.askedAt).toEqual([0]);
    floor.time = 301;
    await line.stopped();
    expect(floor.askedAt).toEqual([0, 301]);
  });

  test("that arrives after it has run out starts no call", async () => {
    const { line, floor, answer } = aLine({ slowMs: 2 * VALID_FOR_MS, opensAfterLooks: 2 });
    expect(await line.call(anAttempt(), "openai", answer)).toEqual({ outcome: "stopped", end: HANDED_ON });
    expect(floor.calls).toBe(0);
  });

  test("that runs out between the last look and the call starts no call on an answer that says open", async () => {
    for (let validForMs = 1; validForMs <= 12; validForMs++) {
      for (let opensAfterLooks = 1; opensAfterLooks <= 4; opensAfterLooks++) {
        // A clock that moves by a millisecond whenever somebody looks at it.
        const { line, floor } = aLine({ validForMs, opensAfterLooks }, (floor) => ({ now: () => ++floor.time }));
        const called = line.call(anAttempt(), "openai", async () => {
          expect(floor.open, `an answer that holds ${validForMs} ms, open after ${opensAfterLooks} looks`).toBe(false);
          return ANSWERED;
        });
        await called;
      }
    }
  });

  test("that cannot be had makes no call, and the next caller asks anew", async () => {
    let away = true;
    const { line, floor, answer } = aLine({}, () => ({
      breaker: {
        admit: async () => {
          if (away) throw new Error("storage is away");
          return { admitted: true, epoch: 0, revision: 0, paced: false, validForMs: VALID_FOR_MS };
        },
        trip: noTrip,
      },
    }));
    await expect(line.call(anAttempt(), "openai", answer)).rejects.toThrow("storage is away");
    expect(floor.calls).toBe(0);
    away = false;
    expect(await line.call(anAttempt(), "openai", answer)).toEqual(ANSWERED);
  });
});
