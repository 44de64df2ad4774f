import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import type { z } from "zod";
import { TokenAnswer, TokenList, TokenMade } from "../../src/contract/tokens.ts";
import { dataOf, eventually, failureOf, request } from "./line.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

beforeEach(() => env.DB.exec("DELETE FROM tokens"));

const make = async (fields: Partial<{ name: string; role: string; expires_in_days: number }> = {}) =>
  dataOf(
    await request("POST", "/tokens", { body: { name: "Ada's phone", role: "viewer", ...fields } }),
    201,
    TokenMade,
  );
const admin = () => make({ role: "admin" });
const list = async (query = "") => dataOf(await request("GET", `/tokens${query}`), 200, TokenList);
const revoke = (id: string, token = "sandbox-admin") => request("DELETE", `/tokens/${id}`, { token });
const row = (id: string) =>
  env.DB.prepare("SELECT * FROM tokens WHERE id = ?").bind(id).first<Record<string, string | number | null>>();
const change = (id: string, set: string) => env.DB.exec(`UPDATE tokens SET ${set} WHERE id = '${id}'`);

describe("a new token", () => {
  test("works with its role and name, and is stored as a hash", async () => {
    const { token, secret } = await make({ role: "operator" });
    expect(secret).toMatch(new RegExp(`^andon_${token.id}_[A-Za-z0-9_-]{43,}$`));
    expect(token).toMatchObject({ name: "Ada's phone", role: "operator", last_used_at: null, expires_at: null });
    const stopped = await request("POST", "/queue-management/pause", { token: secret, body: { reason: "who am I" } });
    expect(await stopped.json()).toMatchObject({ data: { circuit_breaker: { opened_by: "Ada's phone" } } });
    await request("POST", "/queue-management/resume", { token: secret });
    await failureOf(await request("GET", "/tokens", { token: secret }), 403, "forbidden");
    const [, , written = ""] = secret.split("_");
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(written));
    expect(await row(token.id)).toMatchObject({ hash: new Uint8Array(digest).toHex() });
    expect(JSON.stringify(await row(token.id))).not.toContain(written);
  });

  test("is not kept by anyone on the way", async () => {
    const response = await request("POST", "/tokens", { body: { name: "n", role: "viewer" } });
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("ends after so many days, when that was asked for", async () => {
    const { token, secret } = await make({ expires_in_days: 30 });
    expect(Date.parse(token.expires_at ?? "") - Date.parse(token.created_at)).toBe(30 * DAY_MS);
    expect((await request("GET", "/campaigns", { token: secret })).status).toBe(200);
    await change(token.id, "expires_at = 1");
    await failureOf(await request("GET", "/campaigns", { token: secret }), 401, "unauthenticated");
  });

  test.each([
    [{ role: "owner" }, "role"],
    [{ role: undefined }, "role"],
    [{ name: " " }, "name"],
    [{ name: "x".repeat(101) }, "name"],
    [{ name: "a\u0000b" }, "name"],
    [{ expires_in_days: 0 }, "expires_in_days"],
    [{ expires_in_days: 1.5 }, "expires_in_days"],
    [{ expires_in_days: 3_651 }, "expires_in_days"],
    [{ hash: "0" }, "hash"],
  ])("with %j is refused, and none is made", async (fields, path) => {
    const body = { name: "n", role: "viewer", ...fields };
    const { details } = await failureOf(await request("POST", "/tokens", { body }), 400, "invalid_request");
    expect(details).toMatchObject([{ path }]);
    expect((await list()).tokens).toEqual([]);
  });
});

describe("the list", () => {
  test("shows tokens newest first, page by page, and no secret or hash", async () => {
    const made: z.infer<typeof TokenMade>[] = [];
    for (let n = 0; n < 5; n++) made.push(await make({ name: `token ${n}` }));
    for (const [n, { token }] of made.entries()) await change(token.id, `created_at = ${Math.floor(n / 2)}`);
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const pageOf = await list(`?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...pageOf.tokens.map(({ id }) => id));
      cursor = pageOf.next_cursor;
    }
    const times = ["2", "1", "1", "0", "0"];
    const created = await Promise.all(seen.map(async (id) => String((await row(id))?.["created_at"])));
    expect([new Set(seen).size, created]).toEqual([5, times]);
    const text = await (await request("GET", "/tokens")).text();
    for (const { token, secret } of made) {
      expect(text).not.toContain(secret.split("_")[2]);
      expect(text).not.toContain(String((await row(token.id))?.["hash"]));
    }
  });

  test("takes only a token's id as cursor", async () => {
    await failureOf(await request("GET", "/tokens?cursor=x'--"), 400, "invalid_request");
    expect(await list("?cursor=nosuchtoken")).toEqual({ tokens: [], next_cursor: null });
  });
});

describe("last use", () => {
  const lastUse = async (id: string) => (await row(id))?.["last_used_at"];

  test("is noted when a token is used, and shown", async () => {
    const { token, secret } = await make();
    await request("GET", "/campaigns", { token: secret });
    await eventually("the use was noted", async () => (await lastUse(token.id)) !== null);
    expect((await list()).tokens[0]?.last_used_at).toEqual(expect.any(String));
  });

  test("is not written again within the hour, and is after it", async () => {
    const { token, secret } = await make();
    const recent = Date.now() - HOUR_MS + 60_000;
    await change(token.id, `last_used_at = ${recent}`);
    for (let n = 0; n < 3; n++) await request("GET", "/campaigns", { token: secret });
    await scheduler.wait(50);
    expect(await lastUse(token.id)).toBe(recent);
    const old = Date.now() - HOUR_MS - 1;
    await change(token.id, `last_used_at = ${old}`);
    await request("GET", "/campaigns", { token: secret });
    await eventually("the use was noted", async () => (await lastUse(token.id)) !== old);
  });

  test("is not noted for who knows only the id", async () => {
    const { token, secret } = await make();
    await request("GET", "/campaigns", { token: `${secret.slice(0, -1)}${secret.endsWith("0") ? "1" : "0"}` });
    await scheduler.wait(50);
    expect(await lastUse(token.id)).toBeNull();
  });
});

describe("revoking", () => {
  test("ends a token at once and for good", async () => {
    const { token, secret } = await make();
    const answer = await dataOf(await revoke(token.id), 200, TokenAnswer);
    expect(answer.token).toEqual({ ...token, revoked_at: expect.any(String) as string });
    await failureOf(await request("GET", "/campaigns", { token: secret }), 401, "unauthenticated");
    const before = await row(token.id);
    const { details } = await failureOf(await revoke(token.id), 409, "invalid_transition");
    expect(details).toEqual({ revoked_at: answer.token.revoked_at });
    expect(await row(token.id)).toEqual(before);
  });

  test("needs a token that there is", async () => {
    await failureOf(await revoke("nosuchtoken"), 404, "not_found");
    for (const id of ["7", "%00", "UPPERCASE", crypto.randomUUID(), "x".repeat(33)]) {
      const { details } = await failureOf(await revoke(id), 400, "invalid_request");
      expect(details).toMatchObject([{ path: "id" }]);
    }
  });

  test("an admin may revoke the token that they use", async () => {
    await admin();
    const { token, secret } = await admin();
    await dataOf(await revoke(token.id, secret), 200, TokenAnswer);
    await failureOf(await request("GET", "/tokens", { token: secret }), 401, "unauthenticated");
  });

  test("the last admin token that can be used stays, whoever asks", async () => {
    const [expired, revoked] = [await admin(), await admin()];
    const { token, secret } = await admin();
    await make({ role: "operator" });
    await change(expired.token.id, "expires_at = 1");
    await dataOf(await revoke(revoked.token.id), 200, TokenAnswer);
    for (const by of [secret, "sandbox-admin"]) {
      const { message } = await failureOf(await revoke(token.id, by), 409, "conflict");
      expect(message).toContain("last admin");
    }
    expect((await row(token.id))?.["revoked_at"]).toBeNull();
    // One that opens nothing any more keeps nobody in.
    await dataOf(await revoke(expired.token.id), 200, TokenAnswer);
  });

  test("of two admins who revoke each other at once, one stays", async () => {
    for (let round = 0; round < 5; round++) {
      await env.DB.exec("DELETE FROM tokens");
      const [ada, bob] = [await admin(), await admin()];
      await Promise.all([revoke(ada.token.id, bob.secret), revoke(bob.token.id, ada.secret)]);
      expect((await list()).tokens.filter(({ revoked_at }) => revoked_at === null)).toHaveLength(1);
    }
  });
});
