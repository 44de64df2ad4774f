import { describe, expect, test } from "vitest";
import { FIRST_KEY, type JobKey } from "../../src/domain/sweep.ts";
import type { JobStanding } from "../../src/operations/jobs.ts";
import { pauseSlice, resumeSlice, type SweepPorts, UNSENT } from "../../src/operations/sweep.ts";
import type { KeyRange, SweepStore } from "../../src/operations/sweeps.ts";

const KEY: JobKey = { campaignId: "c-5", jobId: "job-5" };

function standings(count: number): JobStanding[] {
  return Array.from({ length: count }, (_, index) => ({
    jobId: `job-${index}`,
    dispatch: 2,
    status: "PENDING",
    type: "ENRICH_LEAD",
    priority: 0,
  }));
}

interface World {
  /** Where the slice ends; null when it is the last. */
  sliceEnd: JobKey | null;
  /** Jobs that the slice resumes, or pauses. */
  jobs: number;
  /** Jobs whose message cannot be sent. */
  unsent: number;
  /** Of those, jobs that are taken up all the same, because their message did arrive. */
  arrived: number;
  /** Whether the sweep is still the newest when it has sent. */
  goesOn: boolean;
}

function aWorld(changes: Partial<World> = {}) {
  const world: World = { sliceEnd: null, jobs: 0, unsent: 0, arrived: 0, goesOn: true, ...changes };
  const ranges: KeyRange[] = [];
  const sent: JobStanding[][] = [];
  const failed: { jobs: string[]; error: string }[] = [];
  const epochs: number[] = [];
  const reasons: string[] = [];
  const ports: SweepPorts = {
    sweeps: {
      sliceEnd: async () => world.sliceEnd,
      async pause(range, { reason }) {
        ranges.push(range);
        reasons.push(reason);
        return world.jobs;
      },
      async resume(range, epoch) {
        ranges.push(range);
        epochs.push(epoch);
        return standings(world.jobs);
      },
    } as Partial<SweepStore> as SweepStore,
    jobs: {
      async failUnsent(dispatches, error) {
        failed.push({ jobs: dispatches.map(({ jobId }) => jobId), error });
        return dispatches.length - world.arrived;
      },
    },
    queue: {
      async send(jobs) {
        sent.push(jobs);
        return jobs.slice(0, world.unsent);
      },
    },
    now: () => 0,
    goesOn: () => world.goesOn,
  };
  return { ports, ranges, sent, failed, epochs, reasons };
}

describe("pausing a slice", () => {
  test("covers the keys from the cursor to the slice's end, with the breaker's reason", async () => {
    const { ports, ranges, reasons } = aWorld({ sliceEnd: KEY, jobs: 7 });
    const paused = await pauseSlice(ports, { cursor: FIRST_KEY, epoch: 1, reason: "openai failed" });
    expect(paused).toEqual({ done: 7, next: KEY });
    expect(ranges).toEqual([{ from: FIRST_KEY, to: KEY }]);
    expect(reasons).toEqual(["openai failed"]);
  });

  test("has no next when none is after it", async () => {
    expect(await pauseSlice(aWorld({ jobs: 2 }).ports, { cursor: KEY, epoch: 1, reason: "" })).toEqual({
      done: 2,
      next: null,
    });
  });
});

describe("resuming a slice", () => {
  test("sends a message for each job that is pending again, under the close's own epoch", async () => {
    const { ports, ranges, sent, epochs } = aWorld({ sliceEnd: KEY, jobs: 3 });
    expect(await resumeSlice(ports, { cursor: FIRST_KEY, epoch: 2, limit: null })).toEqual({
      done: 3,
      failed: 0,
      next: KEY,
    });
    expect(ranges).toEqual([{ from: FIRST_KEY, to: KEY }]);
    expect(epochs).toEqual([2]);
    expect(sent).toEqual([standings(3)]);
  });

  test("that can send everything fails nothing", async () => {
    const { ports, failed } = aWorld({ jobs: 3 });
    await resumeSlice(ports, { cursor: FIRST_KEY, epoch: 2, limit: null });
    expect(failed).toEqual([]);
  });

  test("fails the jobs whose message cannot be sent, says why, and counts them apart", async () => {
    const { ports, failed } = aWorld({ jobs: 5, unsent: 2 });
    expect(await resumeSlice(ports, { cursor: FIRST_KEY, epoch: 2, limit: null })).toEqual({
      done: 3,
      failed: 2,
      next: null,
    });
    expect(failed).toEqual([{ jobs: ["job-0", "job-1"], error: UNSENT }]);
    expect(UNSENT).toContain("retry it by hand");
  });

  test("counts a job as done whose message arrived though its sending seemed to fail", async () => {
    const { ports } = aWorld({ jobs: 5, unsent: 2, arrived: 1 });
    expect(await resumeSlice(ports, { cursor: FIRST_KEY, epoch: 2, limit: null })).toEqual({
      done: 4,
      failed: 1,
      next: null,
    });
  });

  test("fails nothing when a stop cuts its sending off: those jobs are pending, and the stop pauses them", async () => {
    const { ports, failed } = aWorld({ jobs: 5, unsent: 2, goesOn: false });
    expect(await resumeSlice(ports, { cursor: FIRST_KEY, epoch: 2, limit: null })).toEqual({
      done: 3,
      failed: 0,
      next: null,
    });
    expect(failed).toEqual([]);
  });

  test("with nothing to resume goes on to the next", async () => {
    const { ports } = aWorld({ sliceEnd: KEY });
    expect(await resumeSlice(ports, { cursor: FIRST_KEY, epoch: 2, limit: null })).toEqual({
      done: 0,
      failed: 0,
      next: KEY,
    });
  });
});
