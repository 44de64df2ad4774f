import { describe, expect, test } from "vitest";
import { type Job, JOB_STATUSES, JOB_TYPES, PRIORITY } from "../../src/domain/job.ts";
import { explain } from "../../src/wording/explanation.ts";

function aJob(changes: Partial<Job> = {}): Job {
  return {
    id: "job-1",
    campaignId: "campaign-1",
    leadId: "lead-1",
    type: "ENRICH_LEAD",
    status: "PENDING",
    priority: 0,
    dispatch: 1,
    attempts: 0,
    leaseUntil: null,
    pauseReason: null,
    error: null,
    progress: null,
    result: null,
    createdAt: 0,
    startedAt: null,
    finishedAt: null,
    ...changes,
  };
}

const BREAKER_OPEN = true;
const BREAKER_CLOSED = false;

describe("while the breaker is closed", () => {
  test("a pending job waits for its turn", () => {
    expect(explain(aJob({ status: "PENDING" }), BREAKER_CLOSED)).toBe("It waits in the queue for its turn.");
  });

  test("a running job runs", () => {
    expect(explain(aJob({ status: "RUNNING" }), BREAKER_CLOSED)).toBe("It is running.");
  });

  test("a paused job is about to be queued again, and does not blame the breaker any more", () => {
    const text = explain(aJob({ status: "PAUSED", pauseReason: "openai failed" }), BREAKER_CLOSED);
    expect(text).toContain("waits for its turn in the resume");
    expect(text).not.toContain("openai failed");
  });
});

describe("while the breaker is open", () => {
  test("a pending job is about to be paused", () => {
    expect(explain(aJob({ status: "PENDING" }), BREAKER_OPEN)).toContain("is paused as soon as the database follows");
  });

  test("a running job keeps the call that it has made, and then pauses", () => {
    const text = explain(aJob({ status: "RUNNING" }), BREAKER_OPEN);
    expect(text).toContain("keeps the result");
    expect(text).toContain("then pauses");
  });

  test("a paused job names the breaker's reason and what will change it", () => {
    const text = explain(aJob({ status: "PAUSED", pauseReason: "openai failed (timeout)" }), BREAKER_OPEN);
    expect(text).toContain("(openai failed (timeout))");
    expect(text).toContain("closing the breaker queues it again where it stopped");
  });

  test("a paused job whose reason is missing says so", () => {
    expect(explain(aJob({ status: "PAUSED" }), BREAKER_OPEN)).toContain("no reason recorded");
  });
});

describe.each([BREAKER_OPEN, BREAKER_CLOSED])("a finished job, whatever the breaker (open: %s):", (breakerOpen) => {
  test("a completed one is finished", () => {
    expect(explain(aJob({ status: "COMPLETED" }), breakerOpen)).toBe("It is finished.");
  });

  test("a failed one names its error and the way to retry it", () => {
    const text = explain(aJob({ status: "FAILED", error: "The lead has no name." }), breakerOpen);
    expect(text).toBe("It failed: The lead has no name. It can be retried by hand.");
    expect(explain(aJob({ status: "FAILED", error: "no name" }), breakerOpen)).toContain("failed: no name. It can");
  });

  test("a failed one whose error is missing says so", () => {
    expect(explain(aJob({ status: "FAILED" }), breakerOpen)).toContain("no error recorded");
  });

  test("a cancelled one was cancelled by an operator", () => {
    expect(explain(aJob({ status: "CANCELLED" }), breakerOpen)).toBe("An operator cancelled it.");
  });
});

test("every status has a sentence under either state of the breaker", () => {
  for (const status of JOB_STATUSES) {
    for (const open of [BREAKER_OPEN, BREAKER_CLOSED]) {
      expect(explain(aJob({ status }), open)).toMatch(/^[A-Z].*\.$/);
    }
  }
});

test("the search for leads comes first and the clean-up last", () => {
  expect(JOB_TYPES.toSorted((one, other) => PRIORITY[other] - PRIORITY[one])).toEqual([
    "FETCH_LEADS",
    "ENRICH_LEAD",
    "CLEANUP_CAMPAIGN",
  ]);
});
