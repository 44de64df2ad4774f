import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { createMiddleware } from "hono/factory";
import { beginSession, endSession, findSession, formToken, SESSION_MS } from "../access/sessions.ts";
import { createApi } from "./api.ts";
import type { Console, ConsolePorts, Notice } from "./console-env.ts";

const NOTICE = "andon_notice";

const isSecure = (c: Context) => new URL(c.req.url).protocol === "https:";
/** Over plain HTTP, which only a local run speaks, browsers refuse the prefix that ties a cookie to its host. */
const cookieName = (c: Context) => (isSecure(c) ? "__Host-andon_session" : "andon_session");
const cookieOptions = (c: Context) => ({ path: "/", httpOnly: true, sameSite: "Strict" as const, secure: isSecure(c) });

/** Begins a session for whoever holds this token. Returns whether it may be used. */
export async function signIn(c: Context<Console>, ports: ConsolePorts, token: string): Promise<boolean> {
  const caller = await ports.callerOf(c.env, token.trim(), c.executionCtx);
  if (!caller) return false;
  const secret = await beginSession(ports.sessions(c.env), caller, Date.now());
  setCookie(c, cookieName(c), secret, { ...cookieOptions(c), maxAge: SESSION_MS / 1_000 });
  return true;
}

export async function signOut(c: Context<Console>, ports: ConsolePorts): Promise<void> {
  await endSession(ports.sessions(c.env), c.get("secret"));
  deleteCookie(c, cookieName(c), cookieOptions(c));
}

/** Lets only those through who are signed in, and gives them the API as theirs; others are sent to sign in. */
export const requireSession = (ports: ConsolePorts) =>
  createMiddleware<Console>(async (c, next) => {
    const secret = getCookie(c, cookieName(c)) ?? "";
    const caller = secret && (await findSession(ports.sessions(c.env), secret, Date.now()));
    if (!caller || (caller.tokenId === null && !ports.isSandbox(c.env))) {
      // A live part is not replaced by a sign-in page: the whole page goes there.
      if (c.req.header("hx-request")) return c.body(null, 401, { "hx-redirect": "/console/sign-in" });
      return c.redirect("/console/sign-in", 303);
    }
    c.set("caller", caller);
    c.set("secret", secret);
    c.set("formToken", await formToken(secret));
    c.set(
      "api",
      createApi(new URL(c.req.url).origin, (request) => ports.answer(request, caller, c.env, c.executionCtx)),
    );
    c.set("typed", null);
    c.set("notice", c.req.header("hx-request") ? null : takeNotice(c));
    await next();
  });

/** A form must carry its session's token and come from this origin: SameSite cookies alone are not relied upon. */
export const requireOwnForm = createMiddleware<Console>(async (c, next) => {
  if (c.req.method === "POST") {
    const origin = c.req.header("origin");
    const fields = await c.req.parseBody();
    const sent = new TextEncoder().encode(String(fields["form_token"] ?? ""));
    const expected = new TextEncoder().encode(c.get("formToken"));
    const same = sent.length === expected.length && crypto.subtle.timingSafeEqual(sent, expected);
    if (!same || (origin !== undefined && origin !== new URL(c.req.url).origin))
      return c.text("This form did not come from your own session. Nothing was changed. Load the page again.", 403);
  }
  await next();
});

/** Shown once, by the next page. */
export function leaveNotice(c: Context<Console>, notice: Notice): void {
  // A cookie holds 4 KB, in which a character may take twelve bytes.
  setCookie(c, NOTICE, JSON.stringify({ ...notice, text: notice.text.slice(0, 300) }), {
    ...cookieOptions(c),
    path: "/console",
    maxAge: 60,
  });
}

function takeNotice(c: Context<Console>): Notice | null {
  const left = getCookie(c, NOTICE);
  if (!left) return null;
  deleteCookie(c, NOTICE, { ...cookieOptions(c), path: "/console" });
  try {
    const { kind, text } = JSON.parse(left) as Notice;
    return { kind: kind === "done" ? "done" : "problem", text: String(text) };
  } catch {
    return null;
  }
}
