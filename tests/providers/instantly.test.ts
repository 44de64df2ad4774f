import { describe, expect, test } from "vitest";
import { aCopy, aFault, aLead, KEY, providersOn, anAddition } from "./builders.ts";
import { aJson, fakeFetch } from "./fake-fetch.ts";

const API = "https://api.instantly.ai/api/v2";

function instantlyAnswering(body: object, status = 200) {
  const { fetch, sent } = fakeFetch(aJson(status, body));
  return { instantly: providersOn(fetch).instantly, sent };
}

const answered = (value: unknown) => ({ outcome: "answered", value, spend: {} });

describe("Instantly", () => {
  test("is searched for a campaign of exactly this name", async () => {
    const items = [
      { id: "c0", name: "Andon & Co 10" },
      { id: "c1", name: "Andon & Co 1", status: 0 },
    ];
    const { instantly, sent } = instantlyAnswering({ items, next_starting_after: "c1" });
    expect(await instantly.findCampaign("Andon & Co 1")).toEqual(answered("c1"));
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ method: "GET", headers: { authorization: `Bearer ${KEY}` } });
    expect(sent[0]!.url.startsWith(`${API}/campaigns?`)).toBe(true);
    expect(Object.fromEntries(new URL(sent[0]!.url).searchParams)).toEqual({ search: "Andon & Co 1", limit: "100" });
  });

  test("without a campaign of exactly this name finds none", async () => {
    const { instantly } = instantlyAnswering({ items: [{ id: "c0", name: "andon 1" }] });
    expect(await instantly.findCampaign("Andon 1")).toEqual(answered(null));
  });

  test("is asked whether it has the campaign that a person named", async () => {
    const { instantly, sent } = instantlyAnswering({ id: "c/1", name: "Spring", status: 1 });
    expect(await instantly.lookUpCampaign("c/1")).toEqual(answered(null));
    expect(sent).toMatchObject([{ method: "GET", url: `${API}/campaigns/c%2F1` }]);
    const unknown = instantlyAnswering({ statusCode: 404, error: "Not Found", message: "Campaign not found" }, 404);
    expect(await unknown.instantly.lookUpCampaign("c1")).toEqual({
      outcome: "refused",
      message: "Instantly does not know the campaign c1",
    });
  });

  test("makes a draft whose one step sends our subject and body in working hours", async () => {
    const { instantly, sent } = instantlyAnswering({ id: "c1", name: "Andon 1", status: 0 }, 201);
    expect(await instantly.createCampaign("Andon 1")).toEqual(answered("c1"));
    const days = { "0": false, "1": true, "2": true, "3": true, "4": true, "5": true, "6": false };
    const timing = { from: "09:00", to: "17:00" };
    const variants = [{ subject: "{{subject}}", body: "{{personalization}}" }];
    expect(sent[0]).toMatchObject({ method: "POST", url: `${API}/campaigns` });
    expect(sent[0]!.body).toEqual({
      name: "Andon 1",
      campaign_schedule: { schedules: [{ name: "Working hours", timing, days, timezone: "America/Chicago" }] },
      sequences: [{ steps: [{ type: "email", delay: 0, variants }] }],
    });
  });

  test("finds a lead of a campaign by its address, in any case", async () => {
    const items = [
      { id: "l0", email: "bada@engines.example" },
      { id: "l1", email: "Ada@Engines.example" },
    ];
    const { instantly, sent } = instantlyAnswering({ items });
    expect(await instantly.findLead("c1", "ada@engines.example")).toEqual(answered({ senderLeadId: "l1" }));
    expect(sent[0]).toMatchObject({
      method: "POST",
      url: `${API}/leads/list`,
      headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
      body: { campaign: "c1", contacts: ["ada@engines.example"] },
    });
  });

  test("finds no lead where only others are listed", async () => {
    const { instantly } = instantlyAnswering({ items: [{ id: "l0", email: "bob@engines.example" }] });
    expect(await instantly.findLead("c1", "ada@engines.example")).toEqual(answered(null));
  });

  test("is given the lead with its copy, once per campaign", async () => {
    const created_leads = [{ index: 0, id: "l1", email: "ada@engines.example" }];
    const { instantly, sent } = instantlyAnswering(anAddition({ leads_uploaded: 1, created_leads }));
    expect(await instantly.addLead("c1", aLead(), aCopy())).toEqual(answered({ senderLeadId: "l1" }));
    expect(sent[0]).toMatchObject({ method: "POST", url: `${API}/leads/add` });
    expect(sent[0]!.body).toEqual({
      campaign_id: "c1",
      skip_if_in_campaign: true,
      leads: [
        {
          email: "ada@engines.example",
          first_name: "Ada",
          last_name: "Byron",
          company_name: "Engines Ltd",
          personalization: "Hi Ada,<br/><br/>better cogs?<br/><br/>Charles",
          custom_variables: { subject: aCopy().subject },
        },
      ],
    });
  });

  test("is told no company where none is known", async () => {
    const { instantly, sent } = instantlyAnswering(anAddition({ skipped_count: 1 }));
    await instantly.addLead("c1", aLead({ company: null }), aCopy());
    expect(sent[0]!.body).not.toHaveProperty("leads.0.company_name");
  });

  test.each([
    ["duplicated", { duplicated_leads: 1 }],
    ["uploaded without naming it", { leads_uploaded: 1 }],
  ])("that counts the lead as %s has it, under an id it does not tell", async (_how, counts) => {
    const { instantly } = instantlyAnswering(anAddition(counts));
    expect(await instantly.addLead("c1", aLead(), aCopy())).toEqual(answered({ senderLeadId: null }));
  });

  test.each([
    ["an invalid address", { invalid_email_count: 1 }, "Instantly calls the address invalid"],
    [
      "an invalid address, with a full plan",
      { invalid_email_count: 1, remaining_in_plan: 0 },
      "Instantly calls the address invalid",
    ],
    ["an incomplete lead", { incomplete_count: 1 }, "Instantly calls the lead incomplete"],
    ["a duplicate", { duplicate_email_count: 1 }, "Instantly calls the address a duplicate"],
  ])("refuses a lead for %s", async (_why, counts, message) => {
    const { instantly } = instantlyAnswering(anAddition(counts));
    expect(await instantly.addLead("c1", aLead(), aCopy())).toEqual({ outcome: "refused", message });
  });

  test.each([
    [
      "that another campaign has",
      { skipped_count: 1 },
      "Another campaign of the Instantly workspace has this address already",
    ],
    ["on the block list", { in_blocklist: 1 }, "The address is on Instantly's block list"],
  ])("rejects a lead %s", async (_why, counts, message) => {
    const { instantly } = instantlyAnswering(anAddition(counts));
    expect(await instantly.addLead("c1", aLead(), aCopy())).toEqual({ outcome: "refused", message, rejects: true });
  });

  test.each([
    ["a full plan", { remaining_in_plan: 0 }, "out_of_credit"],
    ["nothing taken and nothing counted", {}, "malformed"],
    ["the same without a plan", { remaining_in_plan: null }, "malformed"],
  ] as const)("is at fault for %s", async (_what, counts, kind) => {
    const { instantly } = instantlyAnswering(anAddition(counts));
    expect(await instantly.addLead("c1", aLead(), aCopy())).toMatchObject({
      outcome: "service_fault",
      fault: { kind },
    });
  });

  test("tells which of many addresses which campaigns of the workspace hold", async () => {
    const items = [
      { id: "l1", email: "Ada@engines.example", campaign: "c1" },
      { id: "l2", email: "ada@engines.example", campaign: "c2" },
      { id: "l3", email: "bob@engines.example", campaign: null },
      { id: "l4", email: "eve@engines.example", campaign: "c1" },
    ];
    const { instantly, sent } = instantlyAnswering({ items });
    expect(await instantly.findHolders(["ada@engines.example", "bob@engines.example"])).toEqual(
      answered([
        { email: "ada@engines.example", senderCampaignId: "c1" },
        { email: "ada@engines.example", senderCampaignId: "c2" },
      ]),
    );
    expect(sent[0]).toMatchObject({
      url: `${API}/leads/list`,
      body: { contacts: ["ada@engines.example", "bob@engines.example"], limit: 100 },
    });
    expect(sent[0]!.body).not.toHaveProperty("campaign");
  });

  test.each([
    [
      "a schedule",
      "body/campaign_schedule/schedules/0/timezone must be equal to one of the allowed values",
      "malformed",
    ],
    ["the name of one campaign", "body/name must NOT have more than 100 characters", "refused"],
  ])("calls a campaign refused for %s by what it concerns", async (_what, message, is) => {
    const { instantly } = instantlyAnswering({ statusCode: 400, error: "Bad Request", message }, 400);
    const expected =
      is === "refused" ? { outcome: "refused", message } : aFault("instantly", "malformed", 400, message);
    expect(await instantly.createCampaign("Andon 1")).toEqual(expected);
  });

  test("that has no such address any more is at fault, though it answers 404 as for a campaign", async () => {
    const message = "Route POST:/api/v2/leads/add not found";
    const { instantly } = instantlyAnswering({ statusCode: 404, error: "Not Found", message }, 404);
    expect(await instantly.addLead("c1", aLead(), aCopy())).toEqual(aFault("instantly", "malformed", 404, message));
  });

  test("is malformed where counts are no numbers", async () => {
    const { instantly } = instantlyAnswering(anAddition({ skipped_count: "1" }));
    const message = expect.stringContaining("at skipped_count");
    expect(await instantly.addLead("c1", aLead(), aCopy())).toEqual(aFault("instantly", "malformed", 200, message));
  });
});
