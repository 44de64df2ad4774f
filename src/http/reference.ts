import type { OpenAPIHono } from "@hono/zod-openapi";
import type { App } from "./app-env.ts";

const INTRODUCTION = `Outbound lead-generation campaigns with one global circuit breaker.

Any error of a third-party service opens the breaker: every job pauses, with the reason; campaigns stay RUNNING. Only an
operator closes it, and that queues every paused job again where it stopped.

Send \`Authorization: Bearer TOKEN\`. Good answers are \`{"status":"success","data":…}\`; failures are
\`{"status":"error","error":{"code","message","details","request_id"}}\`. Lists page by \`limit\` and \`cursor\`.`;

/** The reference, made from the schemas that validate, and a page to read it on that needs nothing from elsewhere. */
export function addReference(app: OpenAPIHono<App>, prefix: string): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
  const document = () =>
    app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: { title: "Andon", version: "1", description: INTRODUCTION },
      servers: [{ url: "/" }],
    });
  let made: ReturnType<typeof document> | undefined;
  app.get("/", (c) => c.redirect("/console"));
  for (const base of ["", prefix]) {
    app.get(`${base}/openapi.json`, (c) => c.json((made ??= document())));
    app.get(`${base}/docs`, (c) => {
      c.header("content-security-policy", "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:");
      return c.html(PAGE);
    });
  }
}

/** Swagger UI and the script that starts it are static files of this Worker; see `scripts/assets.mjs`. */
const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Andon API reference</title>
<link rel="stylesheet" href="/reference/swagger-ui.css">
</head>
<body>
<div id="reference"><p>The reference needs JavaScript to be shown as a page; it is also at <a href="/openapi.json">/openapi.json</a>.</p></div>
<script src="/reference/swagger-ui-bundle.js"></script>
<script src="/reference/start.js"></script>
</body>
</html>
`;
