import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { createCampaign, call, dataOf, request } from "./line.ts";
import { insertJobs } from "./rows.ts";
import { CampaignList } from "../../src/contract/campaigns.ts";
import { JobList } from "../../src/contract/jobs.ts";
import { LeadAnswer, LeadList, LeadStats } from "../../src/contract/leads.ts";
import { LEAD_OUTCOMES } from "../../src/domain/pipeline.ts";

const LEAD_STEPS = ["verification", "research", "copy", "push"];
let campaignId: string;
let other: string;

/** Written straight into the rows; `fields` are columns. */
async function aLead(fields: Record<string, string | null> = {}): Promise<string> {
  const id = crypto.randomUUID();
  const lead = {
    id,
    campaign_id: campaignId,
    person_id: id,
    email: `${id}@example.com`,
    stage: "found",
    outcome: "open",
    ...fields,
  };
  const columns = Object.keys(lead);
  await env.DB.prepare(
    `INSERT INTO leads (${columns.join(", ")}, created_at, updated_at) VALUES (${columns.map(() => "?").join(", ")}, 1, 1)`,
  )
    .bind(...Object.values(lead))
    .run();
  return id;
}

const profileOf = (profile: Record<string, string | null>) =>
  JSON.stringify({ firstName: "Ada", lastName: "Byron", title: null, company: null, linkedinUrl: null, ...profile });

beforeAll(async () => {
  campaignId = await createCampaign();
  other = await createCampaign();
  for (let made = 0; made < 3; made++) await createCampaign();
  await insertJobs(campaignId, 7, { status: "COMPLETED", finished_at: 1 });
  await insertJobs(other, 2, { status: "FAILED", finished_at: 1 });
  for (const outcome of ["open", "pushed", "pushed", "rejected", "failed", "cancelled"]) await aLead({ outcome });
  await aLead({ campaign_id: other });
});

/** Walks the list in pages of `limit`; the pages' sizes and all ids in the order shown. */
async function walk(path: string, name: string, limit: number) {
  const schemas = { campaigns: CampaignList, jobs: JobList, leads: LeadList };
  const sizes: number[] = [];
  const ids: string[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const response = await request("GET", `${path}?limit=${limit}${cursor && `&cursor=${cursor}`}`);
    const data = await dataOf(response, 200, schemas[name as keyof typeof schemas]);
    const page = (data as unknown as Record<string, { id: string }[]>)[name] ?? [];
    sizes.push(page.length);
    if (sizes.length > 100) throw new Error(`${path}: the pages have no end`);
    ids.push(...page.map(({ id }) => id));
    cursor = data.next_cursor;
  }
  return { sizes, ids };
}

describe("pages", () => {
  test.each<[path: string, name: string, total: number]>([
    ["/campaigns", "campaigns", 5],
    ["/jobs", "jobs", 9],
    ["/leads", "leads", 7],
    ["/campaigns/{id}/jobs", "jobs", 7],
    ["/campaigns/{id}/leads", "leads", 6],
  ])("%s visits each once, newest first, whatever the size of the page", async (path, name, total) => {
    const concrete = path.replace("{id}", campaignId);
    const whole = await walk(concrete, name, 200);
    expect(whole.ids).toEqual(new Set(whole.ids).values().toArray().toSorted().toReversed());
    expect(whole.sizes).toEqual([total]);
    for (const limit of [1, 3, total - 1, total]) {
      const { sizes, ids } = await walk(concrete, name, limit);
      expect(ids).toEqual(whole.ids);
      expect(sizes).toHaveLength(Math.ceil(total / limit));
    }
  });

  test("without a limit a page holds 50", async () => {
    const crowded = await createCampaign();
    await insertJobs(crowded, 51, { status: "COMPLETED", finished_at: 1 });
    const { jobs, next_cursor } = await dataOf(await request("GET", `/campaigns/${crowded}/jobs`), 200, JobList);
    expect(jobs).toHaveLength(50);
    expect(next_cursor).toBe(jobs.at(-1)?.id);
  });

  test("what is added while one walks moves nothing that is to come", async () => {
    const first = await dataOf(await request("GET", "/campaigns?limit=2"), 200, CampaignList);
    await createCampaign();
    const next = await dataOf(
      await request("GET", `/campaigns?limit=2&cursor=${first.next_cursor}`),
      200,
      CampaignList,
    );
    const shown = new Set(first.campaigns.map(({ id }) => id));
    expect(next.campaigns.filter(({ id }) => shown.has(id))).toEqual([]);
  });
});

describe("leads", () => {
  test("are listed by campaign and outcome", async () => {
    for (const outcome of LEAD_OUTCOMES) {
      const path = `/leads?campaign_id=${campaignId}&outcome=${outcome}`;
      const { leads } = await dataOf(await request("GET", path), 200, LeadList);
      expect(leads).toHaveLength(outcome === "pushed" ? 2 : 1);
      for (const lead of leads) expect(lead).toMatchObject({ campaign_id: campaignId, outcome });
    }
  });

  test("are counted by outcome", async () => {
    const stats = await dataOf(await request("GET", `/campaigns/${campaignId}/leads/stats`), 200, LeadStats);
    expect(stats).toEqual({ open: 1, pushed: 2, rejected: 1, failed: 1, cancelled: 1 });
  });

  test("show each step's result, and null for a step that was not taken", async () => {
    const spent = { costUsd: 0.012, inputTokens: 40, outputTokens: 200 };
    const results = {
      verification: { verdict: "ok", subresult: "ok", spend: { credits: 1 } },
      research: { summary: "Builds engines", hook: "A new one", sources: [], spend: spent },
      push: { senderLeadId: "theirs" },
    };
    const stored = Object.entries(results).map(([step, result]) => [step, JSON.stringify(result)]);
    const id = await aLead({
      campaign_id: other,
      stage: "researched",
      profile: profileOf({ title: "CTO" }),
      ...Object.fromEntries(stored),
    });
    const { lead } = await dataOf(await request("GET", `/leads/${id}`), 200, LeadAnswer);
    expect(lead).toMatchObject({ id, first_name: "Ada", title: "CTO", company: null, stage: "researched" });
    expect(Object.keys(lead.steps)).toEqual(LEAD_STEPS);
    expect(lead.steps).toEqual({
      verification: results.verification,
      research: { ...results.research, spend: { cost_usd: 0.012, input_tokens: 40, output_tokens: 200 } },
      copy: null,
      push: { sender_lead_id: "theirs", spend: {} },
    });
  });
});

describe("results.csv", () => {
  const csvOf = async (id: string) => (await request("GET", `/campaigns/${id}/results.csv`)).text();
  const HEADER = "lead_id,email,first_name,last_name,title,company,stage,outcome,error,subject,body";

  test("has a header and one line for each lead of the campaign", async () => {
    const response = await request("GET", `/campaigns/${campaignId}/results.csv`);
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(response.headers.get("content-disposition")).toContain(".csv");
    const [header, ...lines] = (await response.text()).split("\r\n");
    expect(header).toBe(HEADER);
    expect(lines.pop()).toBe("");
    expect(lines.map((line) => line.split(",")[0])).toEqual(
      (await walk(`/campaigns/${campaignId}/leads`, "leads", 200)).ids,
    );
  });

  test("of a campaign without leads is its header", async () => {
    expect(await csvOf(await createCampaign())).toBe(`${HEADER}\r\n`);
  });

  test("neutralises what a spreadsheet would compute, and escapes quotes, commas and lines", async () => {
    const id = await createCampaign();
    const profile = profileOf({
      firstName: '=HYPERLINK("http://evil.example","x")',
      lastName: "+1",
      title: "＝SUM(A1)",
      company: 'Say "hi", Ltd',
    });
    const copy = JSON.stringify({ subject: "-2+3", body: "\nline one\nline two" });
    const lead = await aLead({
      campaign_id: id,
      email: "=a@example.com",
      stage: "written",
      error: "\t=1",
      profile,
      copy,
    });
    expect(await csvOf(id)).toBe(
      `${HEADER}\r\n${lead},'=a@example.com,"'=HYPERLINK(""http://evil.example"",""x"")",'+1,'＝SUM(A1),"Say ""hi"", Ltd",written,open,'\t=1,'-2+3,"'\nline one\nline two"\r\n`,
    );
  });

  test("holds every lead of more than one page of rows", async () => {
    const id = await createCampaign();
    const ids = Array.from({ length: 401 }, () => crypto.randomUUID());
    await env.DB.prepare(
      `INSERT INTO leads (id, campaign_id, person_id, email, stage, outcome, created_at, updated_at)
       SELECT value, ?2, value, value || '@example.com', 'found', 'open', 1, 1 FROM json_each(?1)`,
    )
      .bind(JSON.stringify(ids), id)
      .run();
    const shown = (await csvOf(id)).trimEnd().split("\r\n").slice(1);
    expect(shown.map((line) => line.split(",")[0])).toEqual(ids.toSorted().toReversed());
    expect((await call<Record<string, number>>("GET", `/campaigns/${id}/leads/stats`))["open"]).toBe(401);
  });
});
