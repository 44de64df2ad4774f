import { describe, expect, test } from "vitest";
import type { Answer } from "../../src/domain/fault.ts";
import type { Dispatch, JobStatus } from "../../src/domain/job.ts";
import { LET_GO } from "../../src/operations/job/attempt.ts";
import { fetchLeads, type FetchPorts } from "../../src/operations/lead/fetch.ts";
import type { ClaimedJob, JobStanding, JobStore } from "../../src/ports/jobs.ts";
import type { FetchProgress, FetchWork, LeadStore } from "../../src/ports/leads.ts";
import type { Attempt } from "../../src/operations/line/line.ts";
import { createJobQueue, type Queues } from "../../src/platform/job-queue.ts";
import type { Providers } from "../../src/ports/providers.ts";
import { attemptAt, RUNNING_LINE } from "./attempts.ts";

const STOPPED = { becomes: "PENDING" } as const;
const REFUSED = { outcome: "refused", message: "not this search" } as const;

function answered<T>(value: T, credits = 0): Answer<T> {
  return { outcome: "answered", value, spend: { credits } };
}

interface World {
  work: FetchWork | null;
  searching: Answer<{ people: { personId: string; hasEmail: boolean }[]; totalEntries: number }>;
  /** The line stops before this call, counted from 1. */
  stopsBefore: number;
  jobsBecome: JobStatus;
  /** What its own job's row says after each write. */
  status: JobStatus;
  /** From this write on the dispatch is over. */
  overAt: number;
}

/** Everybody has an address, and no campaign has anybody yet. */
function aWorld(changes: Partial<World> = {}) {
  const people = ["a", "b", "c", "d"].map((personId) => ({ personId, hasEmail: true }));
  const world: World = {
    work: aSearch(),
    searching: answered({ people, totalEntries: 4 }),
    stopsBefore: Infinity,
    jobsBecome: "PENDING",
    status: "RUNNING",
    overAt: Infinity,
    ...changes,
  };
  const calls: string[] = [];
  const sent: Dispatch[] = [];
  const queue = {
    async sendBatch(messages: { body: { jobs: Dispatch[] } }[]) {
      sent.push(...messages.flatMap(({ body }) => body.jobs));
    },
  };
  const saved: FetchProgress[] = [];
  let made: JobStanding[] = [];
  let ids = 0;
  const tell = <T>(what: string, answer: T) => {
    calls.push(what);
    return Promise.resolve(answer);
  };
  const save = async <T>(next: FetchProgress, answer: T): Promise<T | null> => {
    if (saved.length + 1 >= world.overAt) return null;
    saved.push(next);
    return answer;
  };
  const ports: FetchPorts = {
    line: {
      ...RUNNING_LINE,
      async call(_attempt, _provider, makeCall) {
        if (calls.length + 1 >= world.stopsBefore) return { outcome: "stopped", end: STOPPED };
        const answer = await makeCall();
        return answer.outcome === "service_fault" ? { outcome: "stopped", end: STOPPED } : answer;
      },
    },
    providers: {
      instantly: {
        lookUpCampaign: async () => answered(null),
        findHolders: (emails: string[]) => tell(`ask for ${emails.length}`, answered([])),
      },
      apollo: {
        search: (_search: unknown, page: number) => tell(`search ${page}`, world.searching),
        reveal: (ids: string[]) =>
          tell(
            `reveal ${ids.join(" ")}`,
            answered(
              ids.map((personId) => ({ personId })),
              ids.length,
            ),
          ),
      },
    } as unknown as Providers,
    leads: {
      loadFetch: async () => world.work,
      saveProgress: (_job, next) => save(next as FetchProgress, world.status),
      reserve: (_job, wanted, next) => save({ ...next, reserved: wanted }, wanted),
      reveal: async (_job, { reserved, progress }) => {
        const each = { dispatch: 1, status: world.jobsBecome, type: "ENRICH_LEAD" as const, priority: 0 };
        made = reserved.map(({ jobId }) => ({ ...each, jobId }));
        return (await save(progress, { made, status: world.status })) ?? { made: [], status: null };
      },
      addressesOf: async (people) => people.map(({ leadId }) => ({ leadId, email: `${leadId}@a.example` })),
      rejectHeld: async () => made,
    } as Partial<LeadStore> as LeadStore,
    jobs: {} as JobStore,
    queue: createJobQueue({ LEAD_JOBS: queue, CAMPAIGN_JOBS: queue } as unknown as Queues),
    now: () => 0,
    newId: () => `id-${++ids}`,
    persist: (write) => write(),
  };
  return { ports, calls, sent, saved };
}

function aSearch(changes: Partial<FetchWork> = {}): FetchWork {
  const search = { person_titles: ["CEO"] };
  return { name: "Spring", search, targetLeads: 4, senderCampaignId: "sender-1", found: 0, ...changes };
}

function anAttempt(changes: Partial<ClaimedJob> = {}): Attempt {
  const job = { id: "job-1", campaignId: "c-1", leadId: null, dispatch: 1, attempts: 1, progress: null };
  return attemptAt({ ...job, type: "FETCH_LEADS", ...changes });
}

function aProgress(changes: Partial<FetchProgress> = {}): string {
  return JSON.stringify({ page: 0, exhausted: false, candidates: [], reserved: [], creditsSpent: 0, ...changes });
}

function reservationsOf(...personIds: string[]) {
  return personIds.map((personId) => ({ leadId: `lead-${personId}`, jobId: `job-${personId}`, personId }));
}

describe("a later attempt", () => {
  test("reads the page after the last one", async () => {
    const { ports, calls } = aWorld();
    await fetchLeads(ports, anAttempt({ attempts: 2, progress: aProgress({ page: 6 }) }));
    expect(calls[0]).toBe("search 7");
  });

  test("goes on with the people of the last page, without a search", async () => {
    const { ports, calls } = aWorld({ work: aSearch({ found: 2 }) });
    const progress = aProgress({ page: 1, exhausted: true, candidates: ["c", "d"] });
    await fetchLeads(ports, anAttempt({ attempts: 2, progress }));
    expect(calls).toEqual(["reveal c d", "ask for 2"]);
  });

  test("reveals those who were reserved before anything else, under the ids they were given", async () => {
    const { ports, calls, sent } = aWorld();
    const progress = aProgress({
      page: 1,
      exhausted: true,
      candidates: ["c", "d"],
      reserved: reservationsOf("a", "b"),
    });
    await fetchLeads(ports, anAttempt({ attempts: 2, progress }));
    expect(calls).toEqual(["reveal a b", "ask for 2", "reveal c d", "ask for 2"]);
    expect(sent.slice(0, 2).map(({ jobId }) => jobId)).toEqual(["job-a", "job-b"]);
  });

  test("reveals those who were reserved even when the target is reached: they hold a place", async () => {
    const { ports, calls } = aWorld({ work: aSearch({ found: 4 }) });
    await fetchLeads(ports, anAttempt({ attempts: 2, progress: aProgress({ reserved: reservationsOf("a") }) }));
    expect(calls).toEqual(["reveal a", "ask for 1"]);
  });

  test("adds what it spends to what was spent before", async () => {
    const { ports } = aWorld({ work: aSearch({ found: 2 }) });
    const progress = aProgress({ page: 1, exhausted: true, candidates: ["c", "d"], creditsSpent: 2 });
    expect(await fetchLeads(ports, anAttempt({ attempts: 2, progress }))).toMatchObject({ result: { credits: 4 } });
  });

  test("whose search was at its end completes without a call", async () => {
    const { ports, calls } = aWorld();
    const progress = aProgress({ page: 3, exhausted: true });
    expect(await fetchLeads(ports, anAttempt({ attempts: 2, progress }))).toMatchObject({ becomes: "COMPLETED" });
    expect(calls).toEqual([]);
  });
});

describe("a stop of the line", () => {
  test.each([1, 2, 3, 4, 5])(
    "before call %i loses nothing: the next attempt makes the other calls, each once",
    async (at) => {
      const work = aSearch({ targetLeads: 12 });
      const people = Array.from({ length: 12 }, (_, index) => ({ personId: `p${index}`, hasEmail: true }));
      const searching = answered({ people, totalEntries: 12 });
      const stopped = aWorld({ work, searching, stopsBefore: at });
      expect(await fetchLeads(stopped.ports, anAttempt())).toEqual(STOPPED);
      const kept = stopped.saved.at(-1);
      const found = at === 5 ? 12 : at >= 3 ? 10 : 0;
      const resumed = aWorld({ work: { ...work, found }, searching });
      const progress = kept ? JSON.stringify(kept) : null;
      expect(await fetchLeads(resumed.ports, anAttempt({ attempts: 2, progress }))).toMatchObject({
        becomes: "COMPLETED",
        result: { found: 12, pages: 1, credits: 12 },
      });
      const first = "reveal p0 p1 p2 p3 p4 p5 p6 p7 p8 p9";
      expect([...stopped.calls, ...resumed.calls]).toEqual([
        "search 1",
        first,
        "ask for 10",
        "reveal p10 p11",
        "ask for 2",
      ]);
    },
  );

  test("while a reveal is owed keeps the reservations", async () => {
    const { ports, saved } = aWorld({ stopsBefore: 2 });
    expect(await fetchLeads(ports, anAttempt())).toEqual(STOPPED);
    expect(saved.at(-1)?.reserved.map(({ personId }) => personId)).toEqual(["a", "b", "c", "d"]);
  });
});

test("a search that the service refuses fails this job alone", async () => {
  const { ports } = aWorld({ searching: REFUSED });
  expect(await fetchLeads(ports, anAttempt())).toEqual({ becomes: "FAILED", error: "not this search" });
});

test("a campaign that is gone fails the job without a call", async () => {
  const { ports, calls } = aWorld({ work: null });
  expect(await fetchLeads(ports, anAttempt())).toMatchObject({ becomes: "FAILED" });
  expect(calls).toEqual([]);
});

test.each([1, 2, 3])("a dispatch that is over at write %i makes no further call and lets go", async (overAt) => {
  const { ports, calls, sent } = aWorld({ overAt });
  expect(await fetchLeads(ports, anAttempt())).toEqual(LET_GO);
  expect(calls).toHaveLength(overAt === 1 ? 1 : overAt - 1);
  expect(sent).toEqual([]);
});

test.each(["PAUSED", "CANCELLED"] as const)("a search that was %s meanwhile makes no further call", async (status) => {
  const searching = aWorld({ status });
  expect(await fetchLeads(searching.ports, anAttempt())).toEqual(LET_GO);
  expect(searching.calls).toEqual(["search 1"]);
  const reserved = aProgress({ reserved: [{ leadId: "l", jobId: "j", personId: "p" }], candidates: ["q"] });
  const revealing = aWorld({ status });
  expect(await fetchLeads(revealing.ports, anAttempt({ progress: reserved }))).toEqual(LET_GO);
  expect(revealing.calls).toEqual(["reveal p"]);
});

test("jobs made while the breaker is open get no message", async () => {
  const { ports, sent } = aWorld({ jobsBecome: "PAUSED" });
  await fetchLeads(ports, anAttempt());
  expect(sent).toEqual([]);
});
