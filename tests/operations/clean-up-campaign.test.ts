import { describe, expect, test } from "vitest";
import { type AttemptPorts, LET_GO } from "../../src/operations/job/attempt.ts";
import { cleanUpCampaign } from "../../src/operations/campaign/clean-up.ts";
import type { JobStore } from "../../src/ports/jobs.ts";
import type { LeadStore } from "../../src/ports/leads.ts";
import type { Attempt } from "../../src/operations/line/line.ts";
import type { Providers } from "../../src/ports/providers.ts";
import { attemptAt, RUNNING_LINE } from "./attempts.ts";

const DAY_MS = 86_400_000;
const NOW = 100 * DAY_MS;
const SLICE = 2_000;
const STOPPED = { becomes: "PENDING" } as const;

interface World {
  /** Old enough jobs that the campaign has. */
  rows: number;
  /** The line stops before this slice, counted from 1. */
  stopsBefore: number;
  /** Whether the dispatch is over. */
  over: boolean;
  sliceMs: number;
}

function aWorld(changes: Partial<World> = {}) {
  const world: World = { rows: 0, stopsBefore: Infinity, over: false, sliceMs: 0, ...changes };
  const deletions: { campaignId: string; before: number; limit: number }[] = [];
  const saved: unknown[] = [];
  let time = NOW;
  const ports: AttemptPorts = {
    line: {
      ...RUNNING_LINE,
      stopped: async () => (deletions.length + 1 >= world.stopsBefore ? STOPPED : null),
      call: async () => {
        throw new Error("a clean-up calls no service");
      },
    },
    leads: {
      async deleteFinishedJobs(campaignId, before, limit) {
        deletions.push({ campaignId, before, limit });
        time += world.sliceMs;
        const gone = Math.min(world.rows, limit);
        world.rows -= gone;
        return gone;
      },
      async saveProgress(_job, progress) {
        saved.push(progress);
        return world.over ? null : "RUNNING";
      },
    } as Partial<LeadStore> as LeadStore,
    providers: {} as Providers,
    jobs: {} as JobStore,
    now: () => time,
    newId: () => "id-1",
    persist: (write) => write(),
  };
  return { ports, deletions, saved };
}

function anAttempt(progress: object = { olderThanDays: 30 }, endBy = NOW + 600_000): Attempt {
  const attempt = attemptAt({
    id: "job-1",
    campaignId: "campaign-1",
    leadId: null,
    type: "CLEANUP_CAMPAIGN",
    dispatch: 1,
    attempts: 1,
    progress: JSON.stringify(progress),
  });
  return { ...attempt, leaseUntil: NOW + 60_000, endBy };
}

describe("cleaning up a campaign", () => {
  test("deletes this campaign's jobs that finished long enough ago, and says how many", async () => {
    const { ports, deletions } = aWorld({ rows: 12 });
    expect(await cleanUpCampaign(ports, anAttempt())).toEqual({ becomes: "COMPLETED", result: { deleted: 12 } });
    expect(deletions).toEqual([{ campaignId: "campaign-1", before: NOW - 30 * DAY_MS, limit: SLICE }]);
  });

  test("with nothing to delete completes", async () => {
    expect(await cleanUpCampaign(aWorld().ports, anAttempt())).toMatchObject({ result: { deleted: 0 } });
  });

  test("goes on slice by slice, and keeps its count with each", async () => {
    const { ports, saved } = aWorld({ rows: 2 * SLICE + 5 });
    expect(await cleanUpCampaign(ports, anAttempt())).toMatchObject({ result: { deleted: 2 * SLICE + 5 } });
    expect(saved).toEqual([
      { olderThanDays: 30, deleted: SLICE },
      { olderThanDays: 30, deleted: 2 * SLICE },
    ]);
  });

  test("counts what an earlier attempt deleted", async () => {
    const { ports } = aWorld({ rows: 5 });
    const attempt = anAttempt({ olderThanDays: 30, deleted: SLICE });
    expect(await cleanUpCampaign(ports, attempt)).toMatchObject({ result: { deleted: SLICE + 5 } });
  });

  test("deletes nothing while the breaker is open", async () => {
    const { ports, deletions } = aWorld({ rows: 5, stopsBefore: 1 });
    expect(await cleanUpCampaign(ports, anAttempt())).toEqual(STOPPED);
    expect(deletions).toEqual([]);
  });

  test("stops between two slices when the breaker opens, with its count kept", async () => {
    const { ports, deletions, saved } = aWorld({ rows: 3 * SLICE, stopsBefore: 2 });
    expect(await cleanUpCampaign(ports, anAttempt())).toEqual(STOPPED);
    expect(deletions).toHaveLength(1);
    expect(saved).toEqual([{ olderThanDays: 30, deleted: SLICE }]);
  });

  test("whose dispatch is over deletes no more and lets go", async () => {
    const { ports, deletions } = aWorld({ rows: 3 * SLICE, over: true });
    expect(await cleanUpCampaign(ports, anAttempt())).toEqual(LET_GO);
    expect(deletions).toHaveLength(1);
  });

  test("that has worked long enough hands the rest to a new message", async () => {
    const { ports, deletions } = aWorld({ rows: 3 * SLICE, sliceMs: 400 });
    expect(await cleanUpCampaign(ports, anAttempt({ olderThanDays: 30 }, NOW + 700))).toEqual({ becomes: "PENDING" });
    expect(deletions).toHaveLength(2);
  });
});
