import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import {
  breaker,
  breakerOpens,
  campaignEnds,
  close,
  createCampaign,
  eventually,
  failureOf,
  ledger,
  request,
  startedCampaign,
} from "./line.ts";
import { gateCloses, miscounted, rowsOf } from "./rows.ts";

/** D1 refuses the change of leads to this stage, with these words. */
const refuse = (stage: string, words: string) =>
  env.DB.exec(
    `CREATE TRIGGER refuse_stage BEFORE UPDATE ON leads WHEN NEW.stage = '${stage}' BEGIN SELECT RAISE(ABORT, '${words}'); END`,
  );
const mend = () => env.DB.exec("DROP TRIGGER IF EXISTS refuse_stage");

const researchCalls = async (from: number) =>
  (await ledger()).slice(from).filter(({ provider }) => provider === "perplexity");

afterEach(async () => {
  await mend();
  await close();
  await gateCloses();
});

describe("a database that is full", () => {
  test("stops the line with what to do, and after a close the work goes on where it stopped", async () => {
    const from = (await ledger()).length;
    await refuse("researched", "Exceeded maximum DB size");
    const id = await startedCampaign({ target_leads: 2 });
    const { reason } = await breakerOpens();
    expect(reason).toMatchObject({ source: "platform", provider: null, kind: "storage_full", http_status: null });
    expect(reason?.message).toMatch(/full.*close the breaker/);
    expect(reason?.job_id).not.toBeNull();
    const paused = await eventually("all are paused", async () => {
      const rows = (await rowsOf(id)).filter(({ status }) => !["COMPLETED", "FAILED"].includes(status));
      return rows.length > 0 && rows.every(({ status }) => status === "PAUSED") && rows;
    });
    expect(paused.every(({ pause_reason }) => pause_reason?.includes("full"))).toBe(true);

    await mend();
    await close();
    const { leads } = (await campaignEnds(id)).progress;
    expect(leads.pushed + leads.rejected).toBe(2);
    const bySubject = Map.groupBy(await researchCalls(from), ({ subject }) => subject);
    for (const calls of bySubject.values()) expect(calls.length).toBeLessThanOrEqual(2);
    expect(await miscounted()).toEqual([]);
  });

  test("is told to who asks by the API, and stops the line as well", async () => {
    await env.DB.exec(
      "CREATE TRIGGER refuse_stage BEFORE INSERT ON campaigns BEGIN SELECT RAISE(ABORT, 'Exceeded maximum DB size'); END",
    );
    const body = { name: "No room", target_leads: 1, search: { person_titles: ["CEO"] } };
    const refused = await request("POST", "/campaigns", {
      body: { ...body, message: { sender_name: "Ada", offer: "an offer" } },
    });
    const { message } = await failureOf(refused, 503, "unavailable");
    expect(message).toContain("full");
    expect((await breakerOpens()).reason).toMatchObject({ source: "platform", kind: "storage_full" });
    await mend();
    expect(await createCampaign()).toMatch(/^[0-9a-f-]{36}$/);
  });
});

test("tables that are not this release's stop the line at the first answer", async () => {
  await env.DB.exec("ALTER TABLE leads RENAME COLUMN research TO research_of_another_release");
  const id = await startedCampaign({ target_leads: 2 });
  const { reason } = await breakerOpens();
  await env.DB.exec("ALTER TABLE leads RENAME COLUMN research_of_another_release TO research");
  expect(reason).toMatchObject({ source: "platform", kind: "storage_failed" });
  expect(reason?.message).toContain("Apply the migrations of this release");
  await close();
  const { leads } = (await campaignEnds(id)).progress;
  expect(leads.pushed + leads.rejected).toBe(2);
});

test("a result that the database refuses by our own mistake fails its lead alone, paid for once", async () => {
  const from = (await ledger()).length;
  await refuse("researched", "CHECK constraint failed: lead_stage");
  const id = await startedCampaign({ target_leads: 2 });
  const { progress } = await campaignEnds(id);
  expect(progress.leads).toMatchObject({ failed: 2 - progress.leads.rejected, pushed: 0 });
  expect((await breaker()).state).toBe("closed");
  const bySubject = Map.groupBy(await researchCalls(from), ({ subject }) => subject);
  for (const calls of bySubject.values()) expect(calls).toHaveLength(1);
  const failed = (await rowsOf(id)).filter(({ status }) => status === "FAILED");
  expect(failed).toHaveLength(progress.leads.failed);
  for (const { error } of failed) expect(error).toContain("unexpected error in Andon itself");
  expect(await miscounted()).toEqual([]);
});
