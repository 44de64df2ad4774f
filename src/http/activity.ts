import { createRoute } from "@hono/zod-openapi";
import { ActivityQuery, activityView, plotFrom, ServiceActivity } from "../contract/activity.ts";
import { providerOf, RATE_NAMES } from "../domain/throttle.ts";
import { ratesOf } from "../platform/config.ts";
import { answers, createRouter, good, route } from "./endpoint.ts";
import { services } from "../wiring.ts";

/** How the services were called: mounted below `/queue-management`. */
export const activity = createRouter();

activity.openapi(
  createRoute({
    ...route("viewer", "Breaker and queue", "Calls, faults, latency and spend of each service over the last hours"),
    method: "get",
    path: "/services/activity",
    request: { query: ActivityQuery },
    responses: answers(ServiceActivity),
  }),
  async (c) => {
    const { hours } = c.req.valid("query");
    const { throttle, now } = services(c.env);
    const at = now();
    const rates = ratesOf(c.env);
    const called = await Promise.all(
      RATE_NAMES.map(async (name) => ({
        name,
        provider: providerOf(name),
        rate: rates[name],
        minutes: await throttle(name).activity(plotFrom(hours, at)),
      })),
    );
    return c.json(good(activityView(called, { hours, now: at })), 200);
  },
);
