import { createJobQueue } from "./platform/job-queue.ts";
import { createConsole } from "./console/app.tsx";
import { createSessions } from "./db/sessions.ts";
import { createSweepStore } from "./db/sweeps.ts";
import { app } from "./http/app.ts";
import { createBreakerActor } from "./platform/actors.ts";
import { callerOf, vouchFor } from "./platform/callers.ts";
import { readConfig } from "./platform/config.ts";
import { backUpNext } from "./platform/backups.ts";
import { batchPorts, deliverPorts } from "./platform/ports.ts";
import { consumeAlerts } from "./queues/alerts.ts";
import { consumeDeadLetters } from "./queues/dead-letters.ts";
import { consumeJobs } from "./queues/jobs.ts";

export { Breaker } from "../durable-objects/breaker.ts";
export { Campaign } from "../durable-objects/campaign.ts";
export { Throttle } from "../durable-objects/throttle.ts";

const console = createConsole({
  answer: (request, caller, env, context) => app.fetch(vouchFor(request, caller), env, context),
  callerOf,
  sessions: (env) => createSessions(env.DB),
  maySignIn: async (env, address) => (await env.SIGN_INS.limit({ key: address })).success,
  isSandbox: (env) => readConfig(env).mode === "sandbox",
});
const isConsole = (url: string) => /^\/console(\/|$)/.test(new URL(url).pathname);

export default {
  fetch: (request, env, context) => (isConsole(request.url) ? console : app).fetch(request, env, context),

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
    await Promise.all([createBreakerActor(env).heal(), backUpNext(env)]);
  },
} satisfies ExportedHandler<Env>;
