import { expect, test } from "vitest";
import type { Answer } from "../../src/domain/fault.ts";
import { LEASE_MS } from "../../src/domain/job.ts";
import { nothingHeld } from "../../src/operations/line/admissions.ts";
import type { ClaimedJob, JobResult } from "../../src/ports/jobs.ts";
import type { LeadWork } from "../../src/ports/leads.ts";
import { createLine } from "../../src/operations/line/line.ts";
import { type BatchPorts, runBatch } from "../../src/operations/job/run-batch.ts";
import { runJob } from "../../src/operations/job/run.ts";

/** Two leads that wait at their first call until `answer` is told; the clock is moved by hand. */
function aWorld() {
  let time = 0;
  const waiting: { at: number; go: () => void }[] = [];
  const wait = (ms: number) => new Promise<void>((resolve) => waiting.push({ at: time + ms, go: resolve }));
  const pass = async (ms: number) => {
    time += ms;
    for (const due of waiting.filter(({ at }) => at <= time)) waiting.splice(waiting.indexOf(due), 1)[0]?.go();
    await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const verifications = new Map<string, (verdict: Answer<unknown>) => void>();
  const researched: string[] = [];
  const recorded: JobResult[] = [];
  const jobs = ["a", "b"].map((id) => aJob(id));
  const world = { renewed: ["a", "b"] };
  const now = () => time;
  const ports = {
    run: runJob,
    line: createLine({
      standing: async (jobs) => jobs.map(({ id }) => id),
      held: nothingHeld(),
      onLate: () => {},
      timeoutMs: () => 10_000,
      breaker: {
        admit: async () => ({ admitted: true, epoch: 0, revision: 0, paced: false, validForMs: 300 }),
        trip: async () => Promise.reject(),
      },
      throttle: () => ({
        acquire: async (ids) => ({ permits: ids.map((id) => ({ id, delayMs: 0 })), retryAfterMs: 0 }),
        release: async () => {},
      }),
      coalesce: (run) => async (item) => (await run([item]))[0] as never,
      now,
      wait,
      newId: () => "id",
    }),
    providers: {
      millionverifier: {
        verify: (email: string) => new Promise((resolve) => verifications.set(email, resolve)),
      },
      perplexity: {
        research: ({ email }: { email: string }) => {
          researched.push(email);
          return Promise.resolve({ outcome: "refused", message: "unknown" });
        },
      },
    },
    jobs: {
      claim: async () => jobs,
      renewLeases: async () => world.renewed,
      idleCampaigns: async () => [],
      async record(results: JobResult[]) {
        recorded.push(...results);
        return results.map(({ jobId, dispatch }) => ({
          jobId,
          dispatch,
          status: "RUNNING",
          type: "ENRICH_LEAD",
          priority: 0,
        }));
      },
    },
    leads: { loadWork: async () => jobs.map(({ leadId }) => aLead(leadId as string)) },
    queue: { send: async () => [] },
    campaigns: { changed: async () => {} },
    persist: <T>(write: () => Promise<T>) => write(),
    isPlatformFault: () => false,
    onUnexpected: (error: unknown) => expect.unreachable(String(error)),
    now,
    wait,
    newId: () => "id",
  } as unknown as BatchPorts;
  const answer = () => {
    const good = { outcome: "answered", value: { verdict: "ok", subresult: null }, spend: {} } as const;
    for (const tell of verifications.values()) tell(good);
  };
  return { world, ports, jobs, pass, answer, researched, recorded };
}

function aJob(id: string): ClaimedJob {
  return {
    id,
    campaignId: "c",
    leadId: `${id}@leads.example`,
    type: "ENRICH_LEAD",
    dispatch: 1,
    attempts: 1,
    progress: null,
    epoch: 0,
    disturbed: 0,
    beforeRestore: 0,
  };
}

function aLead(id: string): LeadWork {
  return {
    id,
    stage: "found",
    outcome: "open",
    profile: { email: id, firstName: "Ann" },
  } as LeadWork;
}

test("a job whose lease is not renewed begins no further call, and its neighbour goes on", async () => {
  const { world, ports, jobs, pass, answer, researched, recorded } = aWorld();
  const running = runBatch(
    ports,
    jobs.map(({ id }) => ({ jobId: id, dispatch: 1 })),
    () => {},
  );
  await pass(0);
  world.renewed = ["b"];
  await pass(LEASE_MS / 3);
  answer();
  await running;
  expect(researched).toEqual(["b@leads.example"]);
  const steps = recorded.filter(({ lead }) => lead).map(({ jobId, lead }) => `${jobId} ${lead?.stage}`);
  expect(steps).toEqual(expect.arrayContaining(["a verified", "b verified"]));
});

test("leases that are renewed in time outlast a long call", async () => {
  const { ports, jobs, pass, answer, researched } = aWorld();
  const running = runBatch(
    ports,
    jobs.map(({ id }) => ({ jobId: id, dispatch: 1 })),
    () => {},
  );
  await pass(0);
  for (let third = 0; third < 6; third++) await pass(LEASE_MS / 3);
  answer();
  await running;
  expect(researched).toEqual(["a@leads.example", "b@leads.example"]);
});

test.each([
  ["apollo.reveal", 15],
  ["millionverifier", 15],
  ["apollo.search", 1],
  ["instantly", 1],
] as const)(
  "an attempt that our own failure ended after a call of %s weighs %i: only what was bought is lost",
  async (rate, weight) => {
    const { ports, jobs, recorded } = aWorld();
    const disturbedPorts: BatchPorts = {
      ...ports,
      run: async ({ line }, attempt) => {
        await line.call(attempt, rate, async () => ({ outcome: "answered", value: null, spend: {} }));
        throw new Error("Network connection lost.");
      },
      failureOf: () => ({ kind: "passes" }),
      onUnexpected: () => {},
    };
    await runBatch(
      disturbedPorts,
      jobs.map(({ id }) => ({ jobId: id, dispatch: 1 })),
      () => {},
    );
    const ends = recorded.map(({ end }) => end);
    expect(ends).toEqual(jobs.map(() => expect.objectContaining({ becomes: "PENDING", disturbed: weight }) as unknown));
  },
);
