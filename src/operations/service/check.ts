import type { Instant } from "../../domain/breaker.ts";
import { type CheckResult, type Proof, tryOutCostUsd } from "../../domain/check.ts";
import type { Answer, Provider } from "../../domain/fault.ts";
import type { BreakerActor } from "../../ports/breaker.ts";
import type { Providers } from "../../ports/providers.ts";

export interface CheckPorts {
  providers: Providers;
  breaker: Pick<BreakerActor, "checked">;
  now: () => Instant;
}

/**
 * Asks one service whether it works, for somebody: for free, or with the smallest real call. It never opens or closes the
 * breaker: an operator asked, no job did. What is answered is also remembered: should that fail, so does this, and the
 * check can be made again.
 */
export async function checkService(
  { providers, breaker, now }: CheckPorts,
  asked: { provider: Provider; by: string; paid: boolean },
): Promise<CheckResult> {
  const { provider, paid } = asked;
  const askedAt = now();
  const answer = paid ? await providers[provider].tryOut() : await providers[provider].check();
  const latencyMs = Math.max(0, now() - askedAt);
  const result: CheckResult = {
    ok: answer.outcome === "answered",
    proves: answer.outcome === "answered" ? answer.value.proves : [],
    paid,
    costUsd: paid ? tryOutCostUsd(provider, answer) : 0,
    latencyMs,
    error: errorOf(answer),
  };
  await breaker.checked({ ...asked, ...result });
  return result;
}

function errorOf(answer: Answer<Proof>): CheckResult["error"] {
  switch (answer.outcome) {
    case "answered":
      return null;
    case "refused":
      return { kind: null, httpStatus: null, message: answer.message };
    case "service_fault": {
      const { kind, httpStatus, message } = answer.fault;
      return { kind, httpStatus, message };
    }
  }
}
