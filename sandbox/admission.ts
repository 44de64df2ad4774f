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

/** The models and the reveal took their money; what they brought is of no use. */
const PAID_IN_VAIN: readonly Show[] = ["cut_text", "no_message", "no_addresses"];

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
    const inVain = PAID_IN_VAIN.includes(show);
    return entries.map(({ subject, costUsd }) => ({ subject, outcome, costUsd: inVain ? costUsd : 0 }));
  }
  return entries.map((entry, index) => {
    const outcome = result === null ? entry.outcome : fateOf(result, index);
    return { ...entry, outcome: outcome === "ok" && show === "timeout_after_effect" ? show : outcome };
  });
}

function fateOf(result: SenderResult, index: number): Outcome {
  if (result.did === "nothing") return "not_found";
  if (result.did !== "add_leads") return "ok";
  const fate = result.leads[index]?.fate;
  switch (fate) {
    case "invalid":
    case "incomplete":
      return "rejected";
    case "blocked":
    case "known_elsewhere":
    case "plan_full":
      return fate;
    case "created":
    case "duplicate":
    case "repeated":
    case undefined:
      return "ok";
  }
}
