import type { Instant } from "../domain/breaker.ts";
import type { Admission, BreakerActor } from "./breaker.ts";

/** The last admission, for all batches of one process: how often the Breaker is asked does not grow with their calls. */
export interface HeldAdmission {
  last: { admission: Admission; until: Instant } | null;
}

/**
 * Asks the Breaker only when its last answer has run out, and once for all who ask meanwhile.
 * @returns an admission that is valid now, a refusal, or null when an answer came too late to be used: ask again.
 */
export function createAdmissions(breaker: Pick<BreakerActor, "admit">, held: HeldAdmission, now: () => Instant) {
  let asking: Promise<Admission> | null = null;

  const ask = async (): Promise<Admission> => {
    const askedAt = now();
    const answer = await breaker.admit();
    if (!answer.admitted) held.last = null;
    else if (askedAt + answer.validForMs > (held.last?.until ?? 0))
      held.last = { admission: answer, until: askedAt + answer.validForMs };
    return answer;
  };
  const valid = () => (held.last && now() < held.last.until ? held.last.admission : null);

  return async (): Promise<Admission | null> => {
    const known = valid();
    if (known) return known;
    asking ??= ask().finally(() => (asking = null));
    const answer = await asking;
    return answer.admitted ? valid() : answer;
  };
}
