import { describe, expect, test } from "vitest";
import type { BreakerState, FaultReport } from "../../src/domain/breaker.ts";
import type { Answer, ServiceFault } from "../../src/domain/fault.ts";
import { nothingHeld } from "../../src/operations/line/admissions.ts";
import { createLine } from "../../src/operations/line/line.ts";
import { anAttempt, anAttemptUnder } from "./attempts.ts";

const FAULT: ServiceFault = { provider: "openai", kind: "server_error", httpStatus: 500, message: "try later" };
const ANSWERED = { outcome: "answered", value: "done", spend: { credits: 1 } } as const;

interface Floor {
  time: number;
  /** The epoch that the breaker admits under. */
  epoch: number;
  /** What the breaker answers to a report. */
  stands: BreakerState;
  reports: FaultReport[];
  looks: number;
}

function aLine(changes: Partial<Floor> = {}) {
  const floor: Floor = { time: 0, epoch: 0, stands: anOpenBreaker(), reports: [], looks: 0, ...changes };
  const line = createLine({
    standing: async (jobs) => jobs.map(({ id }) => id),
    held: nothingHeld(),
    onLate: () => {},
    timeoutMs: () => 10_000,
    breaker: {
      async admit() {
        floor.looks++;
        return { admitted: true, epoch: floor.epoch, revision: 0, paced: false, validForMs: 300 };
      },
      async trip(report) {
        floor.reports.push(report);
        return floor.stands;
      },
    },
    throttle: () => ({
      acquire: async (ids) => ({ permits: ids.map((id) => ({ id, delayMs: 0 })), retryAfterMs: 0 }),
      release: async () => {},
    }),
    now: () => floor.time,
    wait: async (ms) => (floor.time += ms),
    newId: () => "permit-1",
    coalesce: (run) => async (item) => (await run([item])).slice(0, 1).reduce((only) => only),
  });
  return { line, floor };
}

function anOpenBreaker(): BreakerState & { state: "open" } {
  return {
    state: "open",
    epoch: 5,
    incident: {
      id: "incident-1",
      epoch: 5,
      openedAt: 0,
      openedBy: "apollo",
      reason: { source: "operator", message: "maintenance" },
      followers: 0,
      closedAt: null,
      closedBy: null,
      note: null,
    },
  };
}

const fails = async (): Promise<Answer<string>> => ({ outcome: "service_fault", fault: FAULT });
const mustNotBeCalled = async (): Promise<Answer<string>> => {
  throw new Error("a call was made");
};
const HANDED_ON = { outcome: "stopped", end: { becomes: "PENDING" } };

describe("an answer", () => {
  test("is given on whole, and nobody is told of a fault", async () => {
    const { line, floor } = aLine();
    expect(await line.call(anAttempt(), "openai", async () => ANSWERED)).toEqual(ANSWERED);
    expect(floor.reports).toEqual([]);
  });

  test("that refuses this lead is the lead's own, names the service, and nobody is told of a fault", async () => {
    const { line, floor } = aLine();
    const refused = { outcome: "refused", message: "no such person" } as const;
    expect(await line.call(anAttempt(), "openai", async () => refused)).toEqual({
      outcome: "refused",
      message: "openai refused it: no such person",
    });
    expect(floor.reports).toEqual([]);
  });
});

describe("a fault", () => {
  test("trips the breaker once, with the job, its campaign and the epoch of its admission", async () => {
    const { line, floor } = aLine({ epoch: 4 });
    await line.call(anAttemptUnder(4), "openai", fails);
    expect(floor.reports).toEqual([{ fault: FAULT, epoch: 4, jobId: "job-1", campaignId: "campaign-1" }]);
  });

  test("carries the epoch under which its call began, though the breaker has changed during the call", async () => {
    const { line, floor } = aLine({ epoch: 4 });
    await line.call(anAttemptUnder(4), "openai", async () => {
      floor.time += 20_000;
      floor.epoch = 6;
      await line.stopped();
      return fails();
    });
    expect(floor.reports.map(({ epoch }) => epoch)).toEqual([4]);
  });

  test("ends the attempt, and its job waits for the resume of the stop it belongs to", async () => {
    const { line } = aLine();
    expect(await line.call(anAttempt(), "openai", fails)).toEqual(HANDED_ON);
  });

  test("from before a close hands the job to a new message", async () => {
    const { line } = aLine({ stands: { state: "closed", epoch: 6, lastIncident: null } });
    expect(await line.call(anAttempt(), "openai", fails)).toEqual(HANDED_ON);
  });

  test("is never met with a second call", async () => {
    let calls = 0;
    const { line } = aLine();
    await line.call(anAttempt(), "openai", () => {
      calls++;
      return fails();
    });
    expect(calls).toBe(1);
  });

  test("that the breaker cannot be told of is not swallowed", async () => {
    const { line, floor } = aLine();
    Object.defineProperty(floor, "stands", {
      get() {
        throw new Error("the breaker is away");
      },
    });
    await expect(line.call(anAttempt(), "openai", fails)).rejects.toThrow("the breaker is away");
  });
});

describe("an attempt", () => {
  test("whose lease may run out before the call ends makes none and hands its job on", async () => {
    const { line, floor } = aLine({ time: 50_001 });
    expect(await line.call(anAttempt({ leaseUntil: 60_000 }), "openai", mustNotBeCalled)).toEqual(HANDED_ON);
    expect(floor.reports).toEqual([]);
  });

  test("whose lease has run out makes no call", async () => {
    const { line } = aLine({ time: 70_000 });
    expect(await line.call(anAttempt({ leaseUntil: 60_000 }), "openai", mustNotBeCalled)).toEqual(HANDED_ON);
  });

  test("that has let go of its lease makes no call", async () => {
    const { line } = aLine({ time: 1 });
    expect(await line.call(anAttempt({ leaseUntil: 0 }), "openai", mustNotBeCalled)).toEqual(HANDED_ON);
  });

  test("that has worked long enough makes no call, however long its lease is", async () => {
    const { line } = aLine({ time: 600_001 });
    expect(await line.call(anAttempt({ leaseUntil: 900_000 }), "openai", mustNotBeCalled)).toEqual(HANDED_ON);
  });

  test("whose lease lasts just as long as the call may take still calls", async () => {
    const { line } = aLine({ time: 50_000 });
    expect(await line.call(anAttempt({ leaseUntil: 60_000 }), "openai", async () => ANSWERED)).toEqual(ANSWERED);
  });
});

describe("the calls of one batch", () => {
  test("are at most five at once, since the platform would hold more of them back; each that ends lets one begin", async () => {
    const { line } = aLine();
    const ends: ((answer: typeof ANSWERED) => void)[] = [];
    const begin = () => line.call(anAttempt(), "openai", () => new Promise<typeof ANSWERED>((end) => ends.push(end)));
    const calls = Array.from({ length: 6 }, begin);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(ends).toHaveLength(5);
    ends[0]?.(ANSWERED);
    await calls[0];
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(ends).toHaveLength(6);
    for (let i = 1; i < 6; i++) {
      ends[i]?.(ANSWERED);
      await calls[i];
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await Promise.all(calls)).toHaveLength(6);
  });

  test("that waited for their turn ask the breaker again before they begin", async () => {
    const { line, floor } = aLine();
    const ends: ((answer: typeof ANSWERED) => void)[] = [];
    const calls = Array.from({ length: 6 }, () =>
      line.call(anAttempt(), "openai", () => new Promise<typeof ANSWERED>((end) => ends.push(end))),
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
    const looks = floor.looks;
    floor.time += 5_000;
    for (const end of ends.splice(0)) end(ANSWERED);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(floor.looks).toBe(looks + 1);
    for (const end of ends) end(ANSWERED);
    await Promise.all(calls);
  });
});
