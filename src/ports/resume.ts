import type { Instant } from "../domain/breaker.ts";
import type { Dispatch } from "../domain/job.ts";
import type { SeenGate } from "../domain/reconcile.ts";
import type { Movement } from "../domain/stalled.ts";
import type { JobKey } from "../domain/sweep.ts";
import type { PerQueue } from "./job-queue.ts";
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
  /** Of the stop; it stays after the close until nothing waits any more. */
  reason: string | null;
  /** When the database was last found taken back; null for never. */
  restoredAt?: Instant | null;
}

/** A job that a resume has queued; `late`: it was made, or had gone on once already, after the resume began. */
export interface ResumedJob extends JobStanding {
  late: 0 | 1;
}

/** A resume: the epoch of its close, and when it began. */
export interface Resume {
  epoch: number;
  since: Instant;
}

/** The jobs' rows as sweeps and the watchdog change them: by ranges of keys, one atomic batch each. */
export interface SweepStore {
  /** Closes or opens the gate; an older epoch never overwrites a newer one. Returns the unfinished jobs there are. */
  setGate(gate: Gate): Promise<{ unfinished: number }>;
  seenGate(): Promise<SeenGate>;
  /** Writes that the watchdog looked: a database that tells an earlier time than it remembers was taken back. */
  noteLook(now: Instant): Promise<void>;
  /**
   * Takes the reason away, and with it the rule that everything waits its turn, if no unfinished job is left unqueued; with
   * a pace also not while a search is unfinished. False when something is left, or the gate has moved on.
   */
  endResume(epoch: number, paced: boolean): Promise<boolean>;
  /** Whether everything waits its turn at this epoch of the closed gate: a resume runs, or must. */
  isResumeOwed(epoch: number): Promise<boolean>;
  /** The key `limit` unfinished jobs after `from`; null when fewer remain. */
  sliceEnd(from: JobKey, limit: number): Promise<JobKey | null>;
  /** The key of the `limit`th job of the range that `resume` would take; null when there are fewer. */
  resumableEnd(range: KeyRange, at: { epoch: number; limit: number; now: Instant }): Promise<JobKey | null>;
  /**
   * What was not queued under `epoch` → PENDING under it with a new dispatch, where the gate is closed at it. A job whose
   * earlier attempt may be alive is left for `resumeRest`.
   */
  resume(range: KeyRange, resume: Resume, now: Instant): Promise<ResumedJob[]>;
  /** The same for up to `limit` jobs that the pass over all has left, or that were made since. */
  resumeRest(resume: Resume, limit: number, now: Instant): Promise<ResumedJob[]>;
  /** How many of these jobs are about to push: each may call the sender twice. */
  countWritten(jobs: Dispatch[]): Promise<number>;
  /** RUNNING whose lease ran out → PENDING with a new dispatch; unqueued while a resume runs, in which it waits its turn. */
  takeBack(range: KeyRange, now: Instant): Promise<JobStanding[]>;
  /** The same for PENDING since before its queue's instant: its message is lost. */
  redispatch(range: KeyRange, queuedBefore: PerQueue<Instant>, now: Instant): Promise<JobStanding[]>;
  /** The same for PENDING jobs whose dispatch is one of these. */
  redispatchIf(dispatches: Dispatch[], now: Instant): Promise<JobStanding[]>;
  /** Of all RUNNING campaigns. */
  movement(): Promise<Movement>;
  /** RUNNING campaigns whose counts say that no job is unfinished. */
  campaignsToComplete(limit: number): Promise<string[]>;
  /** Whether any job or campaign is unfinished: while there is none, the watchdog sleeps. */
  anythingUnfinished(): Promise<boolean>;
}
