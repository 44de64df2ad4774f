import type { Instant } from "../../src/domain/breaker.ts";

/** What the Breaker owes, in the order in which it does what is due at the same time. */
export const DUTIES = ["gate", "look", "resume", "alerts"] as const;
export type DutyName = (typeof DUTIES)[number];

/** When each duty is due; one that is not owed is absent. */
export type Schedule = Partial<Record<DutyName, Instant>>;

/** The first of those that are due; null when none is. */
export const dueAt = (schedule: Schedule, now: Instant): DutyName | null =>
  DUTIES.find((name) => (schedule[name] ?? Infinity) <= now) ?? null;

/** When the next is due; null when nothing is owed. */
export function nextAt(schedule: Schedule): Instant | null {
  const at = Math.min(...Object.values(schedule));
  return at === Infinity ? null : at;
}

/**
 * Who has asked for the watchdog's look, and when a duty that could not go on comes again. It is not stored: a new life looks
 * once and finds out, and the resume's next slice is due at once.
 */
export class Times {
  /** While nothing is unfinished, the watchdog looks only when it is asked to. */
  #sleeps = false;
  #woken = false;
  #askedAt: Instant | null = null;
  resumeAt: Instant = 0;
  /** After a failure nothing is tried again before. */
  notBefore: Instant = 0;

  /** `dueAt`: so long after the last look it looks by itself. Null when nobody waits for one. */
  lookAt(dueAt: Instant): Instant | null {
    return earlier(this.#sleeps ? null : dueAt, this.#askedAt);
  }

  /** Asks for a look at the latest then; one look answers all who have asked before it began. */
  askForLook(at: Instant): void {
    this.#askedAt = earlier(this.#askedAt, at);
  }

  /** There is work: the next look comes by itself, also where one that is under way has seen none. */
  wake(): void {
    this.#sleeps = false;
    this.#woken = true;
  }

  beginLook(): void {
    this.#askedAt = null;
    this.#woken = false;
  }

  /** Whether another will follow by itself. */
  endLook(goesOn: boolean): void {
    this.#sleeps = !goesOn && !this.#woken;
  }
}

const earlier = (a: Instant | null, b: Instant | null): Instant | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b);
