import { createMiddleware } from "hono/factory";
import type { App } from "./app-env.ts";
import { ApiError } from "./errors.ts";

const MAX_BYTES = 256 * 1024;

/**
 * Lets only JSON of a sane size through. An absent or empty body counts as `{}`, so that calls whose fields are all
 * optional need none.
 */
export const jsonBody = createMiddleware<App>(async (c, next) => {
  if (!["POST", "PUT", "PATCH"].includes(c.req.method)) return next();
  const tooLarge = () => new ApiError("too_large", "The body is larger than 256 KiB. Nothing was changed.");
  if (Number(c.req.header("content-length") ?? 0) > MAX_BYTES) throw tooLarge();
  const text = await readText(c.req.raw, tooLarge);
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

async function readText(request: Request, tooLarge: () => ApiError): Promise<string> {
  if (!request.body) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw tooLarge();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
