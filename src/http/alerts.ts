import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import {
  AlertDeliveryAnswer,
  AlertDeliveryList,
  AlertDeliveryQuery,
  alertDeliveryView,
  AlertTargetAnswer,
  AlertTargetChanges,
  AlertTargetList,
  AlertTargetMade,
  alertTargetView,
  NewAlertTarget,
} from "../contract/alerts.ts";
import { IdParams } from "../contract/common.ts";
import { listDeliveries } from "../db/alert-targets.ts";
import { testTarget, urlProblem } from "../operations/alert/test-target.ts";
import { consoleOriginOf, readConfig } from "../platform/config.ts";
import type { App } from "./app-env.ts";
import { answers, body, createRouter, good, NO_BODY, NO_QUERY, page, route } from "./endpoint.ts";
import { ApiError } from "./errors.ts";
import { services } from "../wiring.ts";

const TAG = "Alerts";
const noTarget = () =>
  new ApiError("not_found", "No target has this id. GET /api/v1/alerts/targets lists those there are.");
/** The Breaker keeps copies of the targets, for when the database is away. */
const copied = (c: Context<App>) => c.executionCtx.waitUntil(services(c.env).breaker.watch());
const refused = (path: string, problem: string) =>
  new ApiError("invalid_request", `${path} ${problem}. Nothing was changed.`, [{ path, problem }]);

export const alerts = createRouter();

alerts.openapi(
  createRoute({
    ...route("admin", TAG, "Who is called; addresses and secrets are not shown whole"),
    method: "get",
    path: "/targets",
    request: { query: NO_QUERY },
    responses: answers(AlertTargetList),
  }),
  async (c) => {
    const targets = await services(c.env).targets.list();
    return c.json(good({ targets: targets.map(alertTargetView) }), 200);
  },
);

alerts.openapi(
  createRoute({
    ...route("admin", TAG, "Add who is called. A webhook's secret is answered this once"),
    method: "post",
    path: "/targets",
    request: { query: NO_QUERY, body: body(NewAlertTarget) },
    responses: answers(AlertTargetMade, ["conflict"], 201),
  }),
  async (c) => {
    const { targets, newId, now } = services(c.env);
    const { name, kind, url, secret: given, events, still_open_after_minutes } = c.req.valid("json");
    const problem = urlProblem(url, readConfig(c.env).mode);
    if (problem) throw refused("url", problem);
    if (kind === "slack" && given) throw refused("secret", "is only for a webhook: Slack checks no signature");
    const secret = kind === "slack" ? null : (given ?? newSecret());
    const target = {
      id: newId(),
      name,
      kind,
      url,
      secret,
      events: [...new Set(events)],
      stillOpenAfterMinutes: still_open_after_minutes,
      createdAt: now(),
      disabledAt: null,
    };
    if (!(await targets.create(target)))
      throw new ApiError(
        "conflict",
        "There are as many targets as there may be. Delete one first; nothing was changed.",
      );
    copied(c);
    return c.json(good({ target: alertTargetView(target), secret }), 201);
  },
);

/** 32 bytes of chance. */
const newSecret = () => `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))}`;

alerts.openapi(
  createRoute({
    ...route(
      "admin",
      TAG,
      "Change a target, or switch it off and on; what waits for one that is switched off is given up",
    ),
    method: "patch",
    path: "/targets/{id}",
    request: { params: IdParams, query: NO_QUERY, body: body(AlertTargetChanges) },
    responses: answers(AlertTargetAnswer, ["not_found"]),
  }),
  async (c) => {
    const { targets, now } = services(c.env);
    const { still_open_after_minutes: stillOpenAfterMinutes, events, ...changes } = c.req.valid("json");
    const distinct = events && [...new Set(events)];
    const target = await targets.update(
      c.req.valid("param").id,
      { ...changes, events: distinct, stillOpenAfterMinutes },
      now(),
    );
    if (!target) throw noTarget();
    copied(c);
    return c.json(good({ target: alertTargetView(target) }), 200);
  },
);

alerts.openapi(
  createRoute({
    ...route("admin", TAG, "Delete a target with its address and secret; its deliveries stay in the log"),
    method: "delete",
    path: "/targets/{id}",
    request: { params: IdParams, query: NO_QUERY },
    responses: answers(z.object({ deleted: z.literal(true) }), ["not_found"]),
  }),
  async (c) => {
    if (!(await services(c.env).targets.remove(c.req.valid("param").id))) throw noTarget();
    copied(c);
    return c.json(good({ deleted: true as const }), 200);
  },
);

alerts.openapi(
  createRoute({
    ...route(
      "admin",
      TAG,
      "Send a target a test, on the way that every alert takes; look at the delivery to see it arrive",
    ),
    method: "post",
    path: "/targets/{id}/test",
    request: { params: IdParams, query: NO_QUERY, body: NO_BODY },
    responses: answers(AlertDeliveryAnswer, ["not_found", "invalid_transition"], 202),
  }),
  async (c) => {
    const { targets, deliveries, alertQueue: queue, breaker, now, newId } = services(c.env);
    const answer = await testTarget(
      { targets, deliveries, queue, breaker, now, newId, consoleOrigin: consoleOriginOf(c.env) },
      c.req.valid("param").id,
    );
    switch (answer.outcome) {
      case "sent":
        return c.json(good({ delivery: alertDeliveryView(answer.delivery) }), 202);
      case "no_target":
        throw noTarget();
      case "switched_off":
        throw new ApiError("invalid_transition", "The target is switched off. Switch it on first; nothing was sent.");
    }
  },
);

alerts.openapi(
  createRoute({
    ...route("viewer", TAG, "What was sent to whom and whether it arrived, newest first"),
    method: "get",
    path: "/deliveries",
    request: { query: AlertDeliveryQuery },
    responses: answers(AlertDeliveryList),
  }),
  async (c) => {
    const { target_id: targetId, status, ...at } = c.req.valid("query");
    const { rows, next_cursor } = page(await listDeliveries(c.env.DB, { targetId, status }, at), at.limit);
    return c.json(good({ deliveries: rows.map(alertDeliveryView), next_cursor }), 200);
  },
);
