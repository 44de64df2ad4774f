import type { Outcome, SandboxFault } from "../src/contract/sandbox.ts";
import type { SenderResult } from "./sender.ts";
import type { Entry } from "./stand-in.ts";

/** What befalls a call, before its effect. */
interface Circumstances {
  fault: SandboxFault | null;
  overLimit: boolean;
  /** The provider's own refusal of the request, if it refuses it. */
  refusal: Outcome | null;
}

/** How a call is answered. `answer` and `timeout_after_effect` do the work first. */
export type Show = "answer" | "refusal" | SandboxFault;

/** A fault comes before the rate limit, and that before the provider's own refusal. */
export function decideShow({ fault, overLimit, refusal }: Circumstances): Show {
  if (fault === "timeout_after_effect") return overLimit || refusal !== null ? "timeout" : fault;
  if (fault !== null) return fault;
  if (overLimit) return "rate_limited";
  return refusal === null ? "answer" : "refusal";
}

export function doesTheWork(show: Show): show is "answer" | "timeout_after_effect" {
  return show === "answer" || show === "timeout_after_effect";
}

/** A row of the ledger, as far as it is about one subject. */
export interface Row {
  subject: string;
  outcome: Outcome;
  costUsd: number;
}

/** What the ledger says of each subject. `result` is what Instantly's memory did, if it was asked. */
export function rowsOf(
  entries: readonly Entry[],
  show: Show,
  { refusal, result }: { refusal: Outcome | null; result: SenderResult | null },
): Row[] {
  if (!doesTheWork(show)) {
    const outcome = show === "refusal" ? refusal : show;
    if (outcome === null) throw new Error("rowsOf: a refusal without its outcome");
    return entries.map(({ subject }) => ({ subject, outcome, costUsd: 0 }));
  }
  return entries.map((entry, index) => {
    const outcome = result === null ? entry.outcome : fateOf(result, index);
    return { ...entry, outcome: outcome === "ok" && show === "timeout_after_effect" ? show : outcome };
  });
}

function fateOf(result: SenderResult, index: number): "ok" | "rejected" | "not_found" {
  if (result.did === "nothing") return "not_found";
  if (result.did === "add_leads" && result.leads[index]?.fate === "invalid") return "rejected";
  return "ok";
}
