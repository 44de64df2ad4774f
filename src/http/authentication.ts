import { createMiddleware } from "hono/factory";
import { mayActAs, type Role } from "../domain/role.ts";
import { callerOf, vouchedCaller } from "../access/callers.ts";
import { readConfig } from "../platform/config.ts";
import type { App } from "./app-env.ts";
import { ApiError } from "./errors.ts";

/** Lets a request through whose token, or whose session in the console, has at least this role. */
export const requireRole = (needed: Role) =>
  createMiddleware<App>(async (c, next) => {
    readConfig(c.env);
    const token = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const caller = vouchedCaller(c.req.raw) ?? (token ? await callerOf(c.env, token, c.executionCtx) : null);
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
