import type { BreakerState, FaultReport, Follower, Incident, Instant, Reason } from "../domain/breaker.ts";
import type { PacePerSecond } from "../domain/pace.ts";
import type { CheckReport, ServiceCheck } from "../domain/check.ts";
import type { IncidentHistory } from "../domain/incident.ts";
import type { RepeatedJob } from "../domain/repeated-job.ts";
import type { Sweep } from "../domain/sweep.ts";

/**
 * May work begin? The answer holds for `validForMs` from when it was asked for, not from when it arrived. `revision` rises
 * with each withdrawal of work: who sees a new one looks whether its jobs still stand before it calls. `paced`: a resume lets
 * jobs go at a pace.
 */
export type Admission =
  | { admitted: true; epoch: number; revision: number; paced: boolean; validForMs: number }
  | { admitted: false; epoch: number; reason: Reason };

export interface BreakerStatus {
  breaker: BreakerState;
  /** The newest sweep. */
  sweep: Sweep | null;
  /** The job that set off this stop and others before it; null while closed. */
  repeatedJob: RepeatedJob | null;
}

/** How the watchdog is. */
export interface WatchdogLook {
  /** When its last good look ended; 0 before the first. */
  healedAt: Instant;
  /** When this life of the Breaker began. */
  startedAt: Instant;
  /** Whether it will look by itself. */
  watches: boolean;
}

export interface ResumePace {
  pace: PacePerSecond;
  /** The resume that is running. */
  sweep: Sweep | null;
}

export interface BreakerChange extends BreakerStatus {
  changed: boolean;
  previousState: "open" | "closed";
}

/**
 * The one breaker. An answer that says "open" is given only when no admission is valid any more: from then on no
 * provider call starts.
 */
export interface BreakerActor {
  /** `roundTripMs`: what the asker has measured of its last question; an admission holds as long as that needs. */
  admit(roundTripMs?: number): Promise<Admission>;
  /**
   * Work was withdrawn, and D1 says so already. Ends when no call of it begins any more: no admission from before is valid,
   * and none after is used without a look into D1.
   */
  withdraw(): Promise<void>;
  /** A service failed. Returns how the breaker stands then. */
  trip(report: FaultReport): Promise<BreakerState>;
  /** An operator stops the line. */
  stop(by: string, message: string): Promise<BreakerChange>;
  /** An operator starts it again, at a pace. */
  close(by: string, note: string | null, pace?: PacePerSecond): Promise<BreakerChange>;
  pace(): Promise<ResumePace>;
  /** From now on, for the resume that is running; null when none is. */
  setPace(by: string, pace: PacePerSecond): Promise<ResumePace | null>;
  status(): Promise<BreakerStatus>;
  /** Newest first, those older than `before` (an incident's epoch). */
  incidents(before: number | null, limit: number): Promise<Incident[]>;
  incident(id: string): Promise<{ incident: Incident; followers: Follower[]; sweeps: Sweep[] } | null>;
  incidentHistory(id: string): Promise<IncidentHistory | null>;
  /** Somebody checked a service: it is remembered, and changes nothing. */
  checked(check: CheckReport): Promise<void>;
  /** The last check of each service that was ever checked. */
  lastChecks(): Promise<ServiceCheck[]>;
  /** There is work: keep the watchdog awake until it is finished. */
  watch(): Promise<void>;
  /** One pass of the watchdog, now. */
  heal(): Promise<void>;
  /** Answers when the Breaker's own storage does. */
  ping(): Promise<WatchdogLook>;
}
