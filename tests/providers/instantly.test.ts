import { describe, expect, test } from "vitest";
import { aCopy, aFault, aLead, KEY, providersOn } from "./builders.ts";
import { aJson, fakeFetch } from "./fake-fetch.ts";

const API = "https://api.instantly.ai/api/v2";

function instantlyAnswering(body: object, status = 200) {
  const { fetch, sent } = fakeFetch(aJson(status, body));
  return { instantly: providersOn(fetch).instantly, sent };
}

const anAddition = (changes: object = {}) => ({
  status: "success",
  total_sent: 1,
  leads_uploaded: 0,
  duplicated_leads: 0,
  skipped_count: 0,
  invalid_email_count: 0,
  created_leads: [],
  ...changes,
});

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
          personalization: aCopy().body,
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
    ["skipped", { skipped_count: 1 }],
    ["duplicated", { duplicated_leads: 1 }],
    ["uploaded without an id", { leads_uploaded: 1, created_leads: null }],
  ])("that counts the lead as %s has it, under an id it does not tell", async (_how, counts) => {
    const { instantly } = instantlyAnswering(anAddition(counts));
    expect(await instantly.addLead("c1", aLead(), aCopy())).toEqual(answered({ senderLeadId: null }));
  });

  test.each([
    ["an invalid address", { invalid_email_count: 1 }, "Instantly calls the address invalid"],
    ["a blocked address", { in_blocklist: 1 }, "The address is on Instantly's block list"],
    ["no reason", {}, "Instantly did not take the lead and gave no reason"],
  ])("refuses a lead for %s", async (_why, counts, message) => {
    const { instantly } = instantlyAnswering(anAddition(counts));
    expect(await instantly.addLead("c1", aLead(), aCopy())).toEqual({ outcome: "refused", message });
  });

  test("is malformed where counts are no numbers", async () => {
    const { instantly } = instantlyAnswering(anAddition({ skipped_count: "1" }));
    const message = expect.stringContaining("at skipped_count");
    expect(await instantly.addLead("c1", aLead(), aCopy())).toEqual(aFault("instantly", "malformed", 200, message));
  });
});
