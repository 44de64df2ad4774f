import { env } from "cloudflare:workers";
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { CampaignAnswer, CampaignList } from "../../src/contract/campaigns.ts";
import { Health } from "../../src/contract/status.ts";
import { PROVIDER_SECRETS } from "../../src/platform/secrets.ts";
import worker from "../../src/index.ts";
import { aCampaign, dataOf, failureOf, request } from "./line.ts";

const NAMES = Object.values(PROVIDER_SECRETS);
const SECRETS = Object.fromEntries(NAMES.map((name) => [name, `key-of-${name.toLowerCase()}`]));
const SECRET = "abcdefghijklmnopqrstuvwxyz0123456789-_AB";
const DAY_MS = 86_400_000;

interface Asked {
  token?: string | null;
  body?: unknown;
  secrets?: object;
}

/** Asks the Worker as it is deployed: in production mode, and without the sandbox. */
async function ask(method: string, path: string, { token = null, body, secrets = SECRETS }: Asked = {}) {
  const headers = new Headers(token === null ? {} : { authorization: `Bearer ${token}` });
  if (body !== undefined) headers.set("content-type", "application/json");
  const asked = new Request(`http://andon.example/api/v1${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const context = createExecutionContext();
  const bindings = { ...env, SANDBOX: undefined, MODE: "production", ...secrets };
  const response = await worker.fetch(asked as never, bindings as never, context);
  await waitOnExecutionContext(context);
  return response;
}

let made = 0;
/** Stores a token, hashed, and returns its text. */
async function aToken(role: string, dates: { expires_at?: number; revoked_at?: number } = {}): Promise<string> {
  const id = `teststoken${++made}`;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(SECRET));
  await env.DB.prepare(
    "INSERT INTO tokens (id, name, role, hash, created_at, expires_at, revoked_at) VALUES (?, ?, ?, ?, 1, ?, ?)",
  )
    .bind(
      id,
      `the ${role} of the tests`,
      role,
      new Uint8Array(digest).toHex(),
      dates.expires_at ?? null,
      dates.revoked_at ?? null,
    )
    .run();
  return `andon_${id}_${SECRET}`;
}

describe("tokens", () => {
  test("a stored token has the rights of its role", async () => {
    const [viewer, operator] = [await aToken("viewer"), await aToken("operator")];
    await dataOf(await ask("GET", "/campaigns", { token: viewer }), 200, CampaignList);
    await failureOf(await ask("POST", "/campaigns", { token: viewer, body: aCampaign() }), 403, "forbidden");
    await dataOf(await ask("POST", "/campaigns", { token: operator, body: aCampaign() }), 201, CampaignAnswer);
  });

  test("a stored token works in the sandbox too, by its name", async () => {
    const token = await aToken("admin");
    const bearer = { token: null, headers: { authorization: `bearer ${token}` } };
    expect((await request("GET", "/sandbox/summary", bearer)).status).toBe(200);
    const response = await request("POST", "/queue-management/pause", { ...bearer, body: { reason: "who am I" } });
    expect(await response.json()).toMatchObject({ data: { circuit_breaker: { opened_by: "the admin of the tests" } } });
    await request("POST", "/queue-management/resume");
  });

  test("a token that has expired or was revoked opens nothing", async () => {
    for (const dates of [{ expires_at: Date.now() - 1 }, { expires_at: 0 }, { revoked_at: Date.now() - DAY_MS }]) {
      await failureOf(await ask("GET", "/campaigns", { token: await aToken("admin", dates) }), 401, "unauthenticated");
    }
    const token = await aToken("viewer", { expires_at: Date.now() + DAY_MS });
    await dataOf(await ask("GET", "/campaigns", { token }), 200, CampaignList);
    await env.DB.prepare("UPDATE tokens SET revoked_at = 1 WHERE id = ?").bind(`teststoken${made}`).run();
    await failureOf(await ask("GET", "/campaigns", { token }), 401, "unauthenticated");
  });

  test("neither the id alone, nor another secret, nor the stored hash is a token", async () => {
    const token = await aToken("admin");
    const [, id] = token.split("_");
    const hash = await env.DB.prepare("SELECT hash FROM tokens WHERE id = ?")
      .bind(id ?? "")
      .first("hash");
    const wrong = [
      `andon_${id}_`,
      `andon_${id}`,
      `andon_${id}_${SECRET.toUpperCase()}`,
      `${token}x`,
      token.slice(0, -1),
    ];
    for (const each of [...wrong, `andon_${id}_${String(hash)}`, `andon_nosuchtoken_${SECRET}`, SECRET]) {
      await failureOf(await ask("GET", "/campaigns", { token: each }), 401, "unauthenticated");
    }
  });

  test.each(["viewer", "operator", "admin"])("sandbox-%s is nobody in production", async (role) => {
    await failureOf(await ask("GET", "/campaigns", { token: `sandbox-${role}` }), 401, "unauthenticated");
  });
});

describe("the sandbox in production", () => {
  test.each([
    ["POST", "/sandbox/faults", { provider: "openai", kind: "timeout" }],
    ["DELETE", "/sandbox/faults"],
    ["PUT", "/sandbox/latency", { ms: 0 }],
    ["PUT", "/sandbox/sender", { remaining_in_plan: 0 }],
    ["GET", "/sandbox/calls"],
    ["GET", "/sandbox/summary"],
    ["POST", "/sandbox/reset", {}],
    ["GET", "/sandbox/nothing"],
  ])("%s %s is nowhere, for anyone", async (method, path, body?: object) => {
    for (const token of [null, "sandbox-admin", await aToken("admin")]) {
      await failureOf(await ask(method, path, { token, body }), 404, "not_found");
    }
  });
});

describe("secrets", () => {
  test("with all of them set, production is ready", async () => {
    await dataOf(await ask("GET", "/health/ready"), 200, Health);
  });

  test.each([
    "/health",
    "/health/ready",
    "/campaigns",
    "/queue-management/status",
    "/jobs",
    "/leads",
    "/sandbox/summary",
  ])("without them %s answers 503 and names each", async (path) => {
    const token = await aToken("admin");
    const { message } = await failureOf(await ask("GET", path, { token, secrets: {} }), 503, "unavailable");
    for (const name of NAMES) expect(message).toContain(name);
  });

  test.each(NAMES)("without %s nothing is written, and only it is named", async (missing) => {
    const token = await aToken("operator");
    const count = () => env.DB.prepare("SELECT count(*) AS n FROM campaigns").first("n");
    const before = await count();
    for (const value of [undefined, ""]) {
      const secrets = { ...SECRETS, [missing]: value };
      const { message } = await failureOf(
        await ask("POST", "/campaigns", { token, body: aCampaign(), secrets }),
        503,
        "unavailable",
      );
      expect(NAMES.filter((name) => message.includes(name))).toEqual([missing]);
      for (const secret of Object.values(SECRETS)) expect(message).not.toContain(secret);
    }
    expect(await count()).toBe(before);
  });

  test("a mode that does not exist is no production and no sandbox", async () => {
    for (const MODE of ["", "Sandbox", "staging", undefined]) {
      const response = await ask("GET", "/campaigns", { token: "sandbox-admin", secrets: { ...SECRETS, MODE } });
      await failureOf(response, 503, "unavailable");
    }
  });
});
