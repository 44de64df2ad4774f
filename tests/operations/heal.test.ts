import { describe, expect, test } from "vitest";
import { FIRST_KEY, type JobKey } from "../../src/domain/sweep.ts";
import { heal, type HealPorts } from "../../src/operations/watchdog/heal.ts";
import type { JobStanding } from "../../src/ports/jobs.ts";
import type { KeyRange, SweepStore } from "../../src/ports/resume.ts";

const NOW = 1_000_000_000;
const KEPT_MS = 4 * 24 * 60 * 60_000;
const QUIET_MS = 15_000;
/** A row is this much older than its message at the most. */
const SENDING_MS = 10_000;
const KEY: JobKey = { campaignId: "c-5", jobId: "job-5" };

interface World {
  backlog: { count: number; oldestAt: number | null } | null;
  sliceEnd: JobKey | null;
  /** Jobs whose attempt died. */
  dead: JobStanding[];
  /** Jobs whose message is lost. */
  lost: JobStanding[];
  finished: string[];
}

function aStanding(jobId: string): JobStanding {
  return { jobId, dispatch: 2, status: "PENDING", type: "ENRICH_LEAD", priority: 0 };
}

function aWorld(changes: Partial<World> = {}) {
  const world: World = {
    backlog: { count: 0, oldestAt: null },
    sliceEnd: null,
    dead: [],
    lost: [],
    finished: [],
    ...changes,
  };
  const seen = { lostBefore: [] as number[], ranges: [] as KeyRange[], sent: [] as string[], woken: [] as string[] };
  const ports: HealPorts = {
    sweeps: {
      sliceEnd: async () => world.sliceEnd,
      async takeBack(range) {
        seen.ranges.push(range);
        return world.dead;
      },
      async redispatch(range, queuedBefore) {
        seen.ranges.push(range);
        seen.lostBefore.push(queuedBefore.leads, queuedBefore.campaigns);
        return world.lost;
      },
      campaignsToComplete: async () => world.finished,
    } as Partial<SweepStore> as SweepStore,
    queue: {
      backlog: async () => ({ leads: world.backlog, campaigns: { count: 0, oldestAt: null } }),
      async send(jobs) {
        seen.sent.push(...jobs.map(({ jobId }) => jobId));
        return [];
      },
    },
    campaigns: {
      async changed(ids) {
        seen.woken.push(...ids);
      },
    },
    now: () => NOW,
    goesOn: () => true,
  };
  return { ports, seen };
}

describe("a message counts as lost", () => {
  test.each([
    ["after a quiet time, when the queue is empty", { count: 0, oldestAt: null }, NOW - QUIET_MS],
    ["after a quiet time, when all that waits is younger", { count: 3, oldestAt: NOW - 2_000 }, NOW - QUIET_MS],
    [
      "behind a backlog only when its row is older than the oldest that waits, by more than a sending takes",
      { count: 3, oldestAt: NOW - 90_000 },
      NOW - 90_000 - SENDING_MS,
    ],
    [
      "not before the queue must have dropped it, when it tells of messages and of no age",
      { count: 3, oldestAt: null },
      NOW - KEPT_MS,
    ],
    ["not before then either, when the queue tells nothing", null, NOW - KEPT_MS],
    ["then, however old a message the queue tells of", { count: 3, oldestAt: 1 }, NOW - KEPT_MS],
    ["after a quiet time, when an empty queue still tells an old time", { count: 0, oldestAt: 5 }, NOW - QUIET_MS],
  ] as const)("%s", async (_when, backlog, lostBefore) => {
    const { ports, seen } = aWorld({ backlog });
    await heal(ports, FIRST_KEY);
    // A search never waits behind leads, so neither does the search for its message.
    expect(seen.lostBefore).toEqual([lostBefore, NOW - QUIET_MS]);
  });
});

describe("a pass of the watchdog", () => {
  test("sends again what it took back and what lost its message, and counts both", async () => {
    const { ports, seen } = aWorld({ dead: [aStanding("dead-1")], lost: [aStanding("lost-1"), aStanding("lost-2")] });
    expect(await heal(ports, FIRST_KEY)).toMatchObject({ takenBack: 1, redispatched: 2, campaigns: 0 });
    expect(seen.sent).toEqual(["dead-1", "lost-1", "lost-2"]);
  });

  test("wakes the campaigns whose last job is done", async () => {
    const { ports, seen } = aWorld({ finished: ["c-1", "c-2"] });
    expect(await heal(ports, FIRST_KEY)).toMatchObject({ campaigns: 2 });
    expect(seen.woken).toEqual(["c-1", "c-2"]);
  });

  test("looks at one slice, and names where the next pass goes on", async () => {
    const { ports, seen } = aWorld({ sliceEnd: KEY });
    expect((await heal(ports, FIRST_KEY)).cursor).toEqual(KEY);
    expect(seen.ranges).toEqual([
      { from: FIRST_KEY, to: KEY },
      { from: FIRST_KEY, to: KEY },
    ]);
  });

  test("over the last slice begins again at the first", async () => {
    const { ports, seen } = aWorld({ sliceEnd: null });
    expect((await heal(ports, KEY)).cursor).toEqual(FIRST_KEY);
    expect(seen.ranges[0]).toEqual({ from: KEY, to: null });
  });
});
