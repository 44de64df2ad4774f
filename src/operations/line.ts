import { type Instant, reasonText } from "../domain/breaker.ts";
import type { Answer, Provider, ServiceFault, Spend } from "../domain/fault.ts";
import type { Grant } from "../domain/throttle.ts";
import type { Admission, BreakerActor } from "./breaker.ts";
import type { AttemptEnd, ClaimedJob } from "./jobs.ts";

/** One provider's throttle. */
export interface ThrottleActor {
  acquire(ids: string[]): Promise<Grant>;
  release(ids: string[]): Promise<void>;
}

export interface LinePorts {
  breaker: Pick<BreakerActor, "admit" | "trip">;
  throttle: (provider: Provider) => ThrottleActor;
  now: () => Instant;
  wait: (ms: number) => Promise<unknown>;
  newId: () => string;
  /** Gathers calls of one turn into one; see `platform/coalesce.ts`. */
  coalesce: <Item, Result>(run: (items: Item[]) => Promise<Result[]>) => (item: Item) => Promise<Result>;
}

/** One run of one job. */
export interface Attempt {
  job: ClaimedJob;
  /** When its lease runs out, unless it is renewed before. */
  leaseUntil: Instant;
  /** When it must have handed its job on. */
  endBy: Instant;
}

export type Called<T> =
  | { outcome: "answered"; value: T; spend: Spend }
  | { outcome: "refused"; message: string }
  /** No call was made, or the service failed: the attempt ends like this. */
  | { outcome: "stopped"; end: AttemptEnd };

/** The way to the providers for the jobs of one batch: everything that must hold before a call begins. */
export interface Line {
  /** Null when the breaker admits work; else how an attempt ends. */
  stopped(): Promise<AttemptEnd | null>;
  call<T>(attempt: Attempt, provider: Provider, makeCall: () => Promise<Answer<T>>): Promise<Called<T>>;
  /** Waits until all permits are given back. */
  settled(): Promise<void>;
}

/** An attempt stops this long before its lease ends: by then nobody else may have begun. */
const LEASE_MARGIN_MS = 5_000;

export function createLine(ports: LinePorts): Line {
  const { breaker, throttle, now, wait, newId, coalesce } = ports;
  const releases: Promise<void>[] = [];
  let held: { admission: Admission; until: Instant } | null = null;
  let asking: Promise<Admission> | null = null;

  /** Asks the Breaker only when the last answer has run out, and once for all jobs of the batch. */
  const admission = async (): Promise<Admission> => {
    if (held && now() < held.until) return held.admission;
    asking ??= ask().finally(() => (asking = null));
    return asking;
  };
  const ask = async (): Promise<Admission> => {
    const askedAt = now();
    const answer = await breaker.admit();
    held = answer.admitted ? { admission: answer, until: askedAt + answer.validForMs } : null;
    return answer;
  };

  const permits = new Map<
    Provider,
    { acquire: (id: string) => Promise<PermitAnswer>; release: (id: string) => Promise<void> }
  >();
  const permitsOf = (provider: Provider) => {
    const known = permits.get(provider);
    if (known) return known;
    const actor = () => throttle(provider);
    const made = {
      acquire: coalesce(async (ids: string[]) => {
        const grant = await actor().acquire(ids);
        const delays = new Map(grant.permits.map(({ id, delayMs }) => [id, delayMs]));
        return ids.map((id): PermitAnswer => {
          const delayMs = delays.get(id);
          return delayMs === undefined
            ? { granted: false, waitMs: grant.retryAfterMs }
            : { granted: true, waitMs: delayMs };
        });
      }),
      release: coalesce(async (ids: string[]) => {
        await actor().release(ids);
        return ids.map(() => undefined);
      }),
    };
    permits.set(provider, made);
    return made;
  };

  const stopReason = async (attempt: Attempt): Promise<AttemptEnd | null> => {
    if (now() > Math.min(attempt.endBy, attempt.leaseUntil - LEASE_MARGIN_MS)) return { becomes: "PENDING" };
    const answer = await admission();
    return answer.admitted ? null : { becomes: "PAUSED", pauseReason: reasonText(answer.reason) };
  };

  /** Waits for a permit as long as the breaker admits work. Having to wait is no fault. */
  const takePermit = async (attempt: Attempt, provider: Provider, id: string): Promise<AttemptEnd | null> => {
    for (;;) {
      const stop = await stopReason(attempt);
      if (stop) return stop;
      const answer = await permitsOf(provider).acquire(id);
      if (answer.waitMs > 0) await wait(answer.waitMs);
      if (answer.granted) return null;
    }
  };

  const tripped = async (attempt: Attempt, fault: ServiceFault, epoch: number): Promise<AttemptEnd> => {
    const { id: jobId, campaignId } = attempt.job;
    const stands = await breaker.trip({ fault, epoch, jobId, campaignId });
    // Closed: the call was from before an operator's close. The job goes again, nothing else happens.
    return stands.state === "closed"
      ? { becomes: "PENDING" }
      : { becomes: "PAUSED", pauseReason: reasonText(stands.incident.reason) };
  };

  return {
    async stopped() {
      const answer = await admission();
      return answer.admitted ? null : { becomes: "PAUSED", pauseReason: reasonText(answer.reason) };
    },

    async call(attempt, provider, makeCall) {
      const permitId = newId();
      try {
        const stop = (await takePermit(attempt, provider, permitId)) ?? (await stopReason(attempt));
        if (stop) return { outcome: "stopped", end: stop };
        const { epoch } = await admission();
        const answer = await makeCall();
        if (answer.outcome !== "service_fault") return answer;
        return { outcome: "stopped", end: await tripped(attempt, answer.fault, epoch) };
      } finally {
        // A permit that cannot be given back is taken back when its time is over.
        releases.push(
          permitsOf(provider)
            .release(permitId)
            .catch(() => undefined),
        );
      }
    },

    async settled() {
      await Promise.all(releases);
    },
  };
}

type PermitAnswer = { granted: boolean; waitMs: number };
