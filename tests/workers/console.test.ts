import { env, exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { aBrowser, signedIn } from "./browser.ts";
import { breaker, call, createCampaign } from "./line.ts";
import { theBreaker } from "./rows.ts";

async function storedToken(fields: { role: string; expires_at?: number }) {
  const id = crypto.randomUUID().replaceAll("-", "").slice(0, 16);
  const secret = "s".repeat(40);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret))).toHex();
  await env.DB.prepare(
    "INSERT INTO tokens (id, name, role, hash, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
  )
    .bind(id, "ada", fields.role, hash, Date.now(), fields.expires_at ?? null)
    .run();
  return { id, token: `andon_${id}_${secret}` };
}

describe("signing in", () => {
  test("sets a cookie that scripts cannot read and other sites cannot send, and keeps only its hash", async () => {
    const browser = aBrowser();
    const answer = await browser.signIn("sandbox-operator");
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/console"]);
    expect(answer.headers.get("set-cookie")).toMatch(/^andon_session=[\w-]{43};.*HttpOnly; SameSite=Strict/);
    const { results } = await env.DB.prepare("SELECT * FROM sessions").all();
    expect(results).toMatchObject([{ name: "sandbox-operator", role: "operator", token_id: null }]);
    expect(JSON.stringify(results)).not.toContain(browser.cookies.get("andon_session"));
  });

  test("over HTTPS ties the cookie to the host", async () => {
    const response = await exports.default.fetch("https://andon.example/console/sign-in", {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "token=sandbox-viewer",
    });
    expect(response.headers.get("set-cookie")).toMatch(/^__Host-andon_session=.*Path=\/;.*Secure/);
  });

  test("is slowed down for an address that tries too often, and for no other", async () => {
    const attempt = async (address: string, token: string) => {
      const options = { form: { token }, headers: { "cf-connecting-ip": address } };
      return (await aBrowser().visit("/console/sign-in", options)).status;
    };
    const wrong = new Set<number>();
    for (let i = 0; i < 101; i++) wrong.add(await attempt("203.0.113.9", "guessed"));
    expect([...wrong]).toEqual([401, 429]);
    expect(await attempt("203.0.113.9", "sandbox-admin")).toBe(429);
    expect(await attempt("203.0.113.10", "sandbox-admin")).toBe(303);
  });

  test("with a wrong token begins nothing and says so", async () => {
    const browser = aBrowser();
    const answer = await browser.signIn("sandbox-nobody");
    expect(answer.status).toBe(401);
    expect(answer.text).toContain("This token is not known");
    expect(browser.cookies.size).toBe(0);
  });

  test("is needed for every page", async () => {
    for (const path of [
      "",
      "/line",
      "/campaigns",
      "/jobs",
      "/leads",
      "/incidents",
      "/providers",
      "/line/close",
      "/tokens",
      "/sandbox",
    ]) {
      const answer = await aBrowser().visit(`/console${path}`);
      expect([path, answer.status, answer.headers.get("location")]).toEqual([path, 303, "/console/sign-in"]);
    }
  });

  test("ends with signing out, with the token's end, and with its revocation", async () => {
    const { visit, token } = await signedIn("viewer");
    await visit("/console/sign-out", { form: { form_token: token } });
    expect((await visit("/console")).status).toBe(303);

    for (const end of ["revoked_at", "expires_at"]) {
      const stored = await storedToken({ role: "viewer" });
      const browser = aBrowser();
      await browser.signIn(stored.token);
      expect((await browser.visit("/console")).status).toBe(200);
      await env.DB.prepare(`UPDATE tokens SET ${end} = ?2 WHERE id = ?1`).bind(stored.id, Date.now()).run();
      expect([end, (await browser.visit("/console")).status]).toEqual([end, 303]);
    }
  });

  test("runs out", async () => {
    const { visit } = await signedIn("viewer");
    await env.DB.prepare("UPDATE sessions SET expires_at = ?1").bind(Date.now()).run();
    expect((await visit("/console")).status).toBe(303);
  });
});

describe("a form", () => {
  const stop = { reason: "a form" };

  test("does what it says when it is the session's own", async () => {
    const { visit, token } = await signedIn("operator");
    const answer = await visit("/console/line/stop", { form: { ...stop, form_token: token } });
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/console"]);
    expect(await breaker()).toMatchObject({ state: "open", opened_by: "sandbox-operator" });
    expect((await visit("/console")).text).toContain("The line is stopped. No call to a service begins any more.");
    expect((await visit("/console")).text).not.toContain("No call to a service begins any more.");
    await call("POST", "/queue-management/resume", {});
  });

  test("without the session's token, with another one's, or from another site changes nothing", async () => {
    const { visit, token } = await signedIn("operator");
    const other = (await signedIn("operator")).token;
    expect(other).not.toBe(token);
    const before = await breaker();
    expect((await visit("/console/line/stop", { form: stop })).status).toBe(403);
    expect((await visit("/console/line/stop", { form: { ...stop, form_token: other } })).status).toBe(403);
    const foreign = { origin: "https://elsewhere.example" };
    expect((await visit("/console/line/stop", { form: { ...stop, form_token: token }, headers: foreign })).status).toBe(
      403,
    );
    expect(await breaker()).toEqual(before);
  });

  test.each([
    ["viewer", "line/stop"],
    ["viewer", "line/close"],
    ["viewer", "line/resume"],
    ["viewer", "campaigns"],
    ["viewer", "campaigns/sample"],
    ["viewer", "campaigns/1/start"],
    ["viewer", "campaigns/1/delete"],
    ["viewer", "services/openai/check"],
    ["viewer", "jobs/1/cancel"],
    ["viewer", "jobs/1/retry"],
    ["viewer", "jobs/retry"],
    ["operator", "alerts"],
    ["operator", "alerts/1/test"],
    ["operator", "tokens"],
    ["operator", "tokens/1/revoke"],
    ["operator", "sandbox/break"],
  ])("of the role %s, which may not, is refused: %s", async (role, path) => {
    const { visit, token } = await signedIn(role);
    const before = await breaker();
    const { status, text } = await visit(`/console/${path}`, { form: { ...stop, form_token: token } });
    expect(status).toBe(403);
    expect(text).toMatch(/This needs the role (operator|admin), and sandbox-\w+ has the role/);
    expect(await breaker()).toEqual(before);
  });

  test("is not even shown to a role that may not", async () => {
    const { visit } = await signedIn("viewer");
    for (const path of ["line/stop", "line/close", "line/resume", "alerts", "tokens", "sandbox"]) {
      const { status, text } = await visit(`/console/${path}`);
      expect([path, status, text.includes("<form")]).toEqual([path, 403, false]);
    }
  });

  test("that tests a service before the close keeps what was typed", async () => {
    const { visit, token } = await signedIn("operator");
    const fault = { provider: "openai", kind: "server_error", httpStatus: 500, message: "no" } as const;
    await theBreaker().trip({ fault, epoch: (await breaker()).epoch, jobId: "j", campaignId: "c" });
    const form = { form_token: token, do: "test", note: "their page is green", how: "paced", pace: "7" };
    const { status, text } = await visit("/console/line/close", { form });
    expect(status).toBe(200);
    expect(text).toContain("OpenAI answers and accepts the key. Whether it writes messages is not proven.");
    expect(text).toContain(">their page is green</textarea>");
    expect(text).toContain('value="7"');
    expect((await breaker()).state).toBe("open");
    await call("POST", "/queue-management/circuit-breaker/close", {});
  });

  test("leads back to the page that it stands on, and never to another site", async () => {
    const { visit, token } = await signedIn("operator");
    const test = (back: string) => visit("/console/services/openai/check", { form: { form_token: token, back } });
    const filtered = "/console/jobs?status=PAUSED";
    expect((await test(filtered)).headers.get("location")).toBe(filtered);
    for (const back of [
      "https://elsewhere.example/",
      "//elsewhere.example/console",
      "/console@elsewhere.example",
      "/console/../docs\n",
    ]) {
      const answer = await test(back);
      expect([back, answer.headers.get("location")]).toEqual([back, "/console"]);
    }
  });

  test("with fields that are not as they must be says which, makes nothing, and keeps what was typed", async () => {
    const { visit, token } = await signedIn("operator");
    const before = await call<{ campaigns: unknown[] }>("GET", "/campaigns");
    const typed = { target_leads: "many", sender_name: "Ada & <b>Bob</b>", offer: "reports\nthat write themselves" };
    const { status, text } = await visit("/console/campaigns", { form: { form_token: token, name: "", ...typed } });
    expect(status).toBe(422);
    expect(text).toContain(
      "“Name” must not be empty; “Leads wanted” must be a number; “Whom to find” needs at least one",
    );
    expect(text).toContain('value="Ada &amp; &lt;b&gt;Bob&lt;/b&gt;"');
    expect(text).toContain(">reports\nthat write themselves</textarea>");
    expect(text).toMatch(/<details class="card" open/);
    expect(await call("GET", "/campaigns")).toEqual(before);
  });
});

describe("a page", () => {
  test("that asks for what is not there says so, and shows no inside", async () => {
    const { visit } = await signedIn("viewer");
    for (const path of [`/campaigns/${crypto.randomUUID()}`, "/jobs/nonsense", "/nowhere"]) {
      const answer = await visit(`/console${path}`);
      expect([path, [400, 404].includes(answer.status)]).toEqual([path, true]);
      expect(answer.text).toContain("To the line");
    }
  });

  test("shows what people wrote as text", async () => {
    const id = await createCampaign({ name: `<script>alert("x")</script>` });
    const { visit } = await signedIn("viewer");
    const { text } = await visit(`/console/campaigns/${id}`);
    expect(text).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;");
    expect(text).not.toContain("<script>alert");
  });

  test("is kept by nobody, and a lost session asks for a sign-in instead of replacing a part of it", async () => {
    const { visit } = await signedIn("viewer");
    expect((await visit("/console")).headers.get("cache-control")).toBe("no-store");
    const answer = await aBrowser().visit("/console/line", { headers: { "hx-request": "true" } });
    expect([answer.status, answer.headers.get("hx-redirect")]).toEqual([401, "/console/sign-in"]);
  });
});
