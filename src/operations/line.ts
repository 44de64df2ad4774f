import { type Instant, reasonText } from "../domain/breaker.ts";
import type { Answer, Provider, ServiceFault, Spend } from "../domain/fault.ts";
import { createAdmissions } from "./admissions.ts";
import type { BreakerActor } from "./breaker.ts";
import type { AttemptEnd, ClaimedJob } from "./jobs.ts";
import { type Coalesce, createPermits, type ThrottleActor } from "./permits.ts";

export interface LinePorts {
  breaker: Pick<BreakerActor, "admit" | "trip">;
  throttle: (provider: Provider) => ThrottleActor;
  now: () => Instant;
  wait: (ms: number) => Promise<unknown>;
  newId: () => string;
  coalesce: Coalesce;
}

/** One run of one job. */
export interface Attempt {
  job: ClaimedJob;
  /** When its lease runs out, unless it is renewed before; 0 when it is over or no longer holds one. */
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
  settled(): Promise<unknown>;
}

/** An attempt stops this long before its lease ends: by then nobody else may have begun. */
const LEASE_MARGIN_MS = 5_000;

/** How long a batch asks a Breaker whose answers all come too late; then the watchdog brings its jobs back. */
const PATIENCE_MS = 10_000;

/** Work may begin now, under this epoch; or the attempt must end like this. */
type Go = { epoch: number } | { end: AttemptEnd };

export function createLine({ breaker, throttle, now, wait, newId, coalesce }: LinePorts): Line {
  const admission = createAdmissions(breaker, now);
  const permits = createPermits(throttle, coalesce);

  /** `mayTry` tells whether there is time left to ask again when an answer came too late. */
  const go = async (mayTry: () => boolean): Promise<Go> => {
    while (mayTry()) {
      const answer = await admission();
      if (answer?.admitted) return { epoch: answer.epoch };
      if (answer) return { end: { becomes: "PAUSED", pauseReason: reasonText(answer.reason) } };
    }
    return { end: { becomes: "PENDING" } };
  };
  const inTime = (attempt: Attempt) => () => now() <= Math.min(attempt.endBy, attempt.leaseUntil - LEASE_MARGIN_MS);

  /** Waits for a permit as long as the breaker admits work. Having to wait is no fault. */
  const takePermit = async (attempt: Attempt, provider: Provider, permitId: string): Promise<Go> => {
    for (;;) {
      const may = await go(inTime(attempt));
      if ("end" in may) return may;
      const { granted, waitMs } = await permits.acquire(provider, permitId);
      if (waitMs > 0) await wait(waitMs);
      // The world may have changed meanwhile: it is asked last, and nothing is awaited between this answer and the call.
      if (granted) return go(inTime(attempt));
    }
  };

  const tripped = async ({ job }: Attempt, fault: ServiceFault, epoch: number): Promise<AttemptEnd> => {
    const stands = await breaker.trip({ fault, epoch, jobId: job.id, campaignId: job.campaignId });
    // Closed: the call was from before an operator's close. The job goes again, nothing else happens.
    return stands.state === "closed"
      ? { becomes: "PENDING" }
      : { becomes: "PAUSED", pauseReason: reasonText(stands.incident.reason) };
  };

  return {
    async stopped() {
      const giveUpAt = now() + PATIENCE_MS;
      const may = await go(() => now() < giveUpAt);
      return "end" in may ? may.end : null;
    },

    async call(attempt, provider, makeCall) {
      const permitId = newId();
      try {
        const may = await takePermit(attempt, provider, permitId);
        if ("end" in may) return { outcome: "stopped", end: may.end };
        const answer = await makeCall();
        if (answer.outcome !== "service_fault") return answer;
        return { outcome: "stopped", end: await tripped(attempt, answer.fault, may.epoch) };
      } finally {
        permits.release(provider, permitId);
      }
    },

    settled: () => permits.settled(),
  };
}
