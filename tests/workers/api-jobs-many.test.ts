import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { JobCount, JobList, JobsRetried } from "../../src/contract/jobs.ts";
import {
  call,
  campaign,
  campaignEnds,
  close,
  createCampaign,
  dataOf,
  failureOf,
  request,
  startedCampaign,
} from "./line.ts";
import { gateCloses, insertJobs, miscounted, rowsOf } from "./rows.ts";

const STAGE_BEFORE = { verify: "found", research: "verified", write: "researched", push: "written" };
type Step = keyof typeof STAGE_BEFORE;

const RESULTS_FROM = {
  verify: ["verification", "research", "copy"],
  research: ["research", "copy"],
  write: ["copy"],
  push: [],
};

/** A campaign that has ended, and whose leads have failed before these steps, each with its own error. */
async function failedBefore(...steps: Step[]) {
  const id = await startedCampaign({ target_leads: steps.length + 8 });
  await campaignEnds(id);
  const { results: pushed } = await env.DB.prepare(
    `SELECT jobs.id, lead_id AS leadId FROM jobs JOIN leads ON leads.id = lead_id
     WHERE jobs.campaign_id = ?1 AND stage = 'pushed' ORDER BY jobs.id LIMIT ?2`,
  )
    .bind(id, steps.length)
    .all<{ id: string; leadId: string }>();
  expect(pushed).toHaveLength(steps.length);
  const failures = steps.flatMap((step, index) => {
    const { id: jobId, leadId } = pushed[index] as { id: string; leadId: string };
    const error = `The ${step} step said No (${index + 1})`;
    const forgets = ["push", ...RESULTS_FROM[step]].map((result) => `${result} = NULL`).join(", ");
    return [
      env.DB.prepare(`UPDATE leads SET outcome = 'failed', error = ?2, stage = ?3, ${forgets} WHERE id = ?1`).bind(
        leadId,
        error,
        STAGE_BEFORE[step],
      ),
      env.DB.prepare("UPDATE job_rows SET status = 'FAILED', error = ?2 WHERE id = ?1").bind(jobId, error),
    ];
  });
  const rows = (condition: string) => `(SELECT count(*) FROM leads WHERE campaign_id = ?1 AND ${condition})`;
  const recount = env.DB.prepare(
    `UPDATE progress SET completed = completed - ?2, failed = ?2, leads_failed = ?2, leads_pushed = leads_pushed - ?2,
      leads_written = ${rows("copy IS NOT NULL")}, leads_researched = ${rows("research IS NOT NULL")},
      leads_verified = ${rows("verification IS NOT NULL")} - leads_rejected WHERE campaign_id = ?1`,
  );
  await env.DB.batch([...failures, recount.bind(id, steps.length)]);
  expect(await miscounted()).toEqual([]);
  return id;
}

const listed = async (query: string) => (await dataOf(await request("GET", `/jobs?${query}`), 200, JobList)).jobs;
const count = async (query: string) =>
  (await dataOf(await request("GET", `/jobs/count?${query}`), 200, JobCount)).count;
const retry = async (body: object) => dataOf(await request("POST", "/jobs/retry", { body }), 200, JobsRetried);

afterEach(async () => {
  await close();
  await gateCloses();
});

describe("a filter", () => {
  test("finds jobs by the step that comes next and by a part of their error, and the count is that of the list", async () => {
    const id = await failedBefore("verify", "research", "write", "push", "push");
    for (const [query, steps] of [
      ["step=push", ["push", "push"]],
      ["step=verify&status=FAILED", ["verify"]],
      ["error=the%20PUSH%20step", ["push", "push"]],
      ["error=(3)", ["write"]],
      ["error=100%25", []],
      ["status=FAILED&type=ENRICH_LEAD&error=said", ["push", "push", "write", "research", "verify"]],
      ["step=search", []],
      ["step=delete", []],
    ] as const) {
      const found = await listed(`campaign_id=${id}&${query}`);
      expect([query, found.map(({ step }) => step).toSorted()]).toEqual([query, steps.toSorted()]);
      expect([query, await count(`campaign_id=${id}&${query}`)]).toEqual([query, steps.length]);
    }
  });

  test("finds searches and cleanups by their steps", async () => {
    const id = await createCampaign();
    await call("POST", "/queue-management/pause", { reason: "a look" });
    const page = JSON.stringify({ page: 1, candidates: ["one"], reserved: [] });
    const [searching] = await insertJobs(id, 1, {
      type: "FETCH_LEADS",
      status: "PAUSED",
      progress: null,
    });
    const [revealing] = await insertJobs(id, 1, {
      type: "FETCH_LEADS",
      status: "PAUSED",
      progress: page,
    });
    const [deleting] = await insertJobs(id, 1, { status: "PAUSED" });
    const idsAt = async (step: string) => (await listed(`campaign_id=${id}&step=${step}`)).map((job) => job.id);
    expect(await idsAt("search")).toEqual([searching]);
    expect(await idsAt("reveal")).toEqual([revealing]);
    expect(await idsAt("delete")).toEqual([deleting]);
    expect(await count(`campaign_id=${id}&status=PAUSED`)).toBe(3);
    for (const job of [searching, revealing, deleting]) await request("DELETE", `/jobs/${job}`);
  });

  test.each(["step=dance", "error=", "status=ajar", "campaign_id=1", "colour=red"])("%s is refused", async (query) => {
    await failureOf(await request("GET", `/jobs/count?${query}`), 400, "invalid_request");
  });
});

describe("retrying all that match", () => {
  test("queues exactly those again, each once, and the campaign runs until they have ended", async () => {
    const id = await failedBefore("research", "push", "push");
    expect(await retry({ campaign_id: id, step: "push" })).toEqual({ retried: 2, remaining: 0 });
    expect(await retry({ campaign_id: id, step: "push" })).toEqual({ retried: 0, remaining: 0 });
    const done = await campaignEnds(id);
    expect(done.progress.jobs.FAILED).toBe(1);
    expect(done.progress.leads.failed).toBe(1);
    expect((await rowsOf(id)).filter(({ dispatch }) => dispatch === 2)).toHaveLength(2);
    expect(await miscounted()).toEqual([]);
    expect(await retry({ campaign_id: id, error: "said no" })).toEqual({ retried: 1, remaining: 0 });
    expect((await campaignEnds(id)).progress.leads).toMatchObject({
      failed: 0,
      pushed: done.progress.leads.pushed + 1,
    });
    expect(await miscounted()).toEqual([]);
  });

  test("takes more than one write can, and leaves other campaigns' jobs alone", async () => {
    const [id, other] = [await createCampaign(), await createCampaign()];
    const failed = { status: "FAILED", error: "x", finished_at: Date.now() };
    await insertJobs(id, 1_201, failed);
    await insertJobs(other, 2, failed);
    expect(await retry({ campaign_id: id })).toEqual({ retried: 1_201, remaining: 0 });
    expect(new Set((await rowsOf(id)).map(({ dispatch }) => dispatch))).toEqual(new Set([2]));
    expect((await rowsOf(other)).map(({ status }) => status)).toEqual(["FAILED", "FAILED"]);
    expect(await miscounted()).toEqual([]);
    await env.DB.prepare("DELETE FROM job_rows WHERE campaign_id = ?").bind(id).run();
    await env.DB.prepare("DELETE FROM progress WHERE campaign_id = ?").bind(id).run();
    await env.DB.prepare("DELETE FROM campaigns WHERE id = ?").bind(id).run();
  });

  test("is refused while the line is stopped, and changes nothing", async () => {
    const id = await failedBefore("push");
    await call("POST", "/queue-management/pause", { reason: "a look" });
    const { message } = await failureOf(await request("POST", "/jobs/retry", { body: {} }), 503, "breaker_open");
    expect(message).toContain("the jobs stay FAILED");
    expect((await rowsOf(id)).filter(({ status }) => status === "FAILED")).toHaveLength(1);
    expect((await campaign(id)).status).toBe("COMPLETED");
  });

  test("takes an operator, and no status but FAILED", async () => {
    await failureOf(await request("POST", "/jobs/retry", { body: {}, token: "sandbox-viewer" }), 403, "forbidden");
    await failureOf(await request("POST", "/jobs/retry", { body: { status: "COMPLETED" } }), 400, "invalid_request");
  });
});
