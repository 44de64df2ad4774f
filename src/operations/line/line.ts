import type { CallRecord } from "../../domain/activity.ts";
import type { Instant } from "../../domain/breaker.ts";
import type { Answer, Fault, PlatformFault, Provider, Spend } from "../../domain/fault.ts";
import { createAdmissions, type HeldAdmission } from "./admissions.ts";
import type { AttemptCall } from "../../domain/job.ts";
import { isPaid, providerOf, type RateName } from "../../domain/throttle.ts";
import type { BreakerActor } from "../../ports/breaker.ts";
import type { AttemptEnd, ClaimedJob } from "../../ports/jobs.ts";
import { type Coalesce, createPermits } from "./permits.ts";
import { type PermitActor } from "../../ports/throttle.ts";
import { createSlots } from "./slots.ts";
import { createWithdrawals } from "./withdrawals.ts";

export interface LinePorts {
  breaker: Pick<BreakerActor, "admit" | "trip">;
  /** What other batches of this process have learnt of the Breaker, and are told. */
  held: HeldAdmission;
  throttle: (rate: RateName) => PermitActor;
  /** How long a call may take. */
  timeoutMs: (provider: Provider) => number;
  now: () => Instant;
  wait: (ms: number) => Promise<unknown>;
  newId: () => string;
  coalesce: Coalesce;
  onLate: (late: { roundTripMs: number; validForMs: number }) => void;
  /** Which of these jobs still stand, by their rows: asked when work was withdrawn. */
  standing: (jobs: ClaimedJob[]) => Promise<string[]>;
}

/** One run of one job. */
export interface Attempt {
  job: ClaimedJob;
  /** When its lease runs out, unless it is renewed before; 0 when it is over or no longer holds one. */
  leaseUntil: Instant;
  /** When it must have handed its job on. */
  endBy: Instant;
  /** Those that have ended. */
  calls: AttemptCall[];
  /** Whether it has saved anything. */
  hasSaved: boolean;
  /** Whether a paid call has ended since: its result is lost with the attempt. */
  hasUnsavedPurchase: boolean;
  /** Reads again what its next call is about, when work was withdrawn: the call may be about other jobs than its own. */
  whenWithdrawn?: () => Promise<void>;
}

export type Called<T> =
  | { outcome: "answered"; value: T; spend: Spend }
  | { outcome: "refused"; message: string; rejects?: boolean }
  /** No call was made, or the service failed: the attempt ends like this. */
  | { outcome: "stopped"; end: AttemptEnd };

/** The way to the providers for the jobs of one batch: everything that must hold before a call begins. */
export interface Line {
  /** Null when the breaker admits work; else how an attempt ends. To be asked before jobs are claimed. */
  stopped(): Promise<AttemptEnd | null>;
  /** These attempts make the calls: what is withdrawn of them makes none any more. */
  begin(attempts: Attempt[]): void;
  /** Stops the line for a failure of our own platform that lasts. */
  trip(attempt: Attempt, fault: PlatformFault): Promise<void>;
  call<T>(attempt: Attempt, rate: RateName, makeCall: () => Promise<Answer<T>>): Promise<Called<T>>;
  /** Whether a resume lets jobs go at a pace: then a job that makes many calls hands itself on after each. */
  isPaced(): boolean;
  /** Waits until all permits are given back. */
  settled(): Promise<unknown>;
}

/** How long a batch asks a Breaker whose answers all come too late; then the watchdog brings its jobs back. */
const PATIENCE_MS = 10_000;

/**
 * Calls of one batch that are under way at once. The platform lets an invocation wait for six connections; it holds a
 * seventh back, which would then begin long after it was admitted. One is left for the queue.
 */
const CALLS_AT_ONCE = 5;

/** Work may begin now, under this epoch; or the attempt must end like this. */
type Admitted = { epoch: number } | { end: AttemptEnd };

/** A call that waits or is under way, and what it holds. */
interface CallRequest {
  permitId: string;
  connected: boolean;
  /** Once it has ended. */
  call: CallRecord | null;
}

const wordOf = (answer: Answer<unknown>): AttemptCall["outcome"] =>
  answer.outcome === "service_fault" ? answer.fault.kind : answer.outcome;

function recordOf(answer: Answer<unknown>, began: Instant, at: Instant): CallRecord {
  const spend = answer.outcome === "answered" ? answer.spend : {};
  return { at, ms: Math.max(0, at - began), outcome: answer.outcome, spend };
}

export function createLine(ports: LinePorts): Line {
  const { breaker, held, throttle, timeoutMs, now, wait, newId, coalesce } = ports;
  const withdrawals = createWithdrawals(ports.standing);
  const admission = createAdmissions({ breaker, held, now, wait, onLate: ports.onLate });
  const permits = createPermits(throttle, coalesce);
  const connections = createSlots(CALLS_AT_ONCE);
  let paced = false;

  /** `mayTry` tells whether there is time left to ask again when an answer came too late. */
  const admit = async (mayTry: () => boolean): Promise<Admitted> => {
    while (mayTry()) {
      const answer = await admission();
      // The answer took its time, and the lease went on running.
      if (answer && !answer.admitted) return { end: { becomes: "PENDING" } };
      if (answer && (await withdrawals.isKnown(answer.revision)) && mayTry()) {
        paced = answer.paced;
        return { epoch: answer.epoch };
      }
    }
    return { end: { becomes: "PENDING" } };
  };
  /** A call begins only if its lease outlasts it: whatever becomes of the attempt, nobody repeats a call under way. */
  const inTime = (attempt: Attempt, provider: Provider) => () =>
    now() <= attempt.endBy && now() + timeoutMs(provider) <= attempt.leaseUntil;
  /** What was queued before a stop begins nothing after it: the resume queues it again. */
  const admitJob = async (attempt: Attempt, mayTry: () => boolean): Promise<Admitted> => {
    const may = await admit(mayTry);
    return "end" in may || may.epoch === attempt.job.epoch ? may : { end: { becomes: "PENDING" } };
  };

  /** Waits for a permit, as long as the breaker admits work, and then for a connection. Having to wait is no fault. */
  const waitForTurn = async (attempt: Attempt, rate: RateName, request: CallRequest): Promise<Admitted> => {
    const mayBegin = inTime(attempt, providerOf(rate));
    for (;;) {
      const may = await admitJob(attempt, mayBegin);
      if ("end" in may) return may;
      const { granted, waitMs } = await permits.acquire(rate, request.permitId);
      if (waitMs > 0) await wait(waitMs);
      if (!granted) continue;
      await connections.take();
      request.connected = true;
      // The world may have changed meanwhile: it is asked last, and nothing is awaited between this answer and the call.
      return admitJob(attempt, mayBegin);
    }
  };

  // Should it be closed then, it was from before an operator's close: the job goes again, nothing else happens.
  const trip = ({ job }: Attempt, fault: Fault, epoch: number) =>
    breaker.trip({ fault, epoch, jobId: job.id, campaignId: job.campaignId });

  return {
    async stopped() {
      const giveUpAt = now() + PATIENCE_MS;
      const may = await admit(() => now() < giveUpAt);
      return "end" in may ? may.end : null;
    },

    async call(attempt, rate, makeCall) {
      const provider = providerOf(rate);
      const request: CallRequest = { permitId: newId(), connected: false, call: null };
      try {
        const may = await waitForTurn(attempt, rate, request);
        if ("end" in may) return { outcome: "stopped", end: may.end };
        const began = now();
        const answer = await makeCall();
        request.call = recordOf(answer, began, now());
        attempt.calls.push({ provider, at: began, ms: request.call.ms, outcome: wordOf(answer) });
        if (isPaid(rate) && answer.outcome !== "service_fault") attempt.hasUnsavedPurchase = true;
        if (answer.outcome === "answered") return answer;
        if (answer.outcome === "refused") {
          const message = `${provider} refused it: ${answer.message}`;
          return { ...answer, message };
        }
        await trip(attempt, answer.fault, may.epoch);
        return { outcome: "stopped", end: { becomes: "PENDING" } };
      } finally {
        permits.release(rate, request.permitId, request.call);
        if (request.connected) connections.give();
      }
    },

    begin: (attempts) => withdrawals.begin(attempts),

    trip: async (attempt, fault) => void (await trip(attempt, fault, attempt.job.epoch)),

    isPaced: () => paced,

    settled: () => permits.settled(),
  };
}
