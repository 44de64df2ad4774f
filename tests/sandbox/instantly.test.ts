import { describe, expect, test } from "vitest";
import { answerTo, read } from "./calls.ts";

const INSTANTLY = "https://api.instantly.ai/api/v2";
const CAMPAIGN = "019ffad2-9c4e-7be6-8364-ed48f0bbb5d8";

const add = (...leads: unknown[]) => ({
  method: "POST",
  body: { campaign_id: CAMPAIGN, leads, skip_if_in_campaign: true },
});
const schedule = (changes: Record<string, unknown> = {}) => ({
  name: "Working hours",
  timing: { from: "09:00", to: "17:00" },
  days: { "1": true },
  timezone: "America/Chicago",
  ...changes,
});
const make = (changes?: Record<string, unknown>) => ({
  method: "POST",
  body: { name: "Test", campaign_schedule: { schedules: [schedule(changes)] }, sequences: [{ steps: [] }] },
});

const COUNTS = {
  status: "success",
  total_sent: 1,
  leads_uploaded: 0,
  in_blocklist: 0,
  blocklist_used: null,
  duplicated_leads: 0,
  skipped_count: 0,
  invalid_email_count: 0,
  incomplete_count: 0,
  duplicate_email_count: 0,
  remaining_in_plan: null,
  created_leads: [],
};

describe("adding leads", () => {
  test("asks the memory for each lead, and tells what became of them in all twelve fields", () => {
    const both = add({ email: "a@b.example", first_name: "A" }, { email: "x" });
    expect(read(`${INSTANTLY}/leads/add`, both).plan).toMatchObject({
      request: {
        do: "add_leads",
        campaign: CAMPAIGN,
        leads: [{ email: "a@b.example", fields: '{"first_name":"A"}' }, { email: "x" }],
        skipIfInCampaign: true,
      },
    });
    const leads = [
      { email: "a@b.example", fate: "created", id: "l" } as const,
      { email: "x", fate: "invalid" } as const,
    ];
    const result = { did: "add_leads", leads, remaining: 7 } as const;
    expect(answerTo(`${INSTANTLY}/leads/add`, { ...both, result: { ...result, leads } }).body).toEqual({
      ...COUNTS,
      total_sent: 2,
      leads_uploaded: 1,
      invalid_email_count: 1,
      remaining_in_plan: 7,
      created_leads: [{ index: 0, id: "l", email: "a@b.example" }],
    });
  });

  test.each([
    ["duplicate", { duplicated_leads: 1 }],
    ["known_elsewhere", { skipped_count: 1 }],
    ["incomplete", { incomplete_count: 1 }],
    ["repeated", { duplicate_email_count: 1 }],
    ["blocked", { in_blocklist: 1, blocklist_used: expect.any(String) }],
  ] as const)("counts one that is %s in its own field", (fate, counts) => {
    const result = { did: "add_leads" as const, leads: [{ email: "a@b.example", fate }], remaining: null };
    const { body } = answerTo(`${INSTANTLY}/leads/add`, { ...add({ email: "a@b.example" }), result });
    expect(body).toEqual({ ...COUNTS, ...counts });
  });

  test.each([
    ["plan_full", { remaining_in_plan: 0 }],
    ["known_elsewhere", { skipped_count: 1 }],
    ["blocked", { in_blocklist: 1 }],
  ] as const)("shows %s when it is ordered", (show, counts) => {
    const { status, body } = answerTo(`${INSTANTLY}/leads/add`, { ...add({ email: "a@b.example" }), show });
    expect(status).toBe(200);
    expect(body).toMatchObject({ ...COUNTS, ...counts, blocklist_used: body.blocklist_used });
  });

  test("without its counts is an answer that decides nothing", () => {
    const { body } = answerTo(`${INSTANTLY}/leads/add`, { ...add({ email: "a@b.example" }), show: "missing_field" });
    expect(Object.keys(body)).toEqual(["status", "total_sent", "blocklist_used"]);
  });
});

describe("Instantly's words", () => {
  test.each<[what: string, path: string, told: { method?: string; body?: unknown }, message: string]>([
    ["an address that is a number", "/leads/add", add({ email: 7 }), "body/leads/0/email must be string,null"],
    ["no leads", "/leads/add", add(), "body/leads must NOT have fewer than 1 items"],
    [
      "no list of leads",
      "/leads/add",
      { method: "POST", body: { campaign_id: CAMPAIGN } },
      "body must have required property 'leads'",
    ],
    ["an id that is no UUID", "/campaigns/sender-1", {}, 'params/id must match format "uuid"'],
    [
      "a time without its nought",
      "/campaigns",
      make({ timing: { from: "9:00", to: "17:00" } }),
      'body/campaign_schedule/schedules/0/timing/from must match pattern "/^([01][0-9]|2[0-3]):[0-5][0-9]$/"',
    ],
    [
      "no days",
      "/campaigns",
      make({ days: {} }),
      "body/campaign_schedule/schedules/0/days must NOT have fewer than 1 properties",
    ],
    [
      "a time zone that is not of its list",
      "/campaigns",
      make({ timezone: "Europe/Berlin" }),
      "body/campaign_schedule/schedules/0/timezone must be equal to one of the allowed values",
    ],
    [
      "too many addresses",
      "/leads/list",
      { method: "POST", body: { contacts: Array.from({ length: 101 }, () => "a@b.example") } },
      "body/contacts must NOT have more than 100 items",
    ],
  ])("refuse %s with 400", (_, path, told, message) => {
    expect(answerTo(INSTANTLY + path, told)).toMatchObject({
      status: 400,
      body: { statusCode: 400, error: "Bad Request", message },
    });
  });

  test("about a schedule refuse every campaign alike, when that is ordered", () => {
    const { status, body } = answerTo(`${INSTANTLY}/campaigns`, { ...make(), show: "bad_request" });
    expect(status).toBe(400);
    expect(body.message).toMatch(/^body\/campaign_schedule\/schedules\/0\//);
  });

  test("stand inside a 200, when that is ordered, in every call", () => {
    const list = { method: "POST", body: { contacts: ["a@b.example"] } };
    for (const [path, told] of [
      ["/campaigns?limit=1", {}],
      ["/campaigns", make()],
      ["/leads/list", list],
      ["/leads/add", add({ email: "a@b.example" })],
    ] as const) {
      expect(answerTo(INSTANTLY + path, { ...told, show: "error_in_200" })).toMatchObject({
        status: 200,
        body: { statusCode: 500, error: "Internal Server Error", message: expect.any(String) },
      });
    }
  });
});

describe("asking", () => {
  test("for a campaign tells its real fields", () => {
    const fields = JSON.stringify({ campaign_schedule: { schedules: [schedule()] } });
    const campaign = { id: CAMPAIGN, name: "Test", status: 0, createdAtMs: 0, fields };
    const result = { did: "get_campaign", campaign } as const;
    expect(answerTo(`${INSTANTLY}/campaigns/${CAMPAIGN}`, { result }).body).toMatchObject({
      id: CAMPAIGN,
      name: "Test",
      status: 0,
      campaign_schedule: { schedules: [schedule()] },
      timestamp_created: "1970-01-01T00:00:00.000Z",
      timestamp_updated: "1970-01-01T00:00:00.000Z",
    });
  });

  test("for leads needs no campaign, and tells of each where it is", () => {
    const list = { method: "POST", body: { contacts: ["a@b.example"] } };
    expect(read(`${INSTANTLY}/leads/list`, list).plan).toMatchObject({
      request: { do: "list_leads", campaign: null, contacts: ["a@b.example"] },
    });
    const lead = { id: "l", email: "a@b.example", campaign: CAMPAIGN, fields: '{"first_name":"A"}', createdAtMs: 0 };
    const result = { did: "list_leads" as const, leads: [lead], next: null };
    expect(answerTo(`${INSTANTLY}/leads/list`, { ...list, result }).body).toMatchObject({
      items: [{ id: "l", email: "a@b.example", campaign: CAMPAIGN, first_name: "A", last_name: null }],
      next_starting_after: null,
    });
  });

  test("for a campaign that is gone is 404", () => {
    const gone = { did: "nothing", because: "no_such_campaign" } as const;
    expect(answerTo(`${INSTANTLY}/leads/add`, { ...add({ email: "a@b.example" }), result: gone }).status).toBe(404);
  });

  test("for a short list of campaigns is the check", () => {
    expect(read(`${INSTANTLY}/campaigns?limit=1`).entries).toEqual([{ subject: "check", outcome: "ok", costUsd: 0 }]);
  });
});
