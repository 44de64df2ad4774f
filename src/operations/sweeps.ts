import type { Instant } from "../domain/breaker.ts";
import type { Dispatch } from "../domain/job.ts";
import type { JobKey } from "../domain/sweep.ts";
import type { JobStanding } from "./jobs.ts";

/** A range of jobs in key order: after `from`, up to and with `to`; `to` null means to the end. */
export interface KeyRange {
  from: JobKey;
  to: JobKey | null;
}

/** What D1 shows of the breaker, for statements that must hold it and the rows together. */
export interface Gate {
  state: "open" | "closed";
  epoch: number;
  /** Null while closed. */
  reason: string | null;
}

/** The jobs' rows as sweeps and the watchdog change them: by ranges of keys, one atomic batch each. */
export interface SweepStore {
  /** Closes or opens the gate; an older epoch never overwrites a newer one. Returns the unfinished jobs there are. */
  setGate(gate: Gate): Promise<{ unfinished: number }>;
  countUnfinished(): Promise<number>;
  countPaused(): Promise<number>;
  /** The key `limit` unfinished jobs after `from`; null when fewer remain. */
  sliceEnd(from: JobKey, limit: number): Promise<JobKey | null>;
  /**
   * PENDING, RUNNING → PAUSED, where the gate shows `epoch`; what an earlier stop had paused is given this reason. Returns
   * how many.
   */
  pause(range: KeyRange, stop: { epoch: number; reason: string }, now: Instant): Promise<number>;
  /** The key of the `limit`th job of the range that `resume` would take; null when there are fewer. */
  resumableEnd(range: KeyRange, limit: number, now: Instant): Promise<JobKey | null>;
  /** PAUSED → PENDING with a new dispatch, where the gate is closed at `epoch` and no earlier attempt is alive. */
  resume(range: KeyRange, epoch: number, now: Instant): Promise<JobStanding[]>;
  /** RUNNING whose lease ran out → PENDING with a new dispatch. */
  takeBack(range: KeyRange, now: Instant): Promise<JobStanding[]>;
  /** PENDING since before its queue's instant gets a new dispatch: its message is lost. */
  redispatch(range: KeyRange, queuedBefore: PerQueue<Instant>, now: Instant): Promise<JobStanding[]>;
  /** The same for PENDING jobs whose dispatch is one of these. */
  redispatchIf(dispatches: Dispatch[], now: Instant): Promise<JobStanding[]>;
  /** RUNNING campaigns whose counts say that no job is unfinished. */
  campaignsToComplete(limit: number): Promise<string[]>;
  /** Whether any job or campaign is unfinished: while there is none, the watchdog sleeps. */
  anythingUnfinished(): Promise<boolean>;
}

/** The jobs of leads have a queue of their own, so that none of them waits behind a whole campaign's search. */
export interface PerQueue<Value> {
  leads: Value;
  campaigns: Value;
}

export interface Backlog {
  /** Messages that wait. */
  count: number;
  /** When the oldest of them was sent. */
  oldestAt: Instant | null;
}

/** The queues, as those who dispatch jobs see them. */
export interface JobQueue {
  /**
   * Sends messages that name the standings, those of higher priority first, each send retried with growing pauses, as long
   * as `goesOn` says so. Returns what was not sent.
   */
  send(jobs: JobStanding[], goesOn?: () => boolean): Promise<JobStanding[]>;
  backlog(): Promise<PerQueue<Backlog>>;
}
