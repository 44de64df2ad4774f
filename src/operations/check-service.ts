import type { FaultKind, Provider } from "../domain/fault.ts";
import type { Instant } from "../domain/breaker.ts";
import type { Providers } from "./providers.ts";

export interface ServiceCheck {
  ok: boolean;
  latencyMs: number;
  error: { kind: FaultKind | null; httpStatus: number | null; message: string } | null;
}

/** Asks one service whether it works. It never opens or closes the breaker: an operator asked, no job did. */
export async function checkService(
  providers: Providers,
  provider: Provider,
  now: () => Instant,
): Promise<ServiceCheck> {
  const askedAt = now();
  const answer = await providers[provider].check();
  const latencyMs = now() - askedAt;
  switch (answer.outcome) {
    case "answered":
      return { ok: true, latencyMs, error: null };
    case "refused":
      return { ok: false, latencyMs, error: { kind: null, httpStatus: null, message: answer.message } };
    case "service_fault":
      return { ok: false, latencyMs, error: answer.fault };
  }
}
