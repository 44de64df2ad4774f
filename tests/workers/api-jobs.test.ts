import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { JobAnswer, JobsStatus, JobStatusAnswer, JobWithSteps } from "../../src/contract/jobs.ts";
import {
  call,
  campaign,
  campaignEnds,
  close,
  createCampaign,
  dataOf,
  eventually,
  failureOf,
  jobsOf,
  request,
  startedCampaign,
} from "./line.ts";
import { gateCloses, insertJobs } from "./rows.ts";

const JOB_FIELDS =
  "id campaign_id lead_id type status priority dispatch attempts step pause_reason error result created_at started_at finished_at";
const FINISHED = ["COMPLETED", "FAILED", "CANCELLED"];

const stopTheLine = () => call("POST", "/queue-management/pause", { reason: "a look at the line" });
const job = async (id: string) => (await dataOf(await request("GET", `/jobs/${id}`), 200, JobWithSteps)).job;
const statusOf = async (id: string) => dataOf(await request("GET", `/jobs/${id}/status`), 200, JobStatusAnswer);

/** A campaign that has one job, of this status. No message in the queue is about it. */
async function aJob(status: string): Promise<{ id: string; campaignId: string }> {
  const campaignId = await createCampaign();
  const finished_at = FINISHED.includes(status) ? Date.now() : null;
  const error = status === "FAILED" ? "the lead was refused" : null;
  const [id = ""] = await insertJobs(campaignId, 1, { status, finished_at, error });
  if (finished_at !== null)
    await env.DB.prepare("UPDATE campaigns SET status = 'COMPLETED' WHERE id = ?").bind(campaignId).run();
  return { id, campaignId };
}

const COPY = { subject: "Hello", body: "Text that was paid for" };

/** A job that ran and failed when only the push was left, of a campaign that has ended. */
async function aFailedLead(): Promise<{ id: string; campaignId: string; leadId: string }> {
  const campaignId = await startedCampaign({ target_leads: 1 });
  await campaignEnds(campaignId);
  const enrich = (await jobsOf(campaignId)).find((each) => each.type === "ENRICH_LEAD");
  const { id = "", lead_id } = enrich ?? {};
  const leadId = lead_id ?? "";
  const run = (sql: string, ...values: string[]) => env.DB.prepare(sql).bind(...values);
  await env.DB.batch([
    run("UPDATE leads SET stage = 'written', outcome = 'failed', push = NULL, error = 'x' WHERE id = ?", leadId),
    run("UPDATE leads SET copy = ? WHERE id = ?", JSON.stringify(COPY), leadId),
    run("UPDATE job_rows SET status = 'FAILED', error = 'x' WHERE id = ?", id),
    run(
      "UPDATE progress SET completed = completed - 1, failed = 1, leads_failed = 1 WHERE campaign_id = ?",
      campaignId,
    ),
  ]);
  return { id, campaignId, leadId };
}

afterEach(async () => {
  await close();
  await gateCloses();
});

/** Of a lead's four steps, as its row has it: one that was turned down has not had the rest. */
async function stepsDone(leadId: string): Promise<number> {
  const lead = await env.DB.prepare("SELECT stage FROM leads WHERE id = ?").bind(leadId).first<{ stage: string }>();
  return ["found", "verified", "researched", "written", "pushed"].indexOf(lead?.stage ?? "");
}

describe("reading", () => {
  let ended: string;
  beforeAll(async () => {
    ended = await startedCampaign({ target_leads: 2 });
    await campaignEnds(ended);
  });

  test("a job shows the documented fields, and each step of its kind", async () => {
    const steps = { FETCH_LEADS: ["search", "reveal"], ENRICH_LEAD: ["verify", "research", "write", "push"] };
    for (const each of await jobsOf(ended)) {
      expect(Object.keys(each).toSorted()).toEqual(JOB_FIELDS.split(" ").toSorted());
      const { steps: shown, ...rest } = await job(each.id);
      expect(rest).toEqual(each);
      expect(shown.map(({ step }) => step)).toEqual(steps[each.type as keyof typeof steps]);
      const done = each.lead_id ? await stepsDone(each.lead_id) : shown.length;
      expect(shown.map(({ state }) => state)).toEqual(shown.map((_, at) => (at < done ? "done" : "not_done")));
    }
  });

  test("the lists by status and type hold every job once", async () => {
    const all = await jobsOf(ended);
    const listed = async (query: string) =>
      (await call<{ jobs: { id: string }[] }>("GET", `/jobs?campaign_id=${ended}${query}`)).jobs.map(({ id }) => id);
    expect(await listed("")).toEqual(all.map(({ id }) => id));
    expect(await listed("&status=FAILED")).toEqual([]);
    const byType = [...(await listed("&type=ENRICH_LEAD")), ...(await listed("&type=FETCH_LEADS"))];
    expect(byType.toSorted()).toEqual(all.map(({ id }) => id).toSorted());
  });

  test("the counts are those of the rows", async () => {
    const { job_counts } = await dataOf(await request("GET", "/jobs/status"), 200, JobsStatus);
    const rows = await env.DB.prepare("SELECT status, count(*) AS n FROM jobs GROUP BY status").all<{
      status: string;
      n: number;
    }>();
    const none = { PENDING: 0, RUNNING: 0, PAUSED: 0, COMPLETED: 0, FAILED: 0, CANCELLED: 0 };
    expect(job_counts).toEqual({ ...none, ...Object.fromEntries(rows.results.map(({ status, n }) => [status, n])) });
  });

  test("a paused job says why, and that closing the breaker will queue it again", async () => {
    await stopTheLine();
    const { id } = await aJob("PAUSED");
    const seen = await statusOf(id);
    expect(seen).toMatchObject({
      pause_reason: "Paused by an operator: a look at the line",
      resume_available: true,
      circuit_breaker: { state: "open" },
    });
    expect(seen.explanation).toContain("a look at the line");
    expect(seen.job.id).toBe(id);
    await request("DELETE", `/jobs/${id}`);
  });

  test.each(FINISHED)(
    "a %s job has nothing to resume, and says in a sentence why it is not running",
    async (status) => {
      const seen = await statusOf((await aJob(status)).id);
      expect(seen).toMatchObject({ resume_available: false, pause_reason: null, job: { status } });
      expect(seen.explanation).toMatch(/^[A-Z].*\.$/);
      if (status === "FAILED") expect(seen.explanation).toContain("the lead was refused");
    },
  );
});

describe("cancelling", () => {
  test.each(["PENDING", "RUNNING", "PAUSED"])(
    "a %s job becomes CANCELLED, and its campaign ends when it was the last",
    async (status) => {
      const { id, campaignId } = await aJob(status);
      const { job: cancelled } = await dataOf(await request("DELETE", `/jobs/${id}`), 200, JobAnswer);
      expect(new Set((await job(id)).steps.map(({ state }) => state))).toEqual(new Set(["not_done"]));
      expect(cancelled).toMatchObject({
        status: "CANCELLED",
        step: null,
        pause_reason: null,
        finished_at: expect.any(String) as string,
      });
      const ended = await campaignEnds(campaignId);
      expect(ended).toMatchObject({ status: "COMPLETED", progress: { jobs: { CANCELLED: 1, [status]: 0 } } });
    },
  );

  test.each(FINISHED)("a %s job is not cancelled", async (status) => {
    const { id } = await aJob(status);
    const before = await job(id);
    const { details } = await failureOf(await request("DELETE", `/jobs/${id}`), 409, "invalid_transition");
    expect(details).toEqual({ status });
    expect(await job(id)).toEqual(before);
  });

  test("a job can be cancelled while the breaker is open", async () => {
    await stopTheLine();
    const { id } = await aJob("PAUSED");
    await dataOf(await request("DELETE", `/jobs/${id}`), 200, JobAnswer);
  });
});

describe("retrying", () => {
  test("a FAILED job goes on, and its campaign runs again until it has ended", async () => {
    const { id, campaignId } = await aFailedLead();
    const { job: retried } = await dataOf(await request("POST", `/jobs/${id}/retry`), 200, JobAnswer);
    // The queue may be quicker than the answer.
    expect(retried.status).toMatch(/^(PENDING|RUNNING|COMPLETED)$/);
    expect(retried).toMatchObject({ id, dispatch: 2, error: null });
    expect((await campaignEnds(campaignId)).progress).toMatchObject({ jobs: { FAILED: 0 }, leads: { failed: 0 } });
  });

  test("a retry makes the job PENDING and its campaign RUNNING in one write", async () => {
    const { id, campaignId } = await aFailedLead();
    await env.DB.exec(
      "CREATE TABLE seen AS SELECT status AS job, status AS campaign FROM jobs WHERE false; CREATE TRIGGER seen_retry AFTER UPDATE OF status ON job_rows WHEN OLD.status = 'FAILED' BEGIN INSERT INTO seen SELECT NEW.status, status FROM campaigns WHERE id = NEW.campaign_id; END;",
    );
    await dataOf(await request("POST", `/jobs/${id}/retry`), 200, JobAnswer);
    const { results } = await env.DB.prepare("SELECT * FROM seen").all();
    await env.DB.exec("DROP TRIGGER seen_retry; DROP TABLE seen;");
    expect(results).toEqual([{ job: "PENDING", campaign: "RUNNING" }]);
    await campaignEnds(campaignId);
  });

  test.each(["COMPLETED", "CANCELLED", "PENDING", "RUNNING", "PAUSED"])("a %s job is not retried", async (status) => {
    const { id } = await aJob(status);
    const { details } = await failureOf(await request("POST", `/jobs/${id}/retry`), 409, "invalid_transition");
    expect(details).toEqual({ status });
    expect(await job(id)).toMatchObject({ status, dispatch: 1 });
    await request("DELETE", `/jobs/${id}`);
  });

  test("nothing is retried while the breaker is open, and the answer says why", async () => {
    const { id, campaignId } = await aJob("FAILED");
    await stopTheLine();
    const { details } = await failureOf(await request("POST", `/jobs/${id}/retry`), 503, "breaker_open");
    expect(details).toMatchObject({ reason: { source: "operator", provider: null, message: "a look at the line" } });
    expect((await job(id)).status).toBe("FAILED");
    expect((await campaign(campaignId)).status).toBe("COMPLETED");
  });

  test("right after a close a retry goes on, or says to try again; the job stays FAILED until it does", async () => {
    const { id, campaignId } = await aFailedLead();
    await stopTheLine();
    await close();
    const response = await request("POST", `/jobs/${id}/retry`);
    if (response.status === 200) return campaignEnds(campaignId);
    await failureOf(response, 409, "conflict");
    expect((await job(id)).status).toBe("FAILED");
    await gateCloses();
    await dataOf(await request("POST", `/jobs/${id}/retry`), 200, JobAnswer);
    await campaignEnds(campaignId);
  });

  test("a retried lead goes on from the stage it had reached", async () => {
    const { id, leadId } = await aFailedLead();
    expect((await job(id)).steps.map(({ state }) => state)).toEqual(["done", "done", "done", "next"]);
    await dataOf(await request("POST", `/jobs/${id}/retry`), 200, JobAnswer);
    await eventually("the lead was pushed", async () => (await job(id)).status === "COMPLETED");
    const { lead } = await call<{ lead: object }>("GET", `/leads/${leadId}`);
    expect(lead).toMatchObject({ outcome: "pushed", error: null, steps: { copy: COPY } });
  });

  test("a retried cleanup leaves its campaign ended", async () => {
    const { id, campaignId } = await aJob("FAILED");
    await dataOf(await request("POST", `/jobs/${id}/retry`), 200, JobAnswer);
    await eventually("the cleanup finished", async () => (await job(id)).status === "COMPLETED");
    expect(await campaign(campaignId)).toMatchObject({ status: "COMPLETED", progress: { jobs: { FAILED: 0 } } });
  });
});
