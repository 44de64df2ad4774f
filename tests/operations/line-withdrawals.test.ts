import { expect, test } from "vitest";
import { nothingHeld } from "../../src/operations/line/admissions.ts";
import { type Attempt, createLine } from "../../src/operations/line/line.ts";
import { attemptAt } from "./attempts.ts";

/** A line whose Breaker's revision the test sets, and whose rows it cancels. */
function aLine() {
  const floor = { time: 0, revision: 0, cancelled: new Set<string>(), looks: 0, whileWaiting: () => {} };
  const line = createLine({
    standing: async (jobs) => {
      floor.looks++;
      return jobs.map(({ id }) => id).filter((id) => !floor.cancelled.has(id));
    },
    held: nothingHeld(),
    onLate: () => {},
    timeoutMs: () => 10_000,
    breaker: {
      admit: async () => ({ admitted: true, epoch: 0, revision: floor.revision, paced: false, validForMs: 300 }),
      trip: () => Promise.reject(new Error("nothing fails here")),
    },
    throttle: () => ({
      acquire: async (ids) => {
        floor.time += 1_000;
        floor.whileWaiting();
        return { permits: ids.map((id) => ({ id, delayMs: 0 })), retryAfterMs: 0 };
      },
      release: async () => {},
    }),
    now: () => floor.time,
    wait: async (ms) => (floor.time += ms),
    newId: () => "permit",
    coalesce: (run) => async (item) => (await run([item])).slice(0, 1).reduce((only) => only),
  });
  return { line, floor };
}

function anAttempt(id: string): Attempt {
  const job = { id, campaignId: "c", leadId: "l", dispatch: 1, attempts: 1, progress: null };
  return attemptAt({ ...job, type: "ENRICH_LEAD" });
}

const answered = async () => ({ outcome: "answered" as const, value: "done", spend: {} });

test("a job that is withdrawn while it waits for a permit makes no call; its neighbour goes on, after one look", async () => {
  const { line, floor } = aLine();
  expect(await line.stopped()).toBeNull();
  const [kept, gone] = [anAttempt("kept"), anAttempt("gone")];
  line.begin([kept, gone]);
  floor.whileWaiting = () => {
    floor.cancelled.add("gone");
    floor.revision = 1;
  };
  const calls: string[] = [];
  const calling = (attempt: Attempt) => line.call(attempt, "openai", () => (calls.push(attempt.job.id), answered()));
  const [one, other] = await Promise.all([calling(kept), calling(gone)]);
  expect(one).toMatchObject({ outcome: "answered" });
  expect(other).toMatchObject({ outcome: "stopped" });
  expect(calls).toEqual(["kept"]);
  expect(floor.looks).toBe(1);
});

test("what was withdrawn before the claim needs no look, and neither does a batch of which nothing was withdrawn", async () => {
  const { line, floor } = aLine();
  floor.revision = 7;
  expect(await line.stopped()).toBeNull();
  const attempt = anAttempt("a");
  line.begin([attempt]);
  for (let call = 0; call < 3; call++) await line.call(attempt, "openai", answered);
  expect(floor.looks).toBe(0);
});
