import { createConsole } from "./console/app.tsx";
import { app } from "./http/app.ts";
import { callerOf, vouchFor } from "./access/callers.ts";
import { readConfig } from "./platform/config.ts";
import { backUpNext } from "./scheduled.ts";
import { backUpPorts, batchPorts, deadLetterPorts, deliverPorts, services, sessionsOf } from "./wiring.ts";
import { consumeAlerts } from "./queues/alerts.ts";
import { consumeDeadLetters } from "./queues/dead-letters.ts";
import { consumeJobs } from "./queues/jobs.ts";

export { Breaker } from "../durable-objects/breaker/breaker.ts";
export { Campaign } from "../durable-objects/campaign/campaign.ts";
export { Throttle } from "../durable-objects/throttle/throttle.ts";

const console = createConsole({
  answer: (request, caller, env, context) => app.fetch(vouchFor(request, caller), env, context),
  callerOf,
  sessions: sessionsOf,
  maySignIn: async (env, address) => (await env.SIGN_INS.limit({ key: address })).success,
  isSandbox: (env) => readConfig(env).mode === "sandbox",
});
const isConsole = (url: string) => /^\/console(\/|$)/.test(new URL(url).pathname);

export default {
  fetch: (request, env, context) => (isConsole(request.url) ? console : app).fetch(request, env, context),

  async queue(batch, env) {
    if (batch.queue === "andon-dead-letters") {
      await consumeDeadLetters(batch, env, deadLetterPorts(env));
    } else if (batch.queue === "andon-alerts") {
      await consumeAlerts(batch, env, deliverPorts(env));
    } else {
      await consumeJobs(batch, env, () => batchPorts(env));
    }
  },

  async scheduled(_controller, env) {
    await Promise.all([services(env).breaker.heal(), backUpNext(backUpPorts(env))]);
  },
} satisfies ExportedHandler<Env>;
