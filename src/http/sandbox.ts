import { createRoute } from "@hono/zod-openapi";
import { createMiddleware } from "hono/factory";
import { z } from "zod";
import {
  FaultOrder,
  Latency,
  LedgerPage,
  LedgerQuery,
  MendQuery,
  type SandboxControl,
  SandboxFaults,
  SandboxSummary,
  SenderState,
} from "../contract/sandbox.ts";
import { readConfig, sandboxOf } from "../platform/config.ts";
import type { App } from "./app-env.ts";
import { answers, body, createRouter, good, NO_BODY, NO_QUERY, route } from "./endpoint.ts";
import { ApiError } from "./errors.ts";

const TAG = "Sandbox control (only in sandbox mode)";

/** In production these paths do not exist. */
export const sandboxOnly = createMiddleware<App>(async (c, next) => {
  if (readConfig(c.env).mode !== "sandbox") throw new ApiError("not_found", "There is nothing at this path.");
  await next();
});

const control = (env: Env): SandboxControl => sandboxOf(env);
const Done = z.object({ done: z.literal(true) });
const done = good({ done: true as const });

export const sandbox = createRouter();
sandbox.use(sandboxOnly);

sandbox.openapi(
  createRoute({
    ...route("admin", TAG, "Let a provider fail"),
    method: "post",
    path: "/faults",
    request: { query: NO_QUERY, body: body(FaultOrder) },
    responses: answers(Done),
  }),
  async (c) => {
    const answer = await control(c.env).setFault(c.req.valid("json"));
    if (!answer.ok) throw new ApiError("invalid_request", answer.message, [{ path: "kind", problem: answer.message }]);
    return c.json(done, 200);
  },
);

sandbox.openapi(
  createRoute({
    ...route("admin", TAG, "How providers fail just now"),
    method: "get",
    path: "/faults",
    request: { query: NO_QUERY },
    responses: answers(SandboxFaults),
  }),
  async (c) => c.json(good(await control(c.env).faults()), 200),
);

sandbox.openapi(
  createRoute({
    ...route("admin", TAG, "Mend a provider; without a name, all of them"),
    method: "delete",
    path: "/faults",
    request: { query: MendQuery },
    responses: answers(Done),
  }),
  async (c) => {
    await control(c.env).clearFaults(c.req.valid("query").provider);
    return c.json(done, 200);
  },
);

sandbox.openapi(
  createRoute({
    ...route("admin", TAG, "How long a provider takes to answer; without a name, all of them"),
    method: "put",
    path: "/latency",
    request: { query: NO_QUERY, body: body(Latency) },
    responses: answers(Done),
  }),
  async (c) => {
    await control(c.env).setLatency(c.req.valid("json"));
    return c.json(done, 200);
  },
);

sandbox.openapi(
  createRoute({
    ...route("admin", TAG, "What the sender has besides: its plan, its block list, leads of other campaigns"),
    method: "put",
    path: "/sender",
    request: { query: NO_QUERY, body: body(SenderState) },
    responses: answers(Done),
  }),
  async (c) => {
    const { ok } = await control(c.env).setSender(c.req.valid("json"));
    const problem = "The sender has no such campaign.";
    if (!ok) throw new ApiError("invalid_request", problem, [{ path: "deleted_campaign", problem }]);
    return c.json(done, 200);
  },
);

sandbox.openapi(
  createRoute({
    ...route("admin", TAG, "Calls that arrived at the providers, oldest first"),
    method: "get",
    path: "/calls",
    request: { query: LedgerQuery },
    responses: answers(LedgerPage),
  }),
  async (c) => c.json(good(await control(c.env).calls(c.req.valid("query"))), 200),
);

sandbox.openapi(
  createRoute({
    ...route("admin", TAG, "The providers' side of the story, summed up"),
    method: "get",
    path: "/summary",
    request: { query: NO_QUERY },
    responses: answers(SandboxSummary),
  }),
  async (c) => c.json(good(await control(c.env).summary()), 200),
);

sandbox.openapi(
  createRoute({
    ...route("admin", TAG, "Empty the ledger and the providers' own state, and mend all"),
    method: "post",
    path: "/reset",
    request: { query: NO_QUERY, body: NO_BODY },
    responses: answers(Done),
  }),
  async (c) => {
    await control(c.env).reset();
    return c.json(done, 200);
  },
);
