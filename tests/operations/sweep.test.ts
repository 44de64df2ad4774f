import { describe, expect, test } from "vitest";
import { FIRST_KEY, type JobKey } from "../../src/domain/sweep.ts";
import type { JobStanding } from "../../src/ports/jobs.ts";
import { RESUME_SLICE } from "../../src/operations/slices.ts";
import { resumeRest, resumeSlice, type SweepPorts, UNSENT } from "../../src/operations/resume/resume.ts";
import type { KeyRange, Resume, ResumedJob, SweepStore } from "../../src/ports/resume.ts";

const KEY: JobKey = { campaignId: "c-5", jobId: "job-5" };
const EARLIER: JobKey = { campaignId: "c-2", jobId: "job-2" };
const RESUME: Resume = { epoch: 2, since: 1_000 };
const NOW = 5_000;
const ALL = { cursor: FIRST_KEY, limit: null };

/** The last of them, `late`, were made after the resume began. */
function resumedJobs(count: number, late = 0): ResumedJob[] {
  return Array.from({ length: count }, (_, index) => ({
    jobId: `job-${index}`,
    dispatch: 2,
    status: "PENDING",
    type: "ENRICH_LEAD",
    priority: 0,
    late: index >= count - late ? 1 : 0,
  }));
}

interface World {
  /** Where the slice ends; null when it is the last. */
  sliceEnd: JobKey | null;
  /** Where as many jobs as the limit says end; null when there are fewer in the slice. */
  resumableEnd: JobKey | null;
  /** Jobs that the slice, or the rest, resumes. */
  jobs: number;
  /** Of those, the last ones: they were made after the resume began. */
  late: number;
  /** Of those, jobs that are about to push. */
  written: number;
  /** Jobs whose message cannot be sent. */
  unsent: number;
  /** Of those, jobs that are taken up all the same, because their message did arrive. */
  arrived: number;
  /** Whether the sweep is still the newest when it has sent. */
  goesOn: boolean;
}

function aWorld(changes: Partial<World> = {}) {
  const world: World = {
    sliceEnd: null,
    resumableEnd: null,
    jobs: 0,
    late: 0,
    written: 0,
    unsent: 0,
    arrived: 0,
    goesOn: true,
    ...changes,
  };
  const ranges: KeyRange[] = [];
  const rests: number[] = [];
  const looks: { range: KeyRange; epoch: number; limit: number; now: number }[] = [];
  const resumes: { resume: Resume; now: number }[] = [];
  const sent: JobStanding[][] = [];
  const failed: { jobs: string[]; error: string }[] = [];
  const counted: string[][] = [];
  const resumed = (resume: Resume, now: number) => {
    resumes.push({ resume, now });
    return resumedJobs(world.jobs, world.late);
  };
  const ports: SweepPorts = {
    sweeps: {
      sliceEnd: async () => world.sliceEnd,
      async resumableEnd(range, at) {
        looks.push({ range, ...at });
        return world.resumableEnd;
      },
      async resume(range, resume, now) {
        ranges.push(range);
        return resumed(resume, now);
      },
      async resumeRest(resume, limit, now) {
        rests.push(limit);
        return resumed(resume, now);
      },
      async countWritten(jobs) {
        counted.push(jobs.map(({ jobId }) => jobId));
        return world.written;
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
    now: () => NOW,
    goesOn: () => world.goesOn,
  };
  return { ports, ranges, rests, looks, resumes, sent, failed, counted };
}

const idsOf = (jobs: JobStanding[]) => jobs.map(({ jobId }) => jobId);

describe("resuming a slice", () => {
  test("sends a message for each job that is pending again, under the close's own epoch", async () => {
    const { ports, ranges, sent, resumes } = aWorld({ sliceEnd: KEY, jobs: 3 });
    expect(await resumeSlice(ports, RESUME, ALL)).toMatchObject({ done: 3, added: 0, failed: 0, next: KEY });
    expect(ranges).toEqual([{ from: FIRST_KEY, to: KEY }]);
    expect(resumes).toEqual([{ resume: RESUME, now: NOW }]);
    expect(sent).toEqual([resumedJobs(3)]);
  });

  test("covers the keys from the cursor on, and has no next when none is after it", async () => {
    const { ports, ranges } = aWorld({ jobs: 2 });
    expect(await resumeSlice(ports, RESUME, { cursor: KEY, limit: null })).toMatchObject({ done: 2, next: null });
    expect(ranges).toEqual([{ from: KEY, to: null }]);
  });

  test("that can send everything fails nothing", async () => {
    const { ports, failed } = aWorld({ jobs: 3 });
    await resumeSlice(ports, RESUME, ALL);
    expect(failed).toEqual([]);
  });

  test("fails the jobs whose message cannot be sent, says why, and counts them apart", async () => {
    const { ports, failed } = aWorld({ jobs: 5, unsent: 2 });
    expect(await resumeSlice(ports, RESUME, ALL)).toMatchObject({ done: 3, added: 0, failed: 2, next: null });
    expect(failed).toEqual([{ jobs: ["job-0", "job-1"], error: UNSENT }]);
    expect(UNSENT).toContain("retry it by hand");
  });

  test("counts a job as done whose message arrived though its sending seemed to fail", async () => {
    const { ports } = aWorld({ jobs: 5, unsent: 2, arrived: 1 });
    expect(await resumeSlice(ports, RESUME, ALL)).toMatchObject({ done: 4, added: 0, failed: 1, next: null });
  });

  test("fails nothing when a stop cuts its sending off: those jobs are paused by the stop", async () => {
    const { ports, failed } = aWorld({ jobs: 5, unsent: 2, goesOn: false });
    expect(await resumeSlice(ports, RESUME, ALL)).toMatchObject({ done: 3, added: 0, failed: 0, next: null });
    expect(failed).toEqual([]);
  });

  test("with nothing to resume goes on to the next", async () => {
    const { ports } = aWorld({ sliceEnd: KEY });
    expect(await resumeSlice(ports, RESUME, ALL)).toEqual({ done: 0, added: 0, failed: 0, weight: 0, next: KEY });
  });

  test("counts the jobs apart that were made since it began, if their message was sent", async () => {
    const { ports } = aWorld({ jobs: 5, late: 2 });
    expect(await resumeSlice(ports, RESUME, ALL)).toMatchObject({ done: 3, added: 2, failed: 0 });
    const lost = aWorld({ jobs: 5, late: 5, unsent: 2 });
    expect(await resumeSlice(lost.ports, RESUME, ALL)).toMatchObject({ done: 0, added: 3, failed: 2 });
  });
});

describe("resuming a slice at a limit", () => {
  const limited = { cursor: FIRST_KEY, limit: 3 };

  test("ends where as many jobs end, and the next slice begins there", async () => {
    const { ports, ranges, looks } = aWorld({ sliceEnd: KEY, resumableEnd: EARLIER, jobs: 3 });
    expect(await resumeSlice(ports, RESUME, limited)).toMatchObject({ done: 3, next: EARLIER });
    expect(looks).toEqual([{ range: { from: FIRST_KEY, to: KEY }, epoch: 2, limit: 3, now: NOW }]);
    expect(ranges).toEqual([{ from: FIRST_KEY, to: EARLIER }]);
  });

  test("ends with the slice when it holds fewer", async () => {
    const { ports, ranges } = aWorld({ sliceEnd: KEY, jobs: 2 });
    expect(await resumeSlice(ports, RESUME, limited)).toMatchObject({ done: 2, next: KEY });
    expect(ranges).toEqual([{ from: FIRST_KEY, to: KEY }]);
  });

  test("is not looked for without one", async () => {
    const { ports, looks } = aWorld({ sliceEnd: KEY, resumableEnd: EARLIER, jobs: 3 });
    expect(await resumeSlice(ports, RESUME, ALL)).toMatchObject({ next: KEY });
    expect(looks).toEqual([]);
  });
});

describe("resuming the rest", () => {
  test("queues as many as the limit says, under the close's own epoch, and sends their messages", async () => {
    const { ports, rests, ranges, resumes, sent } = aWorld({ jobs: 3 });
    expect(await resumeRest(ports, RESUME, 3)).toEqual({ done: 3, added: 0, failed: 0, weight: 3 });
    expect(rests).toEqual([3]);
    expect(ranges).toEqual([]);
    expect(resumes).toEqual([{ resume: RESUME, now: NOW }]);
    expect(sent).toEqual([resumedJobs(3)]);
  });

  test.each([null, RESUME_SLICE + 1])("takes no more than a slice at once, with %s as the limit", async (limit) => {
    const { ports, rests } = aWorld({ jobs: 3 });
    await resumeRest(ports, RESUME, limit);
    expect(rests).toEqual([RESUME_SLICE]);
  });

  test("counts what the pass over all had left as done, and what was made since as added", async () => {
    const { ports } = aWorld({ jobs: 5, late: 4 });
    expect(await resumeRest(ports, RESUME, null)).toMatchObject({ done: 1, added: 4, failed: 0 });
  });

  test("fails what cannot be sent, unless a stop came in between", async () => {
    const lost = aWorld({ jobs: 3, unsent: 1 });
    expect(await resumeRest(lost.ports, RESUME, null)).toMatchObject({ done: 2, failed: 1 });
    expect(lost.failed).toEqual([{ jobs: ["job-0"], error: UNSENT }]);
    const stopped = aWorld({ jobs: 3, unsent: 1, goesOn: false });
    expect(await resumeRest(stopped.ports, RESUME, null)).toMatchObject({ done: 2, failed: 0 });
    expect(stopped.failed).toEqual([]);
  });

  test("with nothing left does nothing", async () => {
    const { ports, failed, counted } = aWorld();
    expect(await resumeRest(ports, RESUME, 3)).toEqual({ done: 0, added: 0, failed: 0, weight: 0 });
    expect(failed).toEqual([]);
    expect(counted).toEqual([]);
  });
});

describe.each([
  ["a slice", (ports: SweepPorts, limit: number | null) => resumeSlice(ports, RESUME, { cursor: FIRST_KEY, limit })],
  ["the rest", (ports: SweepPorts, limit: number | null) => resumeRest(ports, RESUME, limit)],
] as const)("the weight of %s", (_what, resume) => {
  test("counts with a limit a job twice that is about to push, and late ones like all others", async () => {
    const { ports, counted } = aWorld({ jobs: 5, late: 1, written: 2 });
    expect(await resume(ports, 5)).toMatchObject({ done: 4, added: 1, weight: 7 });
    expect(counted).toEqual([idsOf(resumedJobs(5))]);
  });

  test("is one each without a limit, and nobody looks who is about to push", async () => {
    const { ports, counted } = aWorld({ jobs: 5, written: 2 });
    expect(await resume(ports, null)).toMatchObject({ weight: 5 });
    expect(counted).toEqual([]);
  });
});
