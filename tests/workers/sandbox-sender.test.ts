import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { sandboxOf } from "../../src/platform/config.ts";
import { breakProvider, call, failureOf, ledger, request, summary } from "./line.ts";

const headers = { authorization: "Bearer key" };

/** A call to the stand-in of Instantly, as a client makes it. */
async function instantly(method: string, path: string, body?: object) {
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const answer = await sandboxOf(env).fetch(`https://api.instantly.ai/api/v2${path}`, init);
  return { status: answer.status, body: await answer.json<Record<string, any>>() };
}

async function aCampaign(name = "Test"): Promise<string> {
  const schedule = {
    name: "Working hours",
    timing: { from: "09:00", to: "17:00" },
    days: { "1": true },
    timezone: "America/Chicago",
  };
  const made = await instantly("POST", "/campaigns", { name, campaign_schedule: { schedules: [schedule] } });
  return made.body["id"];
}

const add = async (campaign_id: string, emails: string[], skip_if_in_campaign = true) =>
  (
    await instantly("POST", "/leads/add", {
      campaign_id,
      leads: emails.map((email) => ({ email })),
      skip_if_in_campaign,
    })
  ).body;
const state = (body: object) => call("PUT", "/sandbox/sender", body);

/** What the ledger says of the leads that were to be added. */
const fates = async () =>
  (await ledger()).filter(({ path }) => path.endsWith("/leads/add")).map(({ subject, outcome }) => [subject, outcome]);

beforeEach(() => call("POST", "/sandbox/reset"));

describe("an address", () => {
  test("that this campaign holds is a duplicate, whether it is to be skipped or not", async () => {
    const id = await aCampaign();
    expect(await add(id, ["a@b.example"])).toMatchObject({ leads_uploaded: 1, remaining_in_plan: null });
    for (const skip of [true, false]) {
      expect(await add(id, ["A@B.example"], skip)).toMatchObject({
        leads_uploaded: 0,
        duplicated_leads: 1,
        skipped_count: 0,
        created_leads: [],
      });
    }
    expect((await summary()).pushed).toEqual({ [id]: 1 });
  });

  test("that another campaign holds is skipped and not added, if it is to be skipped", async () => {
    const [one, other] = [await aCampaign("One"), await aCampaign("Other")];
    await add(one, ["a@b.example"]);
    expect(await add(other, ["a@b.example"])).toMatchObject({ leads_uploaded: 0, skipped_count: 1 });
    expect((await summary()).pushed).toEqual({ [one]: 1, [other]: 0 });
    expect(await add(other, ["a@b.example"], false)).toMatchObject({ leads_uploaded: 1, skipped_count: 0 });
  });

  test("that the workspace is told to know is skipped, found without naming a campaign, and counted as nobody's push", async () => {
    await state({ known: ["A@b.example"] });
    const id = await aCampaign();
    expect(await add(id, ["a@b.example", "c@d.example"])).toMatchObject({ leads_uploaded: 1, skipped_count: 1 });
    const list = (body: object) => instantly("POST", "/leads/list", body);
    const everywhere = await list({ contacts: ["a@b.example", "c@d.example", "nobody@b.example"] });
    const items: { email: string; campaign: string }[] = everywhere.body["items"];
    expect(items.map(({ email, campaign }) => [email, campaign === id])).toEqual([
      ["a@b.example", false],
      ["c@d.example", true],
    ]);
    expect((await list({ campaign: id, contacts: ["a@b.example"] })).body["items"]).toEqual([]);
    const { pushed, providers } = await summary();
    expect(pushed).toEqual({ [id]: 1 });
    expect(providers.instantly?.faults).toBe(0);
    expect(await fates()).toEqual([
      ["a@b.example", "known_elsewhere"],
      ["c@d.example", "ok"],
    ]);
  });

  test("that is blocked, itself or by its domain, is not added", async () => {
    await state({ blocked: ["A@b.example", "d.example"] });
    const id = await aCampaign();
    const counts = await add(id, ["a@b.example", "c@d.example", "e@b.example"]);
    expect(counts).toMatchObject({ in_blocklist: 2, blocklist_used: expect.any(String), leads_uploaded: 1 });
    expect((await fates()).map(([, outcome]) => outcome)).toEqual(["blocked", "blocked", "ok"]);
    await state({ blocked: [] });
    expect(await add(id, ["a@b.example"])).toMatchObject({ in_blocklist: 0, leads_uploaded: 1 });
  });

  test("that is none, is missing or stands twice in a request is counted in its own field", async () => {
    const id = await aCampaign();
    const leads = [
      { email: "none" },
      { email: null, first_name: "A" },
      { email: "a@b.example" },
      { email: "a@b.example" },
    ];
    expect((await instantly("POST", "/leads/add", { campaign_id: id, leads })).body).toMatchObject({
      total_sent: 4,
      leads_uploaded: 1,
      invalid_email_count: 1,
      incomplete_count: 1,
      duplicate_email_count: 1,
      created_leads: [{ index: 2, email: "a@b.example", id: expect.any(String) }],
    });
  });
});

test("a plan that is full takes nobody, until it is told to have room", async () => {
  const id = await aCampaign();
  await state({ remaining_in_plan: 1 });
  expect(await add(id, ["a@b.example", "c@d.example"])).toMatchObject({ leads_uploaded: 1, remaining_in_plan: 0 });
  expect(await add(id, ["c@d.example"])).toMatchObject({ leads_uploaded: 0, remaining_in_plan: 0, created_leads: [] });
  expect((await fates()).map(([, outcome]) => outcome)).toEqual(["ok", "plan_full", "plan_full"]);
  expect((await summary()).providers.instantly).toMatchObject({ faults: 2, repeated_subjects: [] });
  await state({ remaining_in_plan: null });
  expect(await add(id, ["c@d.example"])).toMatchObject({ leads_uploaded: 1, remaining_in_plan: null });
});

describe("a sender campaign that is deleted", () => {
  test("is not found, takes no leads, and another of its name is a new one that can hold the same leads", async () => {
    const id = await aCampaign();
    await add(id, ["a@b.example"]);
    await state({ deleted_campaign: id });
    expect((await instantly("GET", `/campaigns/${id}`)).status).toBe(404);
    expect(await add(id, ["c@d.example"])).toMatchObject({ statusCode: 404 });
    const next = await aCampaign();
    expect(next).not.toBe(id);
    expect(await add(next, ["a@b.example"])).toMatchObject({ leads_uploaded: 1, skipped_count: 0 });
    expect((await summary()).pushed).toEqual({ [next]: 1 });
  });

  test("must be there: an unknown one is refused, and nothing else of the order is done", async () => {
    const body = { remaining_in_plan: 0, deleted_campaign: "00000000-0000-4000-8000-00000000c0de" };
    const { details } = await failureOf(await request("PUT", "/sandbox/sender", { body }), 400, "invalid_request");
    expect(details).toMatchObject([{ path: "deleted_campaign" }]);
    expect(await add(await aCampaign(), ["a@b.example"])).toMatchObject({ leads_uploaded: 1 });
  });
});

test.each<[body: object, path: string]>([
  [{ remaining_in_plan: -1 }, "remaining_in_plan"],
  [{ blocked: "a@b.example" }, "blocked"],
  [{ known: [""] }, "known.0"],
  [{ deleted_campaign: "sender-1" }, "deleted_campaign"],
  [{ plan: 3 }, "plan"],
])("%j is refused", async (body, path) => {
  const { details } = await failureOf(await request("PUT", "/sandbox/sender", { body }), 400, "invalid_request");
  expect((details as { path: string }[]).map((each) => each.path)).toEqual([path]);
});

test("all of it is forgotten with a reset", async () => {
  await state({ remaining_in_plan: 0, blocked: ["a@b.example"], known: ["c@d.example"] });
  await call("POST", "/sandbox/reset");
  const id = await aCampaign();
  const counts = { leads_uploaded: 2, in_blocklist: 0, skipped_count: 0, remaining_in_plan: null };
  expect(await add(id, ["a@b.example", "c@d.example"])).toMatchObject(counts);
  expect((await instantly("GET", "/campaigns")).body["items"]).toMatchObject([{ id, name: "Test", status: 0 }]);
});

test("an answer of broken bytes is otherwise whole: who reads it loosely believes it, and the sender holds nothing", async () => {
  const id = await aCampaign();
  await breakProvider({ provider: "instantly", kind: "broken_utf8", path: "/leads/add" });
  const answer = await sandboxOf(env).fetch("https://api.instantly.ai/api/v2/leads/add", {
    method: "POST",
    headers,
    body: JSON.stringify({ campaign_id: id, leads: [{ email: "a@b.example" }] }),
  });
  const bytes = await answer.arrayBuffer();
  expect(() => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)).toThrow();
  expect(JSON.parse(new TextDecoder().decode(bytes))).toMatchObject({ leads_uploaded: 1 });
  expect((await summary()).pushed).toEqual({ [id]: 0 });
});
