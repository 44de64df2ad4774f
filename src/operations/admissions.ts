import type { Instant } from "../domain/breaker.ts";
import type { Admission, BreakerActor } from "./breaker.ts";

/**
 * Asks the Breaker only when its last answer has run out, and once for all who ask meanwhile.
 * @returns an admission that is valid now, a refusal, or null when an answer came too late to be used: ask again.
 */
export function createAdmissions(breaker: Pick<BreakerActor, "admit">, now: () => Instant) {
  let held: { admission: Admission; until: Instant } | null = null;
  let asking: Promise<Admission> | null = null;

  const ask = async (): Promise<Admission> => {
    const askedAt = now();
    const answer = await breaker.admit();
    held = answer.admitted ? { admission: answer, until: askedAt + answer.validForMs } : null;
    return answer;
  };

  return async (): Promise<Admission | null> => {
    if (held && now() < held.until) return held.admission;
    asking ??= ask().finally(() => (asking = null));
    const answer = await asking;
    return !answer.admitted || (held && now() < held.until) ? answer : null;
  };
}
