import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { CampaignAnswer } from "../../src/contract/campaigns.ts";
import { aCampaign, campaign, createCampaign, dataOf, failureOf, request } from "./line.ts";

const CAMPAIGN_FIELDS =
  "id name description target_leads search message instantly_campaign_id status progress error created_at started_at completed_at failed_at";
const LEAD_COUNTS = ["found", "verified", "rejected", "researched", "written", "pushed", "failed"];
const JOB_STATUSES = ["PENDING", "RUNNING", "PAUSED", "COMPLETED", "FAILED", "CANCELLED"];

const create = (fields: Record<string, unknown>) => request("POST", "/campaigns", { body: aCampaign(fields) });

async function problemPaths(response: Response): Promise<string[]> {
  const { details } = await failureOf(response, 400, "invalid_request");
  return [...new Set((details as { path: string }[]).map(({ path }) => path))];
}

describe("creating", () => {
  test("a campaign shows the documented fields, and begins CREATED with nothing done", async () => {
    const body = aCampaign({ description: "for the tests", instantly_campaign_id: "sender-1" });
    const { campaign: made } = await dataOf(await request("POST", "/campaigns", { body }), 201, CampaignAnswer);
    expect(Object.keys(made)).toEqual(expect.arrayContaining(CAMPAIGN_FIELDS.split(" ")));
    expect(made).toMatchObject({
      ...body,
      status: "CREATED",
      error: null,
      started_at: null,
      completed_at: null,
      failed_at: null,
    });
    expect(made.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(made.progress).toEqual({
      jobs: Object.fromEntries(JOB_STATUSES.map((each) => [each, 0])),
      leads: Object.fromEntries(LEAD_COUNTS.map((each) => [each, 0])),
      percent: 0,
      updated_at: null,
    });
    expect(await campaign(made.id)).toEqual(made);
  });

  test.each([
    ["HTML", `<script>alert("1")</script> & <b>x</b>`],
    ["SQL", `'); DROP TABLE campaigns; --`],
    ["other scripts", "Ünïcødé 試驗 🎉 \u202eabc"],
    ["lines", "one\ntwo\tthree"],
    ["200 characters", "n".repeat(200)],
  ])("%s in a name is stored and answered as the same text", async (_, name) => {
    const id = await createCampaign({ name, description: name });
    expect(await campaign(id)).toMatchObject({ name, description: name });
    expect(await env.DB.prepare("SELECT name FROM campaigns WHERE id = ?").bind(id).first("name")).toBe(name);
  });

  test.each(["\u0000", "\u0007", "\u001b[31m", "\u007f", "\u0085", "\u009b31m"])(
    "the control character %j is refused",
    async (control) => {
      const bad = `before${control}after`;
      expect(await problemPaths(await create({ name: bad }))).toEqual(["name"]);
      expect(await problemPaths(await create({ description: bad }))).toEqual(["description"]);
      expect(await problemPaths(await create({ message: { sender_name: bad, offer: bad } }))).toEqual([
        "message.sender_name",
        "message.offer",
      ]);
      expect(await problemPaths(await create({ search: { person_titles: [bad] } }))).toEqual([
        "search.person_titles.0",
      ]);
    },
  );

  test("1 and 50000 leads may be asked for, and no number beside", async () => {
    for (const target_leads of [1, 50_000]) await dataOf(await create({ target_leads }), 201, CampaignAnswer);
    for (const target_leads of [0, -1, 50_001, 1.5, "3", null, true, 1e308]) {
      expect(await problemPaths(await create({ target_leads }))).toEqual(["target_leads"]);
    }
  });

  test.each<[fields: Record<string, unknown>, path: string]>([
    [{ name: "" }, "name"],
    [{ name: "   " }, "name"],
    [{ name: "n".repeat(201) }, "name"],
    [{ name: 7 }, "name"],
    [{ name: undefined }, "name"],
    [{ target_leads: undefined }, "target_leads"],
    [{ search: undefined }, "search"],
    [{ search: {} }, "search"],
    [{ search: { person_titles: [] } }, "search"],
    [{ search: { person_titles: "CEO" } }, "search.person_titles"],
    [{ search: { person_titles: [7] } }, "search.person_titles.0"],
    [{ search: { person_titles: ["CEO"], q_keywords: "x" } }, "search.q_keywords"],
    [{ message: undefined }, "message"],
    [{ message: { offer: "x" } }, "message.sender_name"],
    [{ message: { sender_name: "x", offer: "" } }, "message.offer"],
    [{ message: { sender_name: "x", offer: "y", prompt: "z" } }, "message.prompt"],
    [{ instantly_campaign_id: 7 }, "instantly_campaign_id"],
    [{ id: crypto.randomUUID() }, "id"],
    [{ status: "RUNNING" }, "status"],
  ])("%j is refused at %s", async (fields, path) => {
    expect(await problemPaths(await create(fields))).toEqual([path]);
  });

  test("each of the five filters alone is enough", async () => {
    for (const filter of "person_titles person_locations person_seniorities organization_num_employees_ranges q_organization_domains_list".split(
      " ",
    )) {
      const search = { [filter]: ["1,10"] };
      const { campaign: made } = await dataOf(await create({ search }), 201, CampaignAnswer);
      expect(made.search).toEqual(search);
    }
  });
});
