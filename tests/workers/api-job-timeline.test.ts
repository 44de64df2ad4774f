import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { z } from "zod";
import { JobTimeline } from "../../src/contract/job-timeline.ts";
import { JobAnswer } from "../../src/contract/jobs.ts";
import type { Provider } from "../../src/domain/fault.ts";
import {
  allPaused,
  breakerOpens,
  breakProvider,
  campaignEnds,
  close,
  createCampaign,
  dataOf,
  eventually,
  failureOf,
  jobsOf,
  mendProviders,
  request,
  startedCampaign,
} from "./line.ts";
import { insertJobs, rowsOf } from "./rows.ts";
import { startNamed } from "./stops.ts";

type Events = z.infer<typeof JobTimeline>["events"];

async function timelineOf(id: string): Promise<Events> {
  const { job_id, events } = await dataOf(await request("GET", `/jobs/${id}/timeline`), 200, JobTimeline);
  expect(job_id).toBe(id);
  expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted());
  for (const { text } of events) expect(text).toMatch(/^[A-Za-z].*[.!)”a-z0-9]$/);
  return events;
}

const attemptsIn = (events: Events) => events.flatMap((event) => (event.kind === "attempt" ? [event] : []));
const calls = (events: Events) =>
  attemptsIn(events).map((attempt) => attempt.calls.map(({ provider, outcome }) => `${provider} ${outcome}`));

/** The job of a lead that went all the way. */
async function pushedJob(campaignId: string): Promise<string> {
  const row = await env.DB.prepare(
    "SELECT jobs.id FROM jobs JOIN leads ON leads.id = lead_id WHERE jobs.campaign_id = ? AND leads.outcome = 'pushed' LIMIT 1",
  )
    .bind(campaignId)
    .first<{ id: string }>();
  return row?.id ?? "";
}

test("a job that went through shows one attempt and its calls in their order", async () => {
  const id = await startedCampaign({ target_leads: 5 });
  await campaignEnds(id);
  const events = await timelineOf(await pushedJob(id));
  expect(events.map(({ kind }) => kind)).toEqual(["created", "attempt", "finished"]);
  const order: Provider[] = ["millionverifier", "perplexity", "openai", "instantly"];
  expect(calls(events)).toEqual([order.map((provider) => `${provider} answered`)]);
  expect(attemptsIn(events)).toMatchObject([{ end: "COMPLETED", earlier_calls: 0, dispatch: 1 }]);
  const search = (await jobsOf(id)).find(({ type }) => type === "FETCH_LEADS");
  const [fetching = []] = calls(await timelineOf(search?.id ?? ""));
  expect(fetching.slice(0, 2)).toEqual(["instantly answered", "apollo answered"]);
});

test("a stop shows between two attempts: the second goes on with the call that failed", async () => {
  const start = await startNamed("a timeline");
  await breakProvider({ provider: "openai", kind: "server_error" });
  const id = await start();
  const { reason } = await breakerOpens();
  await allPaused();
  const failed = reason?.job_id ?? "";
  await mendProviders();
  await close();
  await eventually(
    "the job ended",
    async () => (await rowsOf(id)).find((row) => row.id === failed)?.status === "COMPLETED",
  );
  const events = await timelineOf(failed);
  expect(events.map(({ kind }) => kind)).toEqual([
    "created",
    "attempt",
    "line_stopped",
    "line_started",
    "attempt",
    "finished",
  ]);
  expect(calls(events)).toEqual([
    ["millionverifier answered", "perplexity answered", "openai server_error"],
    ["openai answered", "instantly answered"],
  ]);
  expect(attemptsIn(events)).toMatchObject([{ end: "PAUSED" }, { end: "COMPLETED", dispatch: 2 }]);
  expect(events[2]?.text).toContain("openai failed (server_error, HTTP 500)");
  await campaignEnds(id);
});

test("a job remembers its last attempts, and says of one that died that nothing was heard of it", async () => {
  const campaignId = await createCampaign();
  const history = Array.from({ length: 50 }, (_, i) => ({ dispatch: i + 1, at: Date.now() - 60_000 + i }));
  const [id = ""] = await insertJobs(campaignId, 1, {
    dispatch: 51,
    status: "RUNNING",
    lease_until: Date.now() - 1,
    history: JSON.stringify(history),
    attempts: 50,
  });
  await env.BREAKER.getByName("global").heal();
  await eventually("the watchdog took it back", async () => (await rowsOf(campaignId))[0]?.status === "COMPLETED");
  const attempts = attemptsIn(await timelineOf(id));
  expect(attempts).toHaveLength(50);
  expect(attempts[0]).toMatchObject({ dispatch: 2, ended_at: null, end: null });
  expect(attempts[0]?.text).toContain("its process died");
  expect(attempts.at(-1)).toMatchObject({ dispatch: 52, end: "COMPLETED", calls: [] });
});

test("who retried a job and who cancelled it stands beside its attempts, and changes none of them", async () => {
  const at = Date.now() - 10;
  const ended = (end: string) => ({
    created_at: at,
    dispatch: 2,
    history: JSON.stringify([{ dispatch: 1, at: at + 1, endedAt: at + 2, end, calls: [], more: 0 }]),
  });
  const campaignId = await createCampaign();
  const failed = { ...ended("FAILED"), status: "FAILED", finished_at: at + 2, error: "it would not" };
  const [id = ""] = await insertJobs(campaignId, 1, failed);
  await dataOf(await request("POST", `/jobs/${id}/retry`), 200, JobAnswer);
  await eventually("it ended", async () => (await rowsOf(campaignId))[0]?.status === "COMPLETED");
  const events = await timelineOf(id);
  expect(events.map(({ kind }) => kind)).toEqual(["created", "attempt", "retried", "attempt", "finished"]);
  expect(events[2]).toMatchObject({ by: "sandbox-admin", text: "sandbox-admin retried the job." });
  expect(attemptsIn(events)).toMatchObject([{ end: "FAILED" }, { end: "COMPLETED", dispatch: 3 }]);

  const [unwanted = ""] = await insertJobs(await createCampaign(), 1, ended("PENDING"));
  await dataOf(await request("DELETE", `/jobs/${unwanted}`), 200, JobAnswer);
  const after = await timelineOf(unwanted);
  expect(after.map(({ kind }) => kind)).toEqual(["created", "attempt", "cancelled", "finished"]);
  expect(after[2]).toMatchObject({ by: "sandbox-admin", text: "sandbox-admin cancelled the job." });
  expect(attemptsIn(after)).toMatchObject([{ end: "PENDING", calls: [] }]);
});

test("there is none of an unknown job", async () => {
  await failureOf(await request("GET", `/jobs/${crypto.randomUUID()}/timeline`), 404, "not_found");
});
