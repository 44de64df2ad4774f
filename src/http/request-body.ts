import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import type { App } from "./app-env.ts";
import { ApiError } from "./errors.ts";

/** Lets no larger body through, whatever its head says of it. */
export const limitedBody = bodyLimit({
  maxSize: 256 * 1024,
  onError: () => {
    throw new ApiError("too_large", "The body is larger than 256 KiB. Nothing was changed.");
  },
});

/** Lets only JSON through. An absent or empty body counts as `{}`, so that calls whose fields are all optional need none. */
export const jsonBody = createMiddleware<App>(async (c, next) => {
  if (!["POST", "PUT", "PATCH"].includes(c.req.method)) return next();
  const text = await c.req.raw.text();
  const type = c.req.header("content-type") ?? "";
  if (text.trim() !== "" && !/^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) {
    throw new ApiError("unsupported_media_type", "Send the body as JSON, with `Content-Type: application/json`.");
  }
  const headers = new Headers(c.req.raw.headers);
  headers.set("content-type", "application/json");
  headers.delete("content-length");
  const body = text.trim() === "" ? "{}" : text;
  c.req.raw = new Request(c.req.url, { method: c.req.method, headers, body });
  await next();
});
