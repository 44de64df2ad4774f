import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { findToken, isUseDue, noteUse } from "../db/tokens.ts";
import { mayActAs, type Role, ROLES } from "../domain/role.ts";
import { readConfig } from "../platform/config.ts";
import { describeError, log } from "../platform/log.ts";
import type { App, Caller } from "./app-env.ts";
import { ApiError } from "./errors.ts";

/** Lets a request through whose token has at least this role. */
export const requireRole = (needed: Role) =>
  createMiddleware<App>(async (c, next) => {
    const { mode } = readConfig(c.env);
    const token = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const caller = token && ((mode === "sandbox" && sandboxCaller(token)) || (await storedCaller(c, token)));
    if (!caller) {
      c.header("www-authenticate", "Bearer");
      throw new ApiError("unauthenticated", "Send a valid token: `Authorization: Bearer TOKEN`.");
    }
    if (!mayActAs(caller.role, needed)) {
      throw new ApiError(
        "forbidden",
        `This needs the role ${needed}; the token's role is ${caller.role}. Nothing was changed.`,
      );
    }
    c.set("caller", caller);
    await next();
  });

/** `sandbox-viewer`, `sandbox-operator`, `sandbox-admin`: known to everyone, so good for nothing but the sandbox. */
function sandboxCaller(token: string): Caller | null {
  const role = ROLES.find((each) => token === `sandbox-${each}`);
  return role ? { name: `sandbox-${role}`, role } : null;
}

/** A token is `andon_ID_SECRET`: the row is found by its id, and the secret's hash compared in constant time. */
async function storedCaller(c: Context<App>, token: string): Promise<Caller | null> {
  const [, id, secret] = /^andon_([a-z0-9]{8,32})_([A-Za-z0-9_-]{32,128})$/.exec(token) ?? [];
  if (!id || !secret) return null;
  const now = Date.now();
  const row = await findToken(c.env.DB, id, now);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret)));
  const expected = row ? Uint8Array.fromHex(row.hash) : new Uint8Array(hash.length);
  const same = expected.length === hash.length && crypto.subtle.timingSafeEqual(hash, expected);
  if (!row || !same) return null;
  // Nobody waits for it, and a request does not fail by it.
  if (isUseDue(row, now)) {
    const noted = noteUse(c.env.DB, id, now).catch((error: unknown) =>
      log("warn", "token_use_not_noted", { ...describeError(error), token_id: id }),
    );
    c.executionCtx.waitUntil(noted);
  }
  return { name: row.name, role: row.role };
}
