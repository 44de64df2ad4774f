import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { Failure, success } from "../contract/common.ts";
import { Health } from "../contract/status.ts";
import { readConfig } from "../platform/config.ts";
import { describeError, log } from "../platform/log.ts";
import type { App } from "./app-env.ts";
import { createRouter, good } from "./endpoint.ts";
import { ApiError } from "./errors.ts";
import { services } from "./services.ts";

export const health = createRouter();

const json = <Schema extends z.ZodType>(schema: Schema) => ({ "application/json": { schema } });
const describe = (path: "/" | "/ready", summary: string) =>
  createRoute({
    tags: ["Health"],
    summary,
    method: "get",
    path,
    responses: {
      200: { description: "Every part answers.", content: json(success(Health)) },
      503: { description: "Some part does not; `details.checks` tells which.", content: json(Failure) },
    },
  });

/** How long a part may take to answer before it counts as away. */
const PATIENCE_MS = 5_000;

/** Reaches the database, the Breaker and the queues for real. @throws Misconfigured @throws ApiError `unavailable` */
async function look(c: Context<App>) {
  readConfig(c.env);
  const { lists, breaker, queue } = services(c.env);
  const [database, breakerCheck, queueCheck] = await Promise.all([
    timed("database", () => lists.ping()),
    timed("breaker", () => breaker.ping()),
    timed("queue", async () => {
      const { leads, campaigns } = await queue.backlog();
      if (!leads || !campaigns) throw new Error("a queue does not tell its backlog");
    }),
  ]);
  const checks = { database, breaker: breakerCheck, queue: queueCheck };
  const away = Object.entries(checks).flatMap(([part, { ok }]) => (ok ? [] : [part]));
  if (away.length > 0) {
    const message = `No answer from: ${away.join(", ")}. Nothing that was accepted is lost; see details and the log.`;
    throw new ApiError("unavailable", message, { checks });
  }
  return c.json(good({ healthy: true as const, checks }), 200);
}

async function timed(part: string, ask: () => Promise<unknown>): Promise<{ ok: boolean; latency_ms: number }> {
  const askedAt = Date.now();
  const late = scheduler.wait(PATIENCE_MS).then(() => Promise.reject(new Error("no answer in time")));
  const ok = await Promise.race([ask(), late]).then(
    () => true,
    (error: unknown) => {
      log("error", "health_check_failed", { ...describeError(error), part });
      return false;
    },
  );
  return { ok, latency_ms: Date.now() - askedAt };
}

health.openapi(describe("/", "Whether the database, the breaker and the queues answer"), look);
health.openapi(describe("/ready", "The same: whether requests can be served now"), look);
health.openapi(
  createRoute({
    tags: ["Health"],
    summary: "Whether the process lives; asks nothing else",
    method: "get",
    path: "/live",
    responses: { 200: { description: "It lives.", content: json(success(z.object({ alive: z.literal(true) }))) } },
  }),
  (c) => c.json(good({ alive: true as const }), 200),
);
