import { WorkerEntrypoint } from "cloudflare:workers";
import {
  SANDBOX_FAULTS,
  type FaultOrder,
  type Latency,
  type LedgerQuery,
  type SandboxControl,
  type SenderState,
} from "../src/contract/sandbox.ts";
import type { Provider } from "../src/domain/fault.ts";
import { providerAt, STAND_INS } from "./hosts.ts";
import { replyTo } from "./reply.ts";
import { needsOwnAnswer, plainText, type Call, type Reading, type Reply } from "./stand-in.ts";
import type { Arrival, World } from "./world.ts";

export { World } from "./world.ts";

interface SandboxEnv {
  WORLD: DurableObjectNamespace<World>;
}

/** How long a caller can wait for an answer that never comes. */
const NEVER_MS = 10 * 60 * 1000;

/** Answers at the providers' real host names. The methods beside `fetch` are for whoever runs the sandbox. */
export default class Sandbox extends WorkerEntrypoint<SandboxEnv> implements SandboxControl {
  override async fetch(request: Request): Promise<Response> {
    const atMs = Date.now();
    const url = new URL(request.url);
    const provider = providerAt(url.host);
    if (provider === null) return toResponse(unknown(url));
    const call = { method: request.method, url, headers: request.headers, body: await request.text(), atMs };
    const reading = STAND_INS[provider].read(call);
    if (reading === null) return toResponse(unknown(url));
    return this.#answer(provider, call, reading);
  }

  setFault(order: FaultOrder) {
    return this.#world().setFault(order);
  }

  faults() {
    return this.#world().faults();
  }

  clearFaults(provider?: Provider) {
    return this.#world().clearFaults(provider);
  }

  setLatency(latency: Latency) {
    return this.#world().setLatency(latency);
  }

  setSender(state: SenderState) {
    return this.#world().setSender(state);
  }

  calls(query: LedgerQuery) {
    return this.#world().calls(query);
  }

  summary() {
    return this.#world().summary();
  }

  reset() {
    return this.#world().reset();
  }

  async #answer(provider: Provider, call: Call, reading: Reading): Promise<Response> {
    const arrived = this.#world().arrive(arrivalOf(provider, call, reading));
    // The call has arrived, even if its caller leaves before the answer.
    this.ctx.waitUntil(arrived);
    const admission = await arrived;
    if (admission.latencyMs > 0) await scheduler.wait(admission.latencyMs);
    if (admission.show === "timeout" || admission.show === "timeout_after_effect") await scheduler.wait(NEVER_MS);
    // An exception would not do: wrangler's development wrapper turns it into an answer with status 500.
    if (admission.show === "connection_reset") this.ctx.abort(new Error("connection reset by peer"));
    return toResponse(replyTo(STAND_INS[provider], reading, admission));
  }

  #world() {
    return this.env.WORLD.getByName("world");
  }
}

function arrivalOf(provider: Provider, { url, atMs }: Call, reading: Reading): Arrival {
  const { entries, paid, plan, faults } = reading;
  return {
    provider,
    path: url.pathname,
    cannotShow: SANDBOX_FAULTS.filter((kind) => needsOwnAnswer(kind) && !(kind in faults)),
    atMs,
    entries,
    paid,
    refusal: plan.do === "refuse" ? plan.outcome : null,
    request: plan.do === "ask_sender" ? plan.request : null,
  };
}

function unknown(url: URL): Reply {
  return plainText(404, `The sandbox does not know ${url.host}${url.pathname} with this method`);
}

function toResponse({ status, headers, body }: Reply): Response {
  return new Response(body, { status, headers });
}
