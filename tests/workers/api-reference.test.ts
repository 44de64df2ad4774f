import { env, exports } from "cloudflare:workers";
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Health } from "../../src/contract/status.ts";
import worker from "../../src/index.ts";
import { dataOf, failureOf, request } from "./line.ts";

/** The paths of api.md's tables with their methods; `HEAD` and the like are nobody's business. */
const DOCUMENTED = `
GET /queue-management/status
GET /queue-management/circuit-breaker
GET /queue-management/circuit-breakers
POST /queue-management/circuit-breaker/close
GET /queue-management/circuit-breaker/close/preview
POST /queue-management/pause
POST /queue-management/resume
GET PUT /queue-management/resume/pace
GET /queue-management/incidents
GET /queue-management/incidents/{id}
GET /queue-management/incidents/{id}/timeline
GET /queue-management/incidents/{id}/export
GET /queue-management/services
GET /queue-management/services/activity
POST /queue-management/services/{provider}/check
GET POST /campaigns
GET /campaigns/status
GET PATCH DELETE /campaigns/{id}
GET /campaigns/{id}/start/validate
POST /campaigns/{id}/start
GET /campaigns/{id}/progress
GET /campaigns/{id}/leads
GET /campaigns/{id}/jobs
GET /campaigns/{id}/leads/stats
GET /campaigns/{id}/results.csv
POST /campaigns/{id}/cleanup
GET /jobs
GET /jobs/status
GET /jobs/count
POST /jobs/retry
GET DELETE /jobs/{id}
GET /jobs/{id}/status
GET /jobs/{id}/timeline
POST /jobs/{id}/retry
GET /leads
GET /leads/{id}
GET POST /alerts/targets
PATCH DELETE /alerts/targets/{id}
POST /alerts/targets/{id}/test
GET /alerts/deliveries
GET POST /tokens
DELETE /tokens/{id}
GET /health
GET /health/live
GET /health/ready
GET POST DELETE /sandbox/faults
PUT /sandbox/latency
PUT /sandbox/sender
GET /sandbox/calls
GET /sandbox/summary
POST /sandbox/reset`
  .trim()
  .split("\n")
  .map((line) => ({ methods: line.split(" ").slice(0, -1), path: line.split(" ").at(-1) ?? "" }));

interface Operation {
  security?: object[];
  description?: string;
  responses: Record<string, { content?: Record<string, { schema?: unknown }> }>;
}
interface Reference {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { securitySchemes: object };
}

const get = (path: string) => exports.default.fetch(`http://andon.example${path}`);
const reference = async () => (await (await get("/api/v1/openapi.json")).json()) as Reference;

/** Asks the Worker with other bindings than it has. */
async function ask(path: string, bindings: object, token = "sandbox-admin") {
  const context = createExecutionContext();
  const asked = new Request(`http://andon.example/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  const response = await worker.fetch(asked as never, { ...env, ...bindings } as never, context);
  await waitOnExecutionContext(context);
  return response;
}

describe("health", () => {
  test.each(["/health", "/health/ready"])(
    "%s answers without a token that the database, the breaker and the queue do",
    async (path) => {
      const { healthy, checks } = await dataOf(await request("GET", path, { token: null }), 200, Health);
      expect(healthy).toBe(true);
      expect(checks).toEqual({ database: works(), breaker: works(), queue: works() });
    },
  );

  const works = () => ({ ok: true, latency_ms: expect.any(Number) as number });

  test("live answers without a token", async () => {
    const alive = z.object({ alive: z.literal(true) });
    await dataOf(await request("GET", "/health/live", { token: null }), 200, alive);
  });

  test.each(["/health", "/health/ready"])("%s is 503 when the database is away, and says which part", async (path) => {
    const { message, details } = await failureOf(await ask(path, { DB: undefined }), 503, "unavailable");
    expect(message).toContain("No answer from: database.");
    expect(details).toMatchObject({ checks: { database: { ok: false }, breaker: { ok: true }, queue: { ok: true } } });
    expect((await ask("/health/live", { DB: undefined })).status).toBe(200);
  });
});

describe("the reference", () => {
  test("is OpenAPI 3.1, at both paths, for everyone", async () => {
    expect((await reference()).openapi).toMatch(/^3\.1\./);
    expect(await (await get("/openapi.json")).json()).toEqual(await reference());
  });

  test.each(DOCUMENTED)("holds $methods $path", async ({ methods, path }) => {
    const { paths } = await reference();
    const shown = Object.keys(paths[`/api/v1${path}`] ?? {}).map((method) => method.toUpperCase());
    expect(shown.toSorted()).toEqual(methods.toSorted());
  });

  test("holds nothing that is not documented", async () => {
    const shown = Object.keys((await reference()).paths).filter((path) => path.startsWith("/api/v1"));
    expect(shown.toSorted()).toEqual(DOCUMENTED.map(({ path }) => `/api/v1${path}`).toSorted());
  });

  test("asks for a token everywhere but for health, and names the role", async () => {
    const { paths, components } = await reference();
    expect(components.securitySchemes).toEqual({ token: { type: "http", scheme: "bearer" } });
    for (const [path, operations] of Object.entries(paths)) {
      for (const operation of Object.values(operations)) {
        const isPublic = path.includes("/health");
        expect({ path, security: operation.security }).toEqual({
          path,
          security: isPublic ? undefined : [{ token: [] }],
        });
        if (isPublic) continue;
        expect(operation.description).toMatch(/Role: (viewer|operator|admin)\./);
        expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(["400", "401", "403"]));
      }
    }
  });

  test("every answer in it has a schema", async () => {
    for (const [path, operations] of Object.entries((await reference()).paths)) {
      for (const { responses } of Object.values(operations)) {
        for (const [status, { content }] of Object.entries(responses)) {
          expect({ path, status, schema: Object.values(content ?? {})[0]?.schema }).toMatchObject({
            schema: expect.anything() as unknown,
          });
        }
      }
    }
  });

  test("can be read as a page at /docs and /api/v1/docs", async () => {
    for (const path of ["/docs", "/api/v1/docs"]) {
      const response = await get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toMatch(/^text\/html/);
      expect(response.headers.get("content-security-policy")).toContain("default-src 'self'");
      expect(await response.text()).toMatch(/^<!doctype html>/i);
    }
  });
});

describe("paths and methods", () => {
  test.each([
    "/",
    "/campaign",
    "/campaigns/",
    "/jobs/status/",
    "/campaigns/status/x",
    "/jobs/status/x/y",
    "/sandbox",
    "/tokens/x/y",
    "/%E0%A4%A",
  ])("%s is nowhere", async (path) => {
    for (const method of ["GET", "POST"]) await failureOf(await request(method, path), 404, "not_found");
  });

  test("what is beside the prefix is nowhere too", async () => {
    for (const path of ["/campaigns", "/api/campaigns", "/api/v2/campaigns"])
      await failureOf(await get(path), 404, "not_found");
  });

  test.each(DOCUMENTED)("$path knows only $methods", async ({ methods, path }) => {
    const concrete = path.replace("{id}", crypto.randomUUID()).replace("{provider}", "openai");
    const wrong = ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((method) => !methods.includes(method));
    // `/campaigns/status`, `/jobs/status` and the like are also what `/campaigns/{id}` and `/jobs/{id}` match.
    const known = /^\/(campaigns|jobs)\/(status|count|retry)$/.test(path) ? null : methods;
    for (const method of known ? wrong : ["PUT"]) {
      const response = await request(method, concrete);
      const allow = response.headers.get("allow");
      await failureOf(response, 405, "method_not_allowed");
      if (known) expect(allow?.split(", ").toSorted()).toEqual(known.toSorted());
      else expect(allow).toContain("GET");
    }
  });
});

describe("an error of the inside", () => {
  test.each(["/campaigns", "/jobs/status", `/leads/${crypto.randomUUID()}`])(
    "%s answers `internal`, and nothing of what went wrong",
    async (path) => {
      const broken = {
        prepare: () => {
          throw new Error("D1_ERROR: too many SQL variables at offset 386: SQLITE_ERROR");
        },
      };
      const response = await ask(path, { DB: broken });
      expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      const { details } = await failureOf(response, 500, "internal");
      expect(details).toBeUndefined();
    },
  );

  test("storage that fails for a moment answers `unavailable`, and nothing of what went wrong", async () => {
    const prepare = () => {
      throw Object.assign(new Error("D1_ERROR: Network connection lost."), { retryable: true });
    };
    await failureOf(await ask("/campaigns", { DB: { prepare } }), 503, "unavailable");
  });

  test("every answer carries a request id and forbids sniffing", async () => {
    for (const path of ["/health/live", "/campaigns", "/nowhere"]) {
      const { headers } = await request("GET", path);
      expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
  });
});
