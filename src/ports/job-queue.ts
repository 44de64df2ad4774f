import type { Instant } from "../domain/breaker.ts";
import type { JobStanding } from "./jobs.ts";

/** The jobs of leads have a queue of their own, so that none of them waits behind a whole campaign's search. */
export interface PerQueue<Value> {
  leads: Value;
  campaigns: Value;
}

/** What a queue says of itself; it need not be true. */
export interface Backlog {
  /** Messages that wait. */
  count: number;
  /** When the oldest of them was sent. */
  oldestAt: Instant | null;
}

/** The queues, as those who dispatch jobs see them. */
export interface JobQueue {
  /**
   * Sends messages that name those standings that are PENDING, of higher priority first, each send retried with growing
   * pauses, as long as `goesOn` says so; they arrive after `waitMs`. A PAUSED job gets its message from the resume. Returns
   * what was not sent.
   */
  send(jobs: JobStanding[], how?: { goesOn?: () => boolean; waitMs?: number | undefined }): Promise<JobStanding[]>;
  /** Null of a queue that does not tell. */
  backlog(): Promise<PerQueue<Backlog | null>>;
}
