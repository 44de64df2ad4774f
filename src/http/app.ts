import { methodNotAllowed } from "hono/method-not-allowed";
import { secureHeaders } from "hono/secure-headers";
import { v7 as uuidv7 } from "uuid";
import { log } from "../platform/log.ts";
import { activity } from "./activity.ts";
import { alerts } from "./alerts.ts";
import { campaigns } from "./campaigns.ts";
import { closePreviews } from "./close-preview.ts";
import { createRouter } from "./endpoint.ts";
import { ApiError, errorResponse } from "./errors.ts";
import { health } from "./health.ts";
import { incidents } from "./incidents.ts";
import { jobs } from "./jobs.ts";
import { campaignContents, leads } from "./leads.ts";
import { queueManagement } from "./queue-management.ts";
import { addReference } from "./reference.ts";
import { sandbox } from "./sandbox.ts";
import { tokens } from "./tokens.ts";

const PREFIX = "/api/v1";

export const app = createRouter();

app.onError(errorResponse);
app.use(async (c, next) => {
  c.set("requestId", uuidv7());
  const startedAt = Date.now();
  await next();
  c.header("x-request-id", c.get("requestId"));
  const { method, path } = c.req;
  const fields = { request_id: c.get("requestId"), method, path, status: c.res.status, ms: Date.now() - startedAt };
  if (!path.startsWith(`${PREFIX}/health`)) log("info", "request", fields);
});
app.use(secureHeaders({ referrerPolicy: "no-referrer" }));
app.use(
  methodNotAllowed({
    app,
    onMethodNotAllowed(c, methods) {
      const allow = methods.filter((method) => method !== "HEAD").join(", ");
      c.header("allow", allow);
      return errorResponse(new ApiError("method_not_allowed", `This path knows only ${allow}.`), c);
    },
  }),
);

app.route(`${PREFIX}/queue-management`, queueManagement);
app.route(`${PREFIX}/queue-management`, incidents);
app.route(`${PREFIX}/queue-management`, closePreviews);
app.route(`${PREFIX}/queue-management`, activity);
app.route(`${PREFIX}/campaigns`, campaigns);
app.route(`${PREFIX}/campaigns`, campaignContents);
app.route(`${PREFIX}/jobs`, jobs);
app.route(`${PREFIX}/leads`, leads);
app.route(`${PREFIX}/alerts`, alerts);
app.route(`${PREFIX}/tokens`, tokens);
app.route(`${PREFIX}/health`, health);
app.route(`${PREFIX}/sandbox`, sandbox);
addReference(app, PREFIX);

app.notFound((c) =>
  errorResponse(new ApiError("not_found", "There is nothing at this path. GET /docs shows what there is."), c),
);
