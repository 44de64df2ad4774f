import { describe, expect, test } from "vitest";
import type { Incident, Reason } from "../../src/domain/breaker.ts";
import { repeatedJob } from "../../src/domain/repeated-job.ts";

const byJob = (jobId: string | null): Reason => ({
  source: "provider",
  provider: "openai",
  kind: "malformed",
  httpStatus: 200,
  message: "no",
  jobId,
  campaignId: null,
});

/** Stops, the newest first, each by the job with this letter; "-" is a stop by hand and "?" a fault without a job. */
const stops = (jobs: string): Incident[] =>
  [...jobs].map((job, i) => ({
    id: `i${i}`,
    epoch: 2 * (jobs.length - i) - 1,
    openedAt: 1_000 * (jobs.length - i),
    openedBy: "x",
    reason: job === "-" ? { source: "operator", message: "a look" } : byJob(job === "?" ? null : job),
    followers: 0,
    closedAt: null,
    closedBy: null,
    note: null,
  }));

describe("a job that opened stop after stop", () => {
  test.each([
    ["aa", 2, 2],
    ["aaa", 3, 3],
    ["aaabb", 3, 3],
    ["aaab", 3, 3],
    ["aba", 2, 3],
    ["a-a", 2, 3],
    ["abbba", 2, 5],
    ["aaaaaaa", 7, 7],
    ["aaaaaaab", 7, 7],
    ["aaaaaaaaaaaa", 10, 10],
  ])("is named: %s", (jobs, stopped, of) => {
    expect(repeatedJob(stops(jobs))).toEqual({ jobId: "a", stops: stopped, of });
  });

  test.each([
    ["nothing has stopped the line", ""],
    ["it is its first stop", "a"],
    ["another job opened the newest", "baaa"],
    ["the newest was made by hand", "-aa"],
    ["no job is known", "??"],
    ["its last one is long ago", "abbbba"],
  ])("is not when %s", (_why, jobs) => {
    expect(repeatedJob(stops(jobs))).toBeNull();
  });
});
