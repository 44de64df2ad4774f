import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  AlertDeliveryAnswer,
  AlertDeliveryList,
  AlertTargetAnswer,
  AlertTargetList,
  AlertTargetMade,
} from "../../src/contract/alerts.ts";
import {
  BreakerChanged,
  ResumePace,
  CircuitBreaker,
  IncidentList,
  IncidentWhole,
  ServiceCheck,
} from "../../src/contract/breaker.ts";
import {
  CampaignAnswer,
  CampaignDeleted,
  CampaignList,
  CampaignProgress,
  CampaignsStatus,
  StartValidation,
} from "../../src/contract/campaigns.ts";
import { ClosePreview } from "../../src/contract/close-preview.ts";
import { JobAnswer, JobList, JobStatusAnswer, JobsStatus, JobWithSteps } from "../../src/contract/jobs.ts";
import { LeadAnswer, LeadList, LeadStats } from "../../src/contract/leads.ts";
import { LedgerPage, SandboxSummary } from "../../src/contract/sandbox.ts";
import { IncidentTimeline, ServiceList } from "../../src/contract/timeline.ts";
import { QueueManagementStatus } from "../../src/contract/status.ts";
import { TokenAnswer, TokenList, TokenMade } from "../../src/contract/tokens.ts";
import {
  aCampaign,
  call,
  campaignEnds,
  close,
  createCampaign,
  dataOf,
  failureOf,
  jobsOf,
  request,
  startedCampaign,
  type Token,
} from "./line.ts";
import { gateCloses } from "./rows.ts";

type Role = "viewer" | "operator" | "admin";

/** One row of api.md's tables. `{ended}`, `{created}`, `{job}`, … in a path stand for ids that `ids` knows. */
interface Endpoint {
  route: string;
  role: Role;
  data: z.ZodType;
  status?: number;
  body?: unknown;
}

const at = (role: Role, route: string, data: z.ZodType, more: { status?: number; body?: unknown } = {}): Endpoint => ({
  route,
  role,
  data,
  ...more,
});

const Done = z.object({ done: z.literal(true) });
const OneBreaker = z.object({ circuit_breaker: CircuitBreaker });

/** Nobody listens there. */
const A_TARGET = { name: "Nobody", kind: "webhook", url: "http://127.0.0.1:9/in", events: ["breaker.opened"] };

const ENDPOINTS: Endpoint[] = [
  at("viewer", "GET /queue-management/status", QueueManagementStatus),
  at("viewer", "GET /queue-management/circuit-breaker", OneBreaker),
  at("viewer", "GET /queue-management/circuit-breakers", OneBreaker),
  at("viewer", "GET /queue-management/circuit-breaker/close/preview", ClosePreview),
  at("viewer", "GET /queue-management/incidents", IncidentList),
  at("viewer", "GET /queue-management/incidents/{incident}", z.object({ incident: IncidentWhole })),
  at("viewer", "GET /queue-management/incidents/{incident}/timeline", IncidentTimeline),
  at("viewer", "GET /queue-management/services", ServiceList),
  at("operator", "POST /queue-management/services/openai/check", ServiceCheck),
  at("operator", "POST /campaigns", CampaignAnswer, { status: 201, body: aCampaign() }),
  at("viewer", "GET /campaigns?status=COMPLETED", CampaignList),
  at("viewer", "GET /campaigns/status", CampaignsStatus),
  at("viewer", "GET /campaigns/{ended}", CampaignAnswer),
  at("operator", "PATCH /campaigns/{created}", CampaignAnswer, { body: { name: "Renamed" } }),
  at("viewer", "GET /campaigns/{created}/start/validate", StartValidation),
  at("viewer", "GET /campaigns/{ended}/progress", z.object({ progress: CampaignProgress })),
  at("viewer", "GET /campaigns/{ended}/leads?outcome=pushed", LeadList),
  at("viewer", "GET /campaigns/{ended}/jobs?type=ENRICH_LEAD&status=COMPLETED", JobList),
  at("viewer", "GET /campaigns/{ended}/leads/stats", LeadStats),
  at("operator", "POST /campaigns/{ended}/cleanup", JobAnswer, { status: 202, body: { older_than_days: 30 } }),
  at("operator", "DELETE /campaigns/{created}", CampaignDeleted),
  at("operator", "POST /campaigns/{startable}/start", CampaignAnswer),
  at("viewer", "GET /jobs?type=FETCH_LEADS&campaign_id={ended}", JobList),
  at("viewer", "GET /jobs/status", JobsStatus),
  at("viewer", "GET /jobs/{job}", JobWithSteps),
  at("viewer", "GET /jobs/{job}/status", JobStatusAnswer),
  at("operator", "DELETE /jobs/{paused}", JobAnswer),
  at("operator", "POST /jobs/{failed}/retry", JobAnswer),
  at("viewer", "GET /leads?campaign_id={ended}&outcome=pushed", LeadList),
  at("viewer", "GET /leads/{lead}", LeadAnswer),
  at("operator", "POST /queue-management/pause", BreakerChanged, { body: { reason: "a look at the line" } }),
  at("operator", "POST /queue-management/circuit-breaker/close", BreakerChanged, { body: { note: "looked" } }),
  at("operator", "POST /queue-management/resume", BreakerChanged),
  at("viewer", "GET /queue-management/resume/pace", ResumePace),
  at("admin", "GET /alerts/targets", AlertTargetList),
  at("admin", "POST /alerts/targets", AlertTargetMade, { status: 201, body: A_TARGET }),
  at("admin", "PATCH /alerts/targets/{target}", AlertTargetAnswer, { body: { name: "Renamed" } }),
  at("admin", "POST /alerts/targets/{target}/test", AlertDeliveryAnswer, { status: 202 }),
  at("viewer", "GET /alerts/deliveries?target_id={target}&status=PENDING", AlertDeliveryList),
  at("admin", "DELETE /alerts/targets/{target}", z.object({ deleted: z.literal(true) })),
  at("admin", "GET /tokens", TokenList),
  at("admin", "POST /tokens", TokenMade, { status: 201, body: { name: "another", role: "viewer" } }),
  at("admin", "DELETE /tokens/atokenofviewer", TokenAnswer),
  at("admin", "POST /sandbox/faults", Done, { body: { provider: "openai", kind: "server_error", path: "/nowhere" } }),
  at("admin", "DELETE /sandbox/faults", Done),
  at("admin", "PUT /sandbox/latency", Done, { body: { provider: "openai", ms: 0 } }),
  at("admin", "PUT /sandbox/sender", Done, { body: { remaining_in_plan: null } }),
  at("admin", "GET /sandbox/calls?provider=apollo&after=0&limit=10", LedgerPage),
  at("admin", "GET /sandbox/summary", SandboxSummary),
  at("admin", "POST /sandbox/reset", Done),
];
const CSV = at("viewer", "GET /campaigns/{ended}/results.csv", z.unknown());
const EXPORT = at("viewer", "GET /queue-management/incidents/{incident}/export", z.unknown());

const LOWER: Record<Role, Token[]> = {
  viewer: [],
  operator: ["sandbox-viewer"],
  admin: ["sandbox-viewer", "sandbox-operator"],
};
const STORED = "andon_stranger1_0123456789012345678901234567890123456789";
const STRANGERS = [null, "wrong", "sandbox-root", "sandbox-admin sandbox-admin", STORED];

const ids: Record<string, string> = {};

beforeAll(async () => {
  const ended = await startedCampaign({ target_leads: 2 });
  await campaignEnds(ended);
  const [job] = await jobsOf(ended);
  const { leads } = await call<{ leads: { id: string }[] }>("GET", `/campaigns/${ended}/leads`);
  await call("POST", "/queue-management/pause", { reason: "to have an incident" });
  await close();
  await gateCloses();
  const { incidents } = await call<{ incidents: { id: string }[] }>("GET", "/queue-management/incidents");
  Object.assign(ids, { ended, job: job?.id, lead: leads[0]?.id, incident: incidents[0]?.id });
  ids["target"] = (await call<{ target: { id: string } }>("POST", "/alerts/targets", A_TARGET)).target.id;
  ids["created"] = await createCampaign();
  ids["startable"] = await createCampaign({ target_leads: 1 });
  ids["paused"] = await aJobRow("PENDING", null);
  await env.DB.exec(
    "INSERT INTO tokens (id, name, role, hash, created_at) VALUES ('atokenofviewer', 'n', 'viewer', '00', 1)",
  );
  ids["failed"] = await aJobRow("FAILED", Date.now());
});

/** A job that no message in the queue is about. */
async function aJobRow(status: string, finishedAt: number | null): Promise<string> {
  const id = crypto.randomUUID();
  await env.DB.prepare(
    `INSERT INTO job_rows (id, campaign_id, type, status, priority, dispatch, progress, created_at, finished_at)
     VALUES (?, ?, 'CLEANUP_CAMPAIGN', ?, 0, 1, '{"olderThanDays":3650}', 1, ?)`,
  )
    .bind(id, ids["ended"], status, finishedAt)
    .run();
  return id;
}

function send({ route, body }: Endpoint, token: string | null) {
  const [method = "", path = ""] = route.split(" ");
  const concrete = path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? `no id for ${name}`);
  return request(method, concrete, { body, token: token as Token | null });
}

/** All that a refused call could have changed here or at the providers. */
async function everything() {
  const tables =
    "campaigns progress job_rows leads breaker_gate tokens parked_messages alert_targets alert_deliveries".split(" ");
  const rows = await env.DB.batch(tables.map((table) => env.DB.prepare(`SELECT * FROM ${table} ORDER BY 1`)));
  return JSON.stringify([rows.map((each) => each.results), await call("GET", "/sandbox/summary")]);
}

describe("before anything is allowed", () => {
  test.each([...ENDPOINTS, CSV, EXPORT])(
    "$route answers 401 without a valid token, and leaves all as it was",
    async (endpoint) => {
      const before = await everything();
      for (const token of STRANGERS) {
        const response = await send(endpoint, token);
        expect(response.headers.get("www-authenticate")).toBe("Bearer");
        await failureOf(response, 401, "unauthenticated");
      }
      expect(await everything()).toBe(before);
    },
  );

  test.each(ENDPOINTS.filter(({ role }) => role !== "viewer"))(
    "$route answers 403 below $role, and leaves all as it was",
    async (endpoint) => {
      const before = await everything();
      for (const token of LOWER[endpoint.role]) {
        const { message } = await failureOf(await send(endpoint, token), 403, "forbidden");
        expect(message).toContain(endpoint.role);
      }
      expect(await everything()).toBe(before);
    },
  );

  test("a stranger learns neither which ids exist nor whether the body was right", async () => {
    for (const path of [`/campaigns/${crypto.randomUUID()}`, "/campaigns/7", "/leads?limit=0"]) {
      await failureOf(await request("GET", path, { token: null }), 401, "unauthenticated");
    }
    for (const body of ["{", "x".repeat(300_000)]) {
      await failureOf(await request("POST", "/campaigns", { token: null, body }), 401, "unauthenticated");
      await failureOf(await request("POST", "/campaigns", { token: "sandbox-viewer", body }), 403, "forbidden");
    }
  });

  test("only the scheme Bearer is known", async () => {
    for (const authorization of ["Basic sandbox-admin", "sandbox-admin", "Bearer", `Bearer ${"x".repeat(300)}`]) {
      await failureOf(
        await request("GET", "/jobs", { token: null, headers: { authorization } }),
        401,
        "unauthenticated",
      );
    }
  });
});

describe("with the least role that may", () => {
  test.each(ENDPOINTS)("$route answers a $role in the documented shape", async (endpoint) => {
    await dataOf(await send(endpoint, `sandbox-${endpoint.role}`), endpoint.status ?? 200, endpoint.data);
  });

  test("results.csv answers a viewer with CSV", async () => {
    const response = await send(CSV, "sandbox-viewer");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/csv");
    expect(await response.text()).toContain("lead_id,");
  });

  test("an incident's export answers a viewer with Markdown", async () => {
    const response = await send(EXPORT, "sandbox-viewer");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/markdown");
    expect(await response.text()).toContain("# Incident ");
  });
});
