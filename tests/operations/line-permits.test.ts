import { describe, expect, test } from "vitest";
import type { Answer } from "../../src/domain/fault.ts";
import type { Grant, RateName } from "../../src/domain/throttle.ts";
import { nothingHeld } from "../../src/operations/line/admissions.ts";
import { createLine, type LinePorts } from "../../src/operations/line/line.ts";
import { coalesce } from "../../src/platform/coalesce.ts";
import { anAttempt } from "./attempts.ts";

const ANSWERED = { outcome: "answered", value: "done", spend: {} } as const;

interface Gate {
  time: number;
  open: boolean;
  /** What the throttle does next; when nothing is left, it grants at once. */
  grants: ((ids: string[]) => Grant)[];
  asked: { rate: RateName; ids: string[]; at: number }[];
  released: string[];
  beganAt: number[];
}

const atOnce = (ids: string[]): Grant => after(0)(ids);
const after = (delayMs: number) => (ids: string[]) => ({
  permits: ids.map((id) => ({ id, delayMs })),
  retryAfterMs: 0,
});
const noneFor = (retryAfterMs: number) => (): Grant => ({ permits: [], retryAfterMs });

/** A line with a stub throttle. Time moves only by waiting. */
function aLine(changes: Partial<Gate> = {}, ports: (gate: Gate) => Partial<LinePorts> = () => ({})) {
  const gate: Gate = { time: 0, open: false, grants: [], asked: [], released: [], beganAt: [], ...changes };
  let ids = 0;
  const line = createLine({
    standing: async (jobs) => jobs.map(({ id }) => id),
    held: nothingHeld(),
    onLate: () => {},
    timeoutMs: () => 10_000,
    breaker: {
      admit: async () =>
        gate.open
          ? { admitted: false, epoch: 1, reason: { source: "operator", message: "maintenance" } }
          : { admitted: true, epoch: 0, revision: 0, paced: false, validForMs: 300 },
      trip: async () => {
        throw new Error("no service failed");
      },
    },
    throttle: (rate) => ({
      async acquire(wanted) {
        gate.asked.push({ rate, ids: wanted, at: gate.time });
        return (gate.grants.shift() ?? atOnce)(wanted);
      },
      release: async (given) => {
        gate.released.push(...given);
      },
    }),
    now: () => gate.time,
    wait: async (ms) => (gate.time += ms),
    newId: () => `permit-${++ids}`,
    coalesce,
    ...ports(gate),
  });
  const answer = async (): Promise<Answer<string>> => {
    gate.beganAt.push(gate.time);
    return ANSWERED;
  };
  return { line, gate, answer };
}

const HANDED_ON = { outcome: "stopped", end: { becomes: "PENDING" } };

describe("a permit", () => {
  test("is waited for before the call begins", async () => {
    const { line, gate, answer } = aLine({ grants: [after(120)] });
    expect(await line.call(anAttempt(), "openai", answer)).toEqual(ANSWERED);
    expect(gate.beganAt).toEqual([120]);
  });

  test("that is not to be had now is asked for again, under the same id, when the throttle said", async () => {
    const { line, gate, answer } = aLine({ grants: [noneFor(40), noneFor(50), after(10)] });
    await line.call(anAttempt(), "openai", answer);
    expect(gate.asked).toEqual([
      { rate: "openai", ids: ["permit-1"], at: 0 },
      { rate: "openai", ids: ["permit-1"], at: 40 },
      { rate: "openai", ids: ["permit-1"], at: 90 },
    ]);
    expect(gate.beganAt).toEqual([100]);
  });

  test("is given back after the call", async () => {
    const { line, gate, answer } = aLine();
    await line.call(anAttempt(), "openai", answer);
    await line.settled();
    expect(gate.released).toEqual(["permit-1"]);
  });

  test("is held while the call is under way", async () => {
    const { line, gate } = aLine();
    await line.call(anAttempt(), "openai", async () => {
      await line.settled();
      expect(gate.released).toEqual([]);
      return ANSWERED;
    });
  });

  test("is given back also when the call throws", async () => {
    const { line, gate } = aLine();
    const call = line.call(anAttempt(), "openai", async () => {
      throw new Error("a bug in a client");
    });
    await expect(call).rejects.toThrow("a bug in a client");
    await line.settled();
    expect(gate.released).toEqual(["permit-1"]);
  });

  test("is given back also when the line stopped while its slot was waited for", async () => {
    const { line, gate, answer } = aLine({ grants: [after(400)] }, (gate) => ({
      wait: async (ms) => {
        gate.time += ms;
        gate.open = true;
      },
    }));
    expect(await line.call(anAttempt(), "openai", answer)).toEqual(HANDED_ON);
    await line.settled();
    expect(gate.released).toEqual(["permit-1"]);
  });

  test("that cannot be given back harms neither the call nor the batch's end", async () => {
    const { line, answer } = aLine({}, () => ({
      throttle: () => ({
        acquire: async (ids) => atOnce(ids),
        release: async () => {
          throw new Error("the throttle is away");
        },
      }),
    }));
    expect(await line.call(anAttempt(), "openai", answer)).toEqual(ANSWERED);
    await line.settled();
  });

  test("is asked of the throttle of the call's own rate", async () => {
    const { line, gate, answer } = aLine();
    await line.call(anAttempt(), "openai", answer);
    await line.call(anAttempt(), "apollo.search", answer);
    await line.call(anAttempt(), "apollo.reveal", answer);
    expect(gate.asked.map(({ rate }) => rate)).toEqual(["openai", "apollo.search", "apollo.reveal"]);
  });

  test("of one kind is not waited for by calls of another kind to the same provider", async () => {
    const { line, gate, answer } = aLine({}, (gate) => ({
      throttle: (rate) => ({
        acquire: async (ids) => after(rate === "apollo.search" ? 800 : 0)(ids),
        release: async (given) => void gate.released.push(...given),
      }),
    }));
    await line.call(anAttempt(), "apollo.reveal", answer);
    await line.call(anAttempt(), "apollo.search", answer);
    expect(gate.beganAt).toEqual([0, 800]);
  });

  test("of a kind of its own is for a call to its provider, by whose time-out and name it goes", async () => {
    const attempt = anAttempt();
    const timeouts: string[] = [];
    const { line, answer } = aLine({}, () => ({
      timeoutMs: (provider) => {
        timeouts.push(provider);
        return 10_000;
      },
    }));
    expect(await line.call(attempt, "apollo.reveal", answer)).toEqual(ANSWERED);
    expect(new Set(timeouts)).toEqual(new Set(["apollo"]));
    expect(attempt.calls).toMatchObject([{ provider: "apollo", outcome: "answered" }]);
  });
});

describe("many callers at the same time", () => {
  test("ask a provider's throttle once, and give their permits back once", async () => {
    const { line, gate, answer } = aLine();
    await Promise.all(Array.from({ length: 20 }, () => line.call(anAttempt(), "openai", answer)));
    await line.settled();
    expect(gate.asked).toHaveLength(1);
    expect(gate.asked[0]?.ids).toHaveLength(20);
    expect(gate.released).toHaveLength(20);
  });

  test("who are not all granted a permit all get one in the end", async () => {
    const first = (ids: string[]): Grant => ({ permits: atOnce(ids.slice(0, 1)).permits, retryAfterMs: 30 });
    const { line, gate, answer } = aLine({ grants: [first, first, first] });
    const called = await Promise.all(Array.from({ length: 4 }, () => line.call(anAttempt(), "openai", answer)));
    expect(called).toEqual([ANSWERED, ANSWERED, ANSWERED, ANSWERED]);
    await line.settled();
    expect(gate.released.toSorted()).toEqual(["permit-1", "permit-2", "permit-3", "permit-4"]);
  });
});

describe("waiting", () => {
  test("ends when the breaker opens, without a call", async () => {
    const { line, gate, answer } = aLine({ grants: Array.from({ length: 10 }, () => noneFor(200)) }, (gate) => ({
      wait: async (ms) => {
        gate.time += ms;
        gate.open = gate.time >= 600;
      },
    }));
    expect(await line.call(anAttempt(), "openai", answer)).toEqual(HANDED_ON);
    expect(gate.beganAt).toEqual([]);
    expect(gate.time).toBeLessThanOrEqual(1_000);
  });

  test("hands the job on when its lease is nearly over", async () => {
    const { line, gate, answer } = aLine({ grants: Array.from({ length: 100 }, () => noneFor(1_000)) });
    expect(await line.call(anAttempt({ leaseUntil: 20_000 }), "openai", answer)).toEqual(HANDED_ON);
    expect(gate.beganAt).toEqual([]);
    expect(gate.time).toBeLessThan(20_000);
  });

  test("goes on when the lease is renewed meanwhile", async () => {
    const attempt = anAttempt({ leaseUntil: 20_000 });
    const { line, gate, answer } = aLine({ grants: Array.from({ length: 30 }, () => noneFor(1_000)) }, (gate) => ({
      wait: async (ms) => {
        gate.time += ms;
        if (gate.time === 10_000) attempt.leaseUntil = 70_000;
      },
    }));
    expect(await line.call(attempt, "openai", answer)).toEqual(ANSWERED);
    expect(gate.beganAt).toEqual([30_000]);
  });
});
