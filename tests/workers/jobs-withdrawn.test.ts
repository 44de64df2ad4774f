import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { call, campaignEnds, eventually, jobsOf, ledger, startedCampaign } from "./line.ts";
import { miscounted } from "./rows.ts";

const LEADS = 60;
const CANCELLED = 50;

test("fifty jobs cancelled under load begin no call after the answer; what was under way keeps its result", async () => {
  await call("POST", "/sandbox/reset");
  await call("PUT", "/sandbox/latency", { ms: 60 });
  const id = await startedCampaign({ target_leads: LEADS });
  await eventually("leads are worked on", async () => {
    const found = (await jobsOf(id)).filter(({ type }) => type === "ENRICH_LEAD");
    return found.length === LEADS && (await ledger()).some(({ path }) => path === "/v1/agent");
  });
  const leads = await env.DB.prepare(
    "SELECT jobs.id, leads.email FROM jobs JOIN leads ON leads.id = jobs.lead_id WHERE jobs.campaign_id = ?1 AND jobs.finished_at IS NULL LIMIT ?2",
  )
    .bind(id, CANCELLED)
    .all<{ id: string; email: string }>();
  const answers = await Promise.all(
    leads.results.map(async ({ id: jobId, email }) => {
      // One that has just ended is not cancelled.
      const cancelled = await call("DELETE", `/jobs/${jobId}`).then(
        () => true,
        () => false,
      );
      return { email, cancelled, at: (await ledger()).at(-1)?.seq ?? 0 };
    }),
  );
  const cancelled = answers.filter((each) => each.cancelled);
  expect(cancelled.length).toBeGreaterThan(0);
  await call("PUT", "/sandbox/latency", { ms: 0 });
  await campaignEnds(id);
  const all = await everyCall();
  for (const { email, at } of cancelled)
    expect({ email, later: all.filter(({ subject, seq }) => subject === email && seq > at) }).toEqual({
      email,
      later: [],
    });
  expect(await miscounted()).toEqual([]);
});

async function everyCall() {
  const calls: { subject: string; seq: number }[] = [];
  for (;;) {
    const page = await call<{ calls: typeof calls }>(
      "GET",
      `/sandbox/calls?limit=1000&after=${calls.at(-1)?.seq ?? 0}`,
    );
    calls.push(...page.calls);
    if (page.calls.length < 1000) return calls;
  }
}
