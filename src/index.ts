import { createJobQueue } from "./platform/job-queue.ts";
import { createSweepStore } from "./db/sweeps.ts";
import { app } from "./http/app.ts";
import { createBreakerActor } from "./platform/actors.ts";
import { batchPorts, deliverPorts } from "./platform/ports.ts";
import { consumeAlerts } from "./queues/alerts.ts";
import { consumeDeadLetters } from "./queues/dead-letters.ts";
import { consumeJobs } from "./queues/jobs.ts";

export { Breaker } from "../durable-objects/breaker.ts";
export { Campaign } from "../durable-objects/campaign.ts";
export { Throttle } from "../durable-objects/throttle.ts";

export default {
  fetch: (request, env, context) => app.fetch(request, env, context),

  async queue(batch, env) {
    if (batch.queue === "andon-dead-letters") {
      await consumeDeadLetters(batch, env, {
        sweeps: createSweepStore(env.DB),
        queue: createJobQueue(env),
        now: Date.now,
      });
    } else if (batch.queue === "andon-alerts") {
      await consumeAlerts(batch, env, deliverPorts(env));
    } else {
      await consumeJobs(batch, env, () => batchPorts(env));
    }
  },

  async scheduled(_controller, env) {
    await createBreakerActor(env.BREAKER).heal();
  },
} satisfies ExportedHandler<Env>;
