import { createRoute } from "@hono/zod-openapi";
import { ClosePreview, closePreview } from "../contract/close-preview.ts";
import { NO_WORK } from "../domain/remaining-work.ts";
import { answers, createRouter, good, NO_QUERY, route } from "./endpoint.ts";
import { services } from "../wiring.ts";

/** Mounted below `/queue-management`. */
export const closePreviews = createRouter();

closePreviews.openapi(
  createRoute({
    ...route("viewer", "Breaker and queue", "What a close would set going, and what is known of the failed service"),
    method: "get",
    path: "/circuit-breaker/close/preview",
    request: { query: NO_QUERY },
    responses: answers(ClosePreview),
  }),
  async (c) => {
    const { breaker, remainingWork } = services(c.env);
    const [stands, lastChecks] = await Promise.all([breaker.status(), breaker.lastChecks()]);
    // A close of a closed breaker does nothing.
    const work = stands.breaker.state === "open" ? await remainingWork() : NO_WORK;
    return c.json(good(closePreview(stands, work, lastChecks)), 200);
  },
);
