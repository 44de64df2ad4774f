import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { checkView, followerView, incidentView, sweepView } from "../contract/breaker.ts";
import { IdParams } from "../contract/common.ts";
import { incidentMarkdown } from "../wording/incident-markdown.ts";
import { incidentTimeline } from "../wording/incident-timeline.ts";
import { ExportQuery, IncidentFile, IncidentTimeline, ServiceList } from "../contract/timeline.ts";
import { ESTIMATED_COST_USD } from "../domain/check.ts";
import { PROVIDERS } from "../domain/fault.ts";
import type { IncidentHistory } from "../domain/incident.ts";
import type { App } from "./app-env.ts";
import { answers, createRouter, failures, good, NO_QUERY, route } from "./endpoint.ts";
import { ApiError } from "./errors.ts";
import { services } from "../wiring.ts";

const TAG = "Breaker and queue";

/** What is remembered of services and stops: mounted below `/queue-management`. */
export const incidents = createRouter();

async function historyOf(env: Env, id: string): Promise<IncidentHistory> {
  const found = await services(env).breaker.incidentHistory(id);
  if (!found) throw new ApiError("not_found", "No incident has this id. GET …/incidents lists those there are.");
  return found;
}

incidents.openapi(
  createRoute({
    ...route("viewer", TAG, "The five services, each with its last check by hand"),
    method: "get",
    path: "/services",
    request: { query: NO_QUERY },
    responses: answers(ServiceList),
  }),
  async (c) => {
    const checks = await services(c.env).breaker.lastChecks();
    const list = PROVIDERS.map((provider) => {
      const last = checks.find((check) => check.provider === provider);
      const estimated_cost_usd = ESTIMATED_COST_USD[provider];
      return { provider, last_check: last ? checkView(last) : null, estimated_cost_usd };
    });
    return c.json(good({ services: list }), 200);
  },
);

incidents.openapi(
  createRoute({
    ...route("viewer", TAG, "What happened during one stop, in the order of time"),
    method: "get",
    path: "/incidents/{id}/timeline",
    request: { params: IdParams, query: NO_QUERY },
    responses: answers(IncidentTimeline, ["not_found"]),
  }),
  async (c) => {
    const history = await historyOf(c.env, c.req.valid("param").id);
    return c.json(good({ incident: incidentView(history.incident), events: incidentTimeline(history) }), 200);
  },
);

incidents.openapi(
  createRoute({
    ...route("viewer", TAG, "A post-mortem of one stop, as a file"),
    method: "get",
    path: "/incidents/{id}/export",
    request: { params: IdParams, query: ExportQuery },
    responses: {
      ...failures(["not_found"]),
      200: {
        description: "The file, without the envelope.",
        content: {
          "text/markdown": { schema: { type: "string" } },
          "application/json": { schema: IncidentFile },
        },
      },
    },
  }),
  (async (c: Context<App>) => {
    const { format } = ExportQuery.parse(c.req.query());
    const history = await historyOf(c.env, c.req.param("id") ?? "");
    const { text, type, ending } = FILES[format](history);
    const { id, openedAt } = history.incident;
    const name = `incident-${new Date(openedAt).toISOString().slice(0, 10)}-${id}.${ending}`;
    return new Response(text, {
      headers: { "content-type": `${type}; charset=utf-8`, "content-disposition": `attachment; filename="${name}"` },
    });
  }) as never,
);

const FILES = {
  markdown: (history: IncidentHistory) => ({ text: incidentMarkdown(history), type: "text/markdown", ending: "md" }),
  json: (history: IncidentHistory) => {
    const { incident, followers, sweeps } = history;
    const whole = { ...incidentView(incident), followers: followers.map(followerView), sweeps: sweeps.map(sweepView) };
    const file = { incident: whole, events: incidentTimeline(history) };
    return { text: `${JSON.stringify(file, null, 2)}\n`, type: "application/json", ending: "json" };
  },
};
