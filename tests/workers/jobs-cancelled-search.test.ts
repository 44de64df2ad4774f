import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { call, campaign, eventually, jobsOf, ledger, startedCampaign } from "./line.ts";

test("a cancelled search makes no more jobs, and keeps the people that it had paid for", async () => {
  await call("PUT", "/sandbox/latency", { provider: "apollo", ms: 300 });
  const id = await startedCampaign({ target_leads: 500 });
  const search = await eventually("a first reveal was made", async () => {
    const reveals = (await ledger()).filter((row) => row.path.includes("bulk_match"));
    return reveals.length > 0 && (await jobsOf(id)).find((job) => job.type === "FETCH_LEADS");
  });
  await call("DELETE", `/jobs/${search.id}`);
  const made = (await jobsOf(id)).length;
  const ended = await eventually("the campaign ended", async () => {
    const seen = await campaign(id);
    return seen.status !== "RUNNING" && seen;
  });
  expect(ended.status).toBe("COMPLETED");
  expect((await jobsOf(id)).length).toBe(made);
  const after = (await ledger()).filter((row) => row.path.includes("bulk_match")).length;
  await scheduler.wait(1_000);
  expect((await ledger()).filter((row) => row.path.includes("bulk_match")).length).toBe(after);
  const { results } = await env.DB.prepare(
    "SELECT stage, outcome FROM leads WHERE campaign_id = ? AND email IS NOT NULL",
  )
    .bind(id)
    .all<{ stage: string; outcome: string }>();
  const worked = results.filter((lead) => lead.outcome !== "cancelled").length;
  expect(worked).toBe(made - 1);
});
