import { findToken, isUseDue, noteUse } from "../db/tokens.ts";
import { ROLES } from "../domain/role.ts";
import { sha256 } from "./hash.ts";
import type { Caller } from "./sessions.ts";
import { readConfig } from "../platform/config.ts";
import { describeError, log } from "../platform/log.ts";

/** What may go on after an answer was given. */
type Afterwards = Pick<ExecutionContext, "waitUntil">;

/** Whose token this is, or null when it may not be used. @throws Misconfigured */
export async function callerOf(env: Env, token: string, afterwards: Afterwards): Promise<Caller | null> {
  const { mode } = readConfig(env);
  return (mode === "sandbox" && sandboxCaller(token)) || storedCaller(env.DB, token, afterwards);
}

/** `sandbox-viewer`, `sandbox-operator`, `sandbox-admin`: known to everyone, so good for nothing but the sandbox. */
function sandboxCaller(token: string): Caller | null {
  const role = ROLES.find((each) => token === `sandbox-${each}`);
  return role ? { name: `sandbox-${role}`, role, tokenId: null } : null;
}

/** A token is `andon_ID_SECRET`: the row is found by its id, and the secret's hash compared in constant time. */
async function storedCaller(db: D1Database, token: string, afterwards: Afterwards): Promise<Caller | null> {
  const [, id, secret] = /^andon_([a-z0-9]{8,32})_([A-Za-z0-9_-]{32,128})$/.exec(token) ?? [];
  if (!id || !secret) return null;
  const now = Date.now();
  const row = await findToken(db, id, now);
  const hash = await sha256(secret);
  const expected = row ? Uint8Array.fromHex(row.hash) : new Uint8Array(hash.length);
  const same = expected.length === hash.length && crypto.subtle.timingSafeEqual(hash, expected);
  if (!row || !same) return null;
  // Nobody waits for it, and a request does not fail by it.
  if (isUseDue(row, now)) {
    const noted = noteUse(db, id, now).catch((error: unknown) =>
      log("warn", "token_use_not_noted", { ...describeError(error), token_id: id }),
    );
    afterwards.waitUntil(noted);
  }
  return { name: row.name, role: row.role, tokenId: row.id };
}

/** Requests that were made inside this Worker for a caller whose session was checked; nothing from outside can be here. */
const vouched = new WeakMap<Request, Caller>();

export function vouchFor(request: Request, caller: Caller): Request {
  vouched.set(request, caller);
  return request;
}

export const vouchedCaller = (request: Request): Caller | null => vouched.get(request) ?? null;
