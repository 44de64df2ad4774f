import {
  LEADS_OWN,
  SANDBOX_FAULTS,
  type FaultOrder,
  type Outcome,
  type SandboxFault,
} from "../src/contract/sandbox.ts";
import type { Provider } from "../src/domain/fault.ts";

const BY_ANYONE = [
  "server_error",
  "rate_limited",
  "unauthorized",
  "out_of_credit",
  "timeout",
  "malformed",
  "error_in_200",
  "connection_reset",
  "timeout_after_effect",
  "bad_lead",
  "missing_field",
  "broken_utf8",
] as const satisfies readonly SandboxFault[];

/** What each provider can show. MillionVerifier is asked in a way that leaves nothing to refuse but the address. */
export const POSSIBLE_FAULTS: Record<Provider, readonly SandboxFault[]> = {
  apollo: [...BY_ANYONE, "bad_request", "address_too_long", "no_addresses"],
  millionverifier: BY_ANYONE,
  perplexity: [...BY_ANYONE, "bad_request", "cut_text"],
  openai: [...BY_ANYONE, "bad_request", "billing_not_active", "cut_text", "no_message"],
  instantly: [...BY_ANYONE, "bad_request", "plan_full", "known_elsewhere", "blocked"],
};

/** Failures of the service, as the summary counts them: not what concerns one lead or one campaign. */
export function isServiceFault(outcome: Outcome): boolean {
  return !LEADS_OWN.some((kind) => kind === outcome) && SANDBOX_FAULTS.some((kind) => kind === outcome);
}

export interface ActiveFault {
  id: number;
  provider: Provider;
  kind: SandboxFault;
  path: string | null;
  after: number;
  /** Null: until cleared. */
  count: number | null;
  /** Matching calls so far, and how many of them showed the fault. */
  seen: number;
  shown: number;
}

/** Why the order cannot be carried out, or null when it can. */
export function problemWith(order: FaultOrder): string | null {
  const possible = POSSIBLE_FAULTS[order.provider];
  if (possible.includes(order.kind)) return null;
  return `${order.provider} cannot show ${order.kind}; it can show ${possible.join(", ")}`;
}

export const viewOf = ({ provider, kind, path, after, count, seen, shown }: ActiveFault) => ({
  provider,
  kind,
  path,
  begins_after: Math.max(0, after - seen),
  remaining: count === null ? null : count - shown,
});

export interface FaultTarget {
  provider: Provider;
  path: string;
  /** Kinds that an answer to this call has no way to show, such as `bad_lead` to a call about no lead. */
  cannotShow: readonly SandboxFault[];
}

/**
 * Which fault the call meets, and the faults that counted it. Every matching fault counts the call; the oldest that is
 * due shows, and the others keep their turns.
 */
export function meetFaults(
  faults: readonly ActiveFault[],
  target: FaultTarget,
): { kind: SandboxFault | null; counted: ActiveFault[] } {
  let kind: SandboxFault | null = null;
  const counted = faults
    .filter((fault) => matches(fault, target))
    .map((fault) => {
      const shows = kind === null && fault.seen >= fault.after && !isUsedUp(fault);
      if (shows) kind = fault.kind;
      return { ...fault, seen: fault.seen + 1, shown: fault.shown + (shows ? 1 : 0) };
    });
  return { kind, counted };
}

export function isUsedUp(fault: ActiveFault): boolean {
  return fault.count !== null && fault.shown >= fault.count;
}

function matches(fault: ActiveFault, target: FaultTarget): boolean {
  return (
    fault.provider === target.provider &&
    (fault.path === null || target.path.includes(fault.path)) &&
    !target.cannotShow.includes(fault.kind)
  );
}
