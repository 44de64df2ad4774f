import { hex, sha256 } from "./hash.ts";
import type { Instant } from "../domain/breaker.ts";
import type { Role } from "../domain/role.ts";

/** Who makes a request. */
export interface Caller {
  name: string;
  role: Role;
  /** The stored token behind it; null for the sandbox's fixed ones. */
  tokenId: string | null;
}

/** Sign-ins to the console, found by the hash of a secret that only the browser holds. */
export interface Sessions {
  begin(session: { hash: string; caller: Caller; now: Instant; expiresAt: Instant }): Promise<void>;
  /** Null when there is none, it has run out, or its token may not be used any more. */
  find(hash: string, now: Instant): Promise<Caller | null>;
  end(hash: string): Promise<void>;
}

/** Long enough for a day's work; then a token is asked for again. */
export const SESSION_MS = 12 * 60 * 60_000;

/** Begins a session. @returns the secret for the browser to keep, and for nobody else to see. */
export async function beginSession(sessions: Sessions, caller: Caller, now: Instant): Promise<string> {
  const secret = base64url(crypto.getRandomValues(new Uint8Array(32)));
  await sessions.begin({ hash: hex(await sha256(secret)), caller, now, expiresAt: now + SESSION_MS });
  return secret;
}

export async function findSession(sessions: Sessions, secret: string, now: Instant): Promise<Caller | null> {
  return sessions.find(hex(await sha256(secret)), now);
}

export async function endSession(sessions: Sessions, secret: string): Promise<void> {
  await sessions.end(hex(await sha256(secret)));
}

/** What a form of this session carries, so that a form from elsewhere is refused. It does not give the secret away. */
export async function formToken(secret: string): Promise<string> {
  return hex(await sha256(`form ${secret}`));
}

const base64url = (bytes: Uint8Array) => bytes.toBase64({ alphabet: "base64url", omitPadding: true });
