import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import {
  BreakerChanged,
  breakerView,
  CheckRequest,
  checkResultView,
  CircuitBreaker,
  CloseRequest,
  followerView,
  IncidentList,
  IncidentWhole,
  incidentView,
  PaceRequest,
  PauseRequest,
  ResumePace,
  ServiceCheck,
  sweepView,
} from "../contract/breaker.ts";
import { IdParams, PageQuery, timeOrNull } from "../contract/common.ts";
import { QueueManagementStatus } from "../contract/status.ts";
import { PROVIDERS } from "../domain/fault.ts";
import type { BreakerChange, ResumePace as Pace } from "../ports/breaker.ts";
import { checkService } from "../operations/service/check.ts";
import { answers, body, createRouter, good, NO_QUERY, route } from "./endpoint.ts";
import { ApiError } from "./errors.ts";
import { services } from "../wiring.ts";

const TAG = "Breaker and queue";
const changed = (change: BreakerChange): z.infer<typeof BreakerChanged> => ({
  changed: change.changed,
  previous_state: change.previousState,
  circuit_breaker: breakerView(change),
  sweep: change.sweep && sweepView(change.sweep),
});

/** Everything an operator needs of the one breaker. There is nothing per service here, except a check that changes nothing. */
export const queueManagement = createRouter();

queueManagement.openapi(
  createRoute({
    ...route("viewer", TAG, "The state of the whole line in one answer"),
    method: "get",
    path: "/status",
    request: { query: NO_QUERY },
    responses: answers(QueueManagementStatus),
  }),
  async (c) => {
    const { breaker, lists, queue } = services(c.env);
    const [status, jobCounts, campaignCounts, backlog] = await Promise.all([
      breaker.status(),
      lists.jobCounts(),
      lists.campaignCounts(),
      queue.backlog(),
    ]);
    const { leads, campaigns } = backlog;
    const oldest = [leads?.oldestAt, campaigns?.oldestAt].filter((at) => at != null);
    return c.json(
      good({
        circuit_breaker: breakerView(status),
        job_counts: jobCounts,
        campaign_counts: campaignCounts,
        sweep: status.sweep && sweepView(status.sweep),
        queue: {
          backlog_count: leads && campaigns && leads.count + campaigns.count,
          oldest_message_at: timeOrNull(oldest.length === 0 ? null : Math.min(...oldest)),
        },
        timestamp: new Date().toISOString(),
      }),
      200,
    );
  },
);

for (const path of ["/circuit-breaker", "/circuit-breakers"] as const) {
  queueManagement.openapi(
    createRoute({
      ...route("viewer", TAG, "The breaker"),
      method: "get",
      path,
      request: { query: NO_QUERY },
      responses: answers(z.object({ circuit_breaker: CircuitBreaker })),
    }),
    async (c) => {
      return c.json(good({ circuit_breaker: breakerView(await services(c.env).breaker.status()) }), 200);
    },
  );
}

for (const path of ["/circuit-breaker/close", "/resume"] as const) {
  queueManagement.openapi(
    createRoute({
      ...route("operator", TAG, "Close the breaker: every paused job is queued again and goes on where it stopped"),
      method: "post",
      path,
      request: { query: NO_QUERY, body: body(CloseRequest) },
      responses: answers(BreakerChanged),
    }),
    async (c) => {
      const { note, pace_per_second: pace } = c.req.valid("json");
      const change = await services(c.env).breaker.close(c.get("caller").name, note ?? null, pace ?? null);
      return c.json(good(changed(change)), 200);
    },
  );
}

const paceView = ({ pace, sweep }: Pace): z.infer<typeof ResumePace> => ({
  pace_per_second: pace,
  sweep: sweep && sweepView(sweep),
});

queueManagement.openapi(
  createRoute({
    ...route("viewer", TAG, "How fast the running resume queues jobs again"),
    method: "get",
    path: "/resume/pace",
    request: { query: NO_QUERY },
    responses: answers(ResumePace),
  }),
  async (c) => c.json(good(paceView(await services(c.env).breaker.pace())), 200),
);

queueManagement.openapi(
  createRoute({
    ...route("operator", TAG, "Make the running resume faster or slower, or let all go on at once"),
    method: "put",
    path: "/resume/pace",
    request: { query: NO_QUERY, body: body(PaceRequest) },
    responses: answers(ResumePace, ["invalid_transition"]),
  }),
  async (c) => {
    const set = await services(c.env).breaker.setPace(c.get("caller").name, c.req.valid("json").pace_per_second);
    if (!set)
      throw new ApiError(
        "invalid_transition",
        "No resume is running, so there is no pace to change. Nothing was changed.",
      );
    return c.json(good(paceView(set)), 200);
  },
);

queueManagement.openapi(
  createRoute({
    ...route("operator", TAG, "Open the breaker by hand: every job is paused"),
    method: "post",
    path: "/pause",
    request: { query: NO_QUERY, body: body(PauseRequest) },
    responses: answers(BreakerChanged),
  }),
  async (c) => {
    const { reason } = c.req.valid("json");
    return c.json(good(changed(await services(c.env).breaker.stop(c.get("caller").name, reason))), 200);
  },
);

queueManagement.openapi(
  createRoute({
    ...route("viewer", TAG, "Every stop of the line, newest first"),
    method: "get",
    path: "/incidents",
    request: { query: PageQuery },
    responses: answers(IncidentList),
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const { breaker } = services(c.env);
    const before = cursor ? ((await breaker.incident(cursor))?.incident.epoch ?? 0) : null;
    const incidents = await breaker.incidents(before, limit + 1);
    const shown = incidents.slice(0, limit).map(incidentView);
    const next_cursor = incidents.length > limit ? (shown.at(-1)?.id ?? null) : null;
    return c.json(good({ incidents: shown, next_cursor }), 200);
  },
);

queueManagement.openapi(
  createRoute({
    ...route("viewer", TAG, "One stop of the line, with the faults that followed and its sweeps"),
    method: "get",
    path: "/incidents/{id}",
    request: { params: IdParams, query: NO_QUERY },
    responses: answers(z.object({ incident: IncidentWhole }), ["not_found"]),
  }),
  async (c) => {
    const found = await services(c.env).breaker.incident(c.req.valid("param").id);
    if (!found) throw new ApiError("not_found", "No incident has this id. GET …/incidents lists those there are.");
    const { incident, followers, sweeps } = found;
    const whole = { ...incidentView(incident), followers: followers.map(followerView), sweeps: sweeps.map(sweepView) };
    return c.json(good({ incident: whole }), 200);
  },
);

queueManagement.openapi(
  createRoute({
    ...route(
      "operator",
      TAG,
      "Ask one service whether it works: what is free, or also the smallest real call. It opens and closes nothing",
    ),
    method: "post",
    path: "/services/{provider}/check",
    request: { params: z.object({ provider: z.enum(PROVIDERS) }), query: NO_QUERY, body: body(CheckRequest) },
    responses: answers(ServiceCheck),
  }),
  async (c) => {
    const { provider } = c.req.valid("param");
    const { paid = false } = c.req.valid("json");
    const { breaker, providers, now } = services(c.env);
    const ports = { providers: providers(), breaker, now };
    const check = await checkService(ports, { provider, by: c.get("caller").name, paid });
    return c.json(good({ provider, ...checkResultView(check) }), 200);
  },
);
