import { env, exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { CampaignAnswer } from "../../src/contract/campaigns.ts";
import { aCampaign, call, createCampaign, dataOf, failureOf, request } from "./line.ts";

const NOBODY = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000";

/** Every path with an id in it, and a body where it needs one. */
const BY_ID: [route: string, body?: unknown][] = [
  ["GET /queue-management/incidents/{id}"],
  ["GET /queue-management/incidents/{id}/timeline"],
  ["GET /queue-management/incidents/{id}/export"],
  ["GET /campaigns/{id}"],
  ["PATCH /campaigns/{id}", { name: "New" }],
  ["DELETE /campaigns/{id}"],
  ["GET /campaigns/{id}/start/validate"],
  ["POST /campaigns/{id}/start"],
  ["GET /campaigns/{id}/progress"],
  ["GET /campaigns/{id}/leads"],
  ["GET /campaigns/{id}/jobs"],
  ["GET /campaigns/{id}/leads/stats"],
  ["GET /campaigns/{id}/results.csv"],
  ["POST /campaigns/{id}/cleanup", { older_than_days: 1 }],
  ["GET /jobs/{id}"],
  ["GET /jobs/{id}/status"],
  ["DELETE /jobs/{id}"],
  ["POST /jobs/{id}/retry"],
  ["GET /leads/{id}"],
  ["PATCH /alerts/targets/{id}", { name: "New" }],
  ["DELETE /alerts/targets/{id}"],
  ["POST /alerts/targets/{id}/test"],
];

const WITH_BODY = [
  "POST /queue-management/circuit-breaker/close",
  "POST /queue-management/pause",
  "POST /queue-management/resume",
  "PUT /queue-management/resume/pace",
  "POST /queue-management/services/openai/check",
  "POST /campaigns",
  "PATCH /campaigns/{id}",
  "POST /campaigns/{id}/start",
  "POST /campaigns/{id}/cleanup",
  "POST /jobs/{id}/retry",
  "POST /alerts/targets",
  "PATCH /alerts/targets/{id}",
  "POST /alerts/targets/{id}/test",
  "POST /tokens",
  "POST /sandbox/faults",
  "PUT /sandbox/latency",
  "PUT /sandbox/sender",
  "POST /sandbox/reset",
];

const QUERIED = [
  "GET /queue-management/status",
  "GET /queue-management/circuit-breaker",
  "GET /queue-management/circuit-breakers",
  "GET /queue-management/circuit-breaker/close/preview",
  "GET /queue-management/incidents",
  "GET /queue-management/resume/pace",
  "GET /queue-management/services",
  "GET /campaigns",
  "GET /campaigns/status",
  "GET /jobs",
  "GET /jobs/status",
  "GET /leads",
  "GET /alerts/targets",
  "GET /alerts/deliveries",
  "GET /tokens",
  "DELETE /tokens/nosuchtoken",
  "DELETE /sandbox/faults",
  "GET /sandbox/calls",
  "GET /sandbox/summary",
  ...WITH_BODY,
  ...BY_ID.map(([route]) => route),
];

const PAGED = ["/campaigns", "/jobs", "/leads", "/tokens", "/queue-management/incidents", "/alerts/deliveries"];

const split = (route: string, id: string) => {
  const [method = "", path = ""] = route.replace("{id}", id).split(" ");
  return { method, path };
};
const problemsOf = (error: { details?: unknown }) => error.details as { path: string; problem: string }[];

/** Expects `invalid_request` naming exactly these fields, each with its problem. */
async function refused(response: Response, ...paths: string[]) {
  const problems = problemsOf(await failureOf(response, 400, "invalid_request"));
  expect(problems.map(({ path }) => path)).toEqual(paths);
  for (const each of problems)
    expect(each).toEqual({ path: each.path, problem: expect.stringMatching(/\S/) as string });
}

describe("ids", () => {
  test.each(BY_ID)("%s answers 404 for an id that nothing has", async (route, body) => {
    const { method, path } = split(route, NOBODY);
    await failureOf(await request(method, path, { body }), 404, "not_found");
  });

  test.each(BY_ID)("%s answers 400 for an id that is no UUID", async (route, body) => {
    for (const id of ["7", "..%2F", "%00", `${NOBODY}x`, "'%20OR%201=1--"]) {
      const { method, path } = split(route, id);
      await refused(await request(method, path, { body }), "id");
    }
  });

  test("a provider that does not exist cannot be checked", async () => {
    await refused(await request("POST", "/queue-management/services/hubspot/check"), "provider");
  });
});

describe("bodies", () => {
  test.each(WITH_BODY)("%s refuses what is no JSON", async (route) => {
    const { method, path } = split(route, await createCampaign());
    for (const body of ["{", '{"name": "x",}', "name=x", '{"name": NaN}']) {
      await failureOf(await request(method, path, { body }), 400, "invalid_json");
    }
  });

  test.each(WITH_BODY)("%s refuses JSON that is no object, and fields that it does not know", async (route) => {
    const { method, path } = split(route, await createCampaign());
    for (const body of ["[]", '"text"', "7", "null"]) await refused(await request(method, path, { body }), "");
    const error = await failureOf(await request(method, path, { body: { surprise: 1 } }), 400, "invalid_request");
    expect(problemsOf(error)).toContainEqual({ path: "surprise", problem: expect.any(String) as string });
  });

  test.each(WITH_BODY)("%s takes no body but JSON", async (route) => {
    const { method, path } = split(route, NOBODY);
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/jsonx",
    ]) {
      const response = await request(method, path, { body: "{}", headers: { "content-type": type } });
      await failureOf(response, 415, "unsupported_media_type");
    }
  });

  test.each(WITH_BODY)("%s refuses a body of more than 256 KiB", async (route) => {
    const { method, path } = split(route, NOBODY);
    await failureOf(await request(method, path, { body: { name: "x".repeat(256 * 1024) } }), 413, "too_large");
  });

  test("a body of 256 KiB to the byte is read", async () => {
    const body = `{"name":"${"x".repeat(256 * 1024 - 11)}"}`;
    expect(new TextEncoder().encode(body).byteLength).toBe(256 * 1024);
    await failureOf(await request("POST", "/campaigns", { body }), 400, "invalid_request");
    await failureOf(await request("POST", "/campaigns", { body: `${body} ` }), 413, "too_large");
  });

  test("a body whose length nobody tells is measured as it arrives, in bytes", async () => {
    const sent = async (text: string) => {
      const body = new Blob([text]).stream().pipeThrough(new TransformStream());
      const headers = { authorization: "Bearer sandbox-operator", "content-type": "application/json" };
      return exports.default.fetch("http://andon.example/api/v1/campaigns", { method: "POST", headers, body });
    };
    await failureOf(await sent(`{"name":"${"€".repeat(90_000)}"}`), 413, "too_large");
    await dataOf(await sent(JSON.stringify(aCampaign())), 201, CampaignAnswer);
  });

  test("JSON is known by any spelling of its content type", async () => {
    for (const type of ["application/json; charset=utf-8", "Application/JSON", "application/vnd.andon+json"]) {
      const response = await request("POST", "/campaigns", { body: aCampaign(), headers: { "content-type": type } });
      await dataOf(response, 201, CampaignAnswer);
    }
  });

  test("a refused body writes nothing", async () => {
    const count = () => env.DB.prepare("SELECT count(*) FROM campaigns").first();
    const before = await count();
    for (const body of ["{", { ...aCampaign(), target_leads: 0 }, { ...aCampaign(), surprise: 1 }]) {
      expect((await request("POST", "/campaigns", { body })).status).toBe(400);
    }
    expect(await count()).toEqual(before);
  });
});

describe("queries", () => {
  test.each(QUERIED)("%s refuses a parameter that it does not know", async (route) => {
    const { method, path } = split(route, await createCampaign());
    const error = await failureOf(await request(method, `${path}?surprise=1`), 400, "invalid_request");
    expect(problemsOf(error)).toContainEqual({ path: "surprise", problem: expect.any(String) as string });
  });

  test.each(PAGED)("%s pages by 1 to 200", async (path) => {
    for (const limit of ["0", "201", "-1", "1.5", "many", "", "1e3", "0x10", "0b1", "%2010", "NaN", "1&limit=2"]) {
      await refused(await request("GET", `${path}?limit=${limit}`), "limit");
    }
    for (const limit of [1, 200]) await call("GET", `${path}?limit=${limit}`);
  });

  test.each(PAGED)("%s takes only an id as cursor", async (path) => {
    for (const cursor of ["1", "x'--", "%00"])
      await refused(await request("GET", `${path}?cursor=${cursor}`), "cursor");
  });

  test.each([
    ["/campaigns?status=PAUSED", "status"],
    ["/campaigns?status=created", "status"],
    ["/jobs?status=DONE", "status"],
    ["/jobs?type=SEND", "type"],
    ["/jobs?campaign_id=7", "campaign_id"],
    ["/leads?campaign_id=7", "campaign_id"],
    ["/leads?outcome=won", "outcome"],
    ["/alerts/deliveries?status=SENT", "status"],
    ["/alerts/deliveries?target_id=7", "target_id"],
    [`/campaigns/${NOBODY}/jobs?campaign_id=${NOBODY}`, "campaign_id"],
    [`/campaigns/${NOBODY}/leads?outcome=won`, "outcome"],
  ])("%s is refused", async (path, field) => {
    await refused(await request("GET", path), field);
  });
});
