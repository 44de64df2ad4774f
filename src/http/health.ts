import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { Failure, success, timeOrNull } from "../contract/common.ts";
import { Health } from "../contract/status.ts";
import { watchdogIsWell } from "../domain/watchdog.ts";
import { readConfig } from "../platform/config.ts";
import { describeError, log } from "../platform/log.ts";
import type { App } from "./app-env.ts";
import { createRouter, good } from "./endpoint.ts";
import { ApiError } from "./errors.ts";
import { services } from "../wiring.ts";

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
/** A D1 database holds no more. */
const LIMIT_BYTES = 10 * 1_000_000_000;
/** Anybody may ask, and as often as they like: so long an answer is kept. */
const KEPT_MS = 1_000;

type Checks = z.infer<typeof Health>["checks"];
/** What was found; without `health` when some part did not answer. */
interface Looked {
  at: number;
  checks: Checks;
  health?: z.infer<typeof Health>;
  watchdogIsWell: boolean;
}
/** By the bindings that it was found with. */
const kept = new WeakMap<Env, Looked>();

/** Reaches the database, the Breaker and the queues for real. @throws Misconfigured */
async function look(c: Context<App>): Promise<Looked> {
  const { mode } = readConfig(c.env);
  const now = Date.now();
  const last = kept.get(c.env);
  if (last && now - last.at < KEPT_MS) return last;
  const { lists, breaker, queue } = services(c.env);
  const [database, watchdog, queues] = await Promise.all([
    timed("database", () => lists.ping()),
    timed("breaker", () => breaker.ping()),
    timed("queue", async () => {
      const { leads, campaigns } = await queue.backlog();
      if (!leads || !campaigns) throw new Error("a queue does not tell its backlog");
    }),
  ]);
  const checks = { database: database.check, breaker: watchdog.check, queue: queues.check };
  const found: Looked = { at: now, checks, watchdogIsWell: false };
  if (database.answer && watchdog.answer && queues.check.ok) {
    const asked = { due: database.answer.due, cron: mode === "production", now };
    found.watchdogIsWell = watchdogIsWell(watchdog.answer, asked);
    found.health = {
      healthy: true,
      checks,
      database: { size_bytes: database.answer.sizeBytes, limit_bytes: LIMIT_BYTES },
      watchdog: { healed_at: timeOrNull(watchdog.answer.healedAt || null) },
      breaker: { round_trip_ms: watchdog.check.latency_ms },
    };
  }
  kept.set(c.env, found);
  return found;
}

async function timed<Answer>(part: string, ask: () => Promise<Answer>) {
  const askedAt = Date.now();
  const late = scheduler.wait(PATIENCE_MS).then(() => Promise.reject(new Error("no answer in time")));
  const answered = await Promise.race([ask(), late]).then(
    (answer) => ({ ok: true, answer }),
    (error: unknown) => {
      log("error", "health_check_failed", { ...describeError(error), part });
      return { ok: false, answer: null };
    },
  );
  return { answer: answered.answer, check: { ok: answered.ok, latency_ms: Date.now() - askedAt } };
}

/** @throws ApiError `unavailable` */
function healthOf({ checks, health }: Looked): z.infer<typeof Health> {
  if (health) return health;
  const away = Object.entries(checks).flatMap(([part, { ok }]) => (ok ? [] : [part]));
  const message = `No answer from: ${away.join(", ")}. Nothing that was accepted is lost; see details and the log.`;
  throw new ApiError("unavailable", message, { checks });
}

health.openapi(describe("/", "Whether the database, the breaker and the queues answer"), async (c) =>
  c.json(good(healthOf(await look(c))), 200),
);
health.openapi(
  describe("/ready", "The same, and whether the watchdog looks: whether the line can be relied on"),
  async (c) => {
    const looked = await look(c);
    const found = healthOf(looked);
    if (looked.watchdogIsWell) return c.json(good(found), 200);
    const message =
      "The watchdog has not looked for three minutes although it should have: lost messages and dead attempts are not noticed. Nothing is lost; see that the cron trigger runs, and look at the log.";
    throw new ApiError("unavailable", message, { checks: looked.checks, watchdog: found.watchdog });
  },
);
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
