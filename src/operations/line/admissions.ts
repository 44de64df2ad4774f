import type { Instant } from "../../domain/breaker.ts";
import type { Admission, BreakerActor } from "../../ports/breaker.ts";

/** What all batches of one process know of the Breaker: how often it is asked does not grow with their calls. */
export interface HeldAdmission {
  last: { admission: Admission; until: Instant } | null;
  /** When a batch asked that has no answer yet. */
  askedAt: Instant | null;
  /** How long the last question and its answer took; 0 before the first. */
  roundTripMs: number;
}

export const nothingHeld = (): HeldAdmission => ({ last: null, askedAt: null, roundTripMs: 0 });

/** How long a batch leaves the asking to another one, which may have died over it, beside the usual round trip. */
const PATIENCE_MS = 100;
/** Between two looks at whether another batch has its answer. */
const LOOK_EVERY_MS = 5;

interface AdmissionPorts {
  breaker: Pick<BreakerActor, "admit">;
  held: HeldAdmission;
  now: () => Instant;
  wait: (ms: number) => Promise<unknown>;
  /** An answer arrived when it did not hold any more. */
  onLate: (late: { roundTripMs: number; validForMs: number }) => void;
}

/**
 * Asks the Breaker only when its last answer has run out, and once for all who want to know meanwhile: those of one batch
 * share the request; other batches, which must not wait for a request that is not theirs, look until it is answered.
 * @returns an admission that is valid now, a refusal, or null when an answer came too late to be used: ask again.
 */
export function createAdmissions({ breaker, held, now, wait, onLate }: AdmissionPorts) {
  let asking: Promise<Admission> | null = null;

  const ask = async (): Promise<Admission> => {
    const askedAt = now();
    held.askedAt = askedAt;
    try {
      const answer = await breaker.admit(held.roundTripMs);
      const roundTripMs = now() - askedAt;
      held.roundTripMs = roundTripMs;
      if (answer.admitted && roundTripMs >= answer.validForMs) onLate({ roundTripMs, validForMs: answer.validForMs });
      if (!answer.admitted) held.last = null;
      else if (askedAt + answer.validForMs > (held.last?.until ?? 0))
        held.last = { admission: answer, until: askedAt + answer.validForMs };
      return answer;
    } finally {
      if (held.askedAt === askedAt) held.askedAt = null;
    }
  };
  const valid = () => (held.last && now() < held.last.until ? held.last.admission : null);
  const anotherAsks = () => !asking && held.askedAt !== null && now() < held.askedAt + held.roundTripMs + PATIENCE_MS;

  return async (): Promise<Admission | null> => {
    for (;;) {
      const known = valid();
      if (known) return known;
      if (!anotherAsks()) break;
      await wait(LOOK_EVERY_MS);
    }
    asking ??= ask().finally(() => (asking = null));
    const answer = await asking;
    return answer.admitted ? valid() : answer;
  };
}
