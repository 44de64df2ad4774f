import { DurableObject } from "cloudflare:workers";
import type { FaultAnswer, FaultOrder, Latency, LedgerPage, LedgerQuery } from "../src/contract/sandbox.ts";
import type { Outcome, SandboxFaults, SandboxSummary, SenderAnswer, SenderState } from "../src/contract/sandbox.ts";
import type { Provider } from "../src/domain/fault.ts";
import { decideShow, doesTheWork, rowsOf, type Show } from "./admission.ts";
import { problemWith, viewOf, type FaultTarget } from "./faults.ts";
import { Ledger } from "./ledger.ts";
import { Rates } from "./rates.ts";
import { Sender, type SenderRequest, type SenderResult } from "./sender.ts";
import type { Entry } from "./stand-in.ts";
import { Weather } from "./weather.ts";

/** A call as it reaches the world: read by its provider, not yet answered. */
export interface Arrival extends FaultTarget {
  atMs: number;
  entries: Entry[];
  paid: boolean;
  refusal: Outcome | null;
  /** What Instantly's memory is to do, for calls that need it. */
  request: SenderRequest | null;
}

export interface Admission {
  show: Show;
  result: SenderResult | null;
  /** How long the answer takes. */
  latencyMs: number;
}

/** All that the sandbox remembers. One object, so that the order of the ledger is the order of the calls. */
export class World extends DurableObject {
  #ledger = new Ledger(this.ctx.storage.sql);
  #sender = new Sender(this.ctx.storage.sql);
  #weather = new Weather(this.ctx.storage.sql);
  #rates = new Rates();

  /** Decides what befalls the call, does its work and writes it down: all of it or, after a crash, none. */
  arrive(arrival: Arrival): Admission {
    const { provider, path, atMs, entries, paid, refusal, request } = arrival;
    const overLimit = this.#rates.isOver(arrival, atMs);
    const show = decideShow({ fault: this.#weather.meet(arrival), overLimit, refusal });
    const result = request !== null && doesTheWork(show) ? this.#sender.carryOut(request, atMs) : null;
    this.#ledger.write({ provider, path, atMs, paid, rows: rowsOf(entries, show, { refusal, result }) });
    return { show, result, latencyMs: this.#weather.latencyMs(provider, entries[0]?.subject ?? path) };
  }

  setFault(order: FaultOrder): FaultAnswer {
    const message = problemWith(order);
    if (message !== null) return { ok: false, message };
    this.#weather.setFault(order);
    return { ok: true };
  }

  faults(): SandboxFaults {
    return { faults: this.#weather.faults.map(viewOf) };
  }

  clearFaults(provider?: Provider): void {
    this.#weather.clearFaults(provider);
  }

  setLatency(latency: Latency): void {
    this.#weather.setLatency(latency);
  }

  setSender(state: SenderState): SenderAnswer {
    return { ok: this.ctx.storage.transactionSync(() => this.#sender.setState(state, Date.now())) };
  }

  calls(query: LedgerQuery): LedgerPage {
    return { calls: this.#ledger.calls(query) };
  }

  summary(): SandboxSummary {
    return { providers: this.#ledger.summary(), pushed: this.#sender.pushed() };
  }

  reset(): void {
    this.#ledger.clear();
    this.#sender.clear();
    this.#weather.clear();
    this.#rates = new Rates();
  }
}
