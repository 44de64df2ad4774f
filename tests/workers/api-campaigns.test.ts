import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { CampaignAnswer, CampaignList, StartValidation } from "../../src/contract/campaigns.ts";
import { JobAnswer } from "../../src/contract/jobs.ts";
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
  ledger,
  request,
  startedCampaign,
} from "./line.ts";
import { gateCloses, insertJobs } from "./rows.ts";

const stopTheLine = () => call("POST", "/queue-management/pause", { reason: "a look at the line" });

/** Writes a status that a test needs and the API gives only after a while. */
const setStatus = (id: string, status: string) =>
  env.DB.prepare("UPDATE campaigns SET status = ? WHERE id = ?").bind(status, id).run();

async function problemPaths(response: Response): Promise<string[]> {
  const { details } = await failureOf(response, 400, "invalid_request");
  return [...new Set((details as { path: string }[]).map(({ path }) => path))];
}

afterEach(async () => {
  await close();
  await gateCloses();
});

const NOWHERE = "00000000-0000-4000-8000-00000000c0de";

test("a sender's campaign that Instantly does not know fails the campaign before anything is paid", async () => {
  const id = await startedCampaign({ instantly_campaign_id: NOWHERE });
  await campaignEnds(id);
  expect(await campaign(id)).toMatchObject({ status: "FAILED", progress: { leads: { found: 0 } } });
  expect((await jobsOf(id)).map(({ status, error }) => [status, error])).toEqual([
    ["FAILED", `instantly refused it: Instantly does not know the campaign ${NOWHERE}`],
  ]);
  const calls = await ledger();
  const asked = calls.findIndex(({ subject }) => subject === NOWHERE);
  expect(calls.slice(asked)).toMatchObject([{ provider: "instantly", path: `/api/v2/campaigns/${NOWHERE}` }]);
});

describe("changing and deleting", () => {
  test("a patch changes what it names and nothing else", async () => {
    const id = await createCampaign({ description: "old" });
    const before = await campaign(id);
    const body = { target_leads: 7, description: null };
    const { campaign: after } = await dataOf(await request("PATCH", `/campaigns/${id}`, { body }), 200, CampaignAnswer);
    expect(after).toEqual({ ...before, ...body });
    expect(await problemPaths(await request("PATCH", `/campaigns/${id}`, { body: { target_leads: 50_001 } }))).toEqual([
      "target_leads",
    ]);
    expect(await problemPaths(await request("PATCH", `/campaigns/${id}`, { body: { search: {} } }))).toEqual([
      "search",
    ]);
    expect(await campaign(id)).toEqual(after);
  });

  test.each(["RUNNING", "COMPLETED", "FAILED"])("a %s campaign is not changed", async (status) => {
    const id = await createCampaign();
    await setStatus(id, status);
    const before = await campaign(id);
    await failureOf(await request("PATCH", `/campaigns/${id}`, { body: { name: "New" } }), 409, "invalid_transition");
    expect(await campaign(id)).toEqual(before);
  });

  test.each(["CREATED", "COMPLETED", "FAILED"])("a %s campaign can be deleted, once", async (status) => {
    const id = await createCampaign();
    await setStatus(id, status);
    const before = await campaign(id);
    expect(await call("DELETE", `/campaigns/${id}`)).toEqual({ campaign: before, deleted: true });
    await failureOf(await request("GET", `/campaigns/${id}`), 404, "not_found");
    await failureOf(await request("DELETE", `/campaigns/${id}`), 404, "not_found");
  });

  test("a RUNNING campaign is not deleted", async () => {
    const id = await createCampaign();
    await setStatus(id, "RUNNING");
    await failureOf(await request("DELETE", `/campaigns/${id}`), 409, "invalid_transition");
    expect((await campaign(id)).status).toBe("RUNNING");
    await setStatus(id, "FAILED");
  });
});

describe("starting", () => {
  const validate = async (id: string) =>
    dataOf(await request("GET", `/campaigns/${id}/start/validate`), 200, StartValidation);

  test("a CREATED campaign can be started while the breaker is closed", async () => {
    const id = await createCampaign({ target_leads: 1 });
    const ok = { can_start: true, circuit_breaker_closed: true, campaign_status_valid: true, errors: [] };
    expect(await validate(id)).toEqual(ok);
    const { campaign: started } = await dataOf(await request("POST", `/campaigns/${id}/start`), 200, CampaignAnswer);
    expect(started).toMatchObject({ id, status: "RUNNING", started_at: expect.any(String) as string });
    await failureOf(await request("POST", `/campaigns/${id}/start`), 409, "invalid_transition");
    expect(await validate(id)).toMatchObject({
      can_start: false,
      circuit_breaker_closed: true,
      campaign_status_valid: false,
    });
    await campaignEnds(id);
    expect((await jobsOf(id)).filter((job) => job.type === "FETCH_LEADS")).toHaveLength(1);
    await failureOf(await request("POST", `/campaigns/${id}/start`), 409, "invalid_transition");
  });

  test("nothing starts while the breaker is open, and the answer says why", async () => {
    const id = await createCampaign();
    await stopTheLine();
    const seen = await validate(id);
    expect(seen).toMatchObject({ can_start: false, circuit_breaker_closed: false, campaign_status_valid: true });
    expect(seen.errors).toHaveLength(1);
    const { details } = await failureOf(await request("POST", `/campaigns/${id}/start`), 503, "breaker_open");
    expect(details).toMatchObject({ reason: { source: "operator", message: "a look at the line" } });
    expect((await campaign(id)).status).toBe("CREATED");
    expect(await jobsOf(id)).toEqual([]);
  });

  test("a campaign that is neither CREATED nor before a closed breaker has both errors", async () => {
    const id = await createCampaign();
    await setStatus(id, "COMPLETED");
    await stopTheLine();
    expect((await validate(id)).errors).toHaveLength(2);
  });
});

describe("lists and cleanup", () => {
  test("campaigns are listed by status", async () => {
    const id = await createCampaign();
    await setStatus(id, "FAILED");
    const { campaigns } = await dataOf(await request("GET", "/campaigns?status=FAILED&limit=200"), 200, CampaignList);
    expect(campaigns.map((each) => each.id)).toContain(id);
    expect(new Set(campaigns.map((each) => each.status))).toEqual(new Set(["FAILED"]));
  });

  test("a cleanup removes the rows of finished jobs and keeps the leads", async () => {
    const id = await startedCampaign({ target_leads: 2 });
    await campaignEnds(id);
    const leadsOf = () => call("GET", `/campaigns/${id}/leads`);
    const leads = await leadsOf();
    const old = await jobsOf(id);
    expect(old.length).toBeGreaterThan(1);
    const cleanUp = (older_than_days: unknown) =>
      request("POST", `/campaigns/${id}/cleanup`, { body: { older_than_days } });
    for (const days of [-1, 0.5, "1", null, undefined])
      expect(await problemPaths(await cleanUp(days))).toEqual(["older_than_days"]);
    const { job } = await dataOf(await cleanUp(0), 202, JobAnswer);
    expect(job).toMatchObject({ type: "CLEANUP_CAMPAIGN", campaign_id: id, lead_id: null });
    const left = await eventually("the cleanup finished", async () => {
      const jobs = await jobsOf(id);
      return jobs.every((each) => each.status === "COMPLETED") && jobs.every((each) => each.id === job.id) && jobs;
    });
    expect(left[0]?.result).toEqual({ deleted: old.length });
    expect(await leadsOf()).toEqual(leads);
  });

  test("a campaign that was never started has nothing to clean up", async () => {
    const response = await request("POST", `/campaigns/${await createCampaign()}/cleanup`, {
      body: { older_than_days: 0 },
    });
    await failureOf(response, 409, "invalid_transition");
  });
});

test("a campaign of more jobs than one statement changes is deleted whole", async () => {
  const id = await createCampaign();
  await insertJobs(id, 5_500, { status: "COMPLETED", finished_at: Date.now() });
  await env.DB.prepare("UPDATE campaigns SET status = 'COMPLETED' WHERE id = ?1").bind(id).run();
  await call("DELETE", `/campaigns/${id}`);
  for (const table of ["job_rows", "progress"])
    expect(await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE campaign_id = ?1`).bind(id).first("n")).toBe(
      0,
    );
});
