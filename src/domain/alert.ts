import type { BreakerState, Incident, Instant } from "./breaker.ts";
import type { FailingStreak } from "./failing.ts";
import type { Stall } from "./stalled.ts";
import type { Sweep } from "./sweep.ts";

/** What operators are called for; a target chooses among these. */
export const ALERT_EVENTS = [
  "breaker.opened",
  "breaker.reopened",
  "breaker.still_open",
  "breaker.closed",
  "resume.finished",
  "campaign.failing",
  "line.stalled",
] as const;
export type ChosenEvent = (typeof ALERT_EVENTS)[number];

/** A test is asked for by hand, and goes to any target. */
export const TEST_EVENT = "alert.test";
export type AlertEvent = ChosenEvent | typeof TEST_EVENT;

export const ALERT_KINDS = ["webhook", "slack"] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export const DELIVERY_STATUSES = ["PENDING", "DELIVERED", "FAILED"] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** Something that operators are told of. */
export interface AlertFact {
  event: AlertEvent;
  /** Names this very occurrence: it reaches a target once, however often it is announced. */
  key: string;
  at: Instant;
  /** The breaker as the fact left it. */
  epoch: number;
  state: "open" | "closed";
  /** The stop that it is about; null for what is about none. */
  incident: Incident | null;
  /** The resume that has ended. */
  sweep: Sweep | null;
  /** The campaign whose last leads all failed. */
  failing?: FailingCampaign;
  /** The work that stands still. */
  stall?: Stall;
}

/** A campaign in a streak of failures that is long enough to tell of. */
export interface FailingCampaign extends FailingStreak {
  campaignId: string;
  name: string;
}

/**
 * `before` is the sweep of the epoch before. An opening is a reopening when the resume of the close before it had not
 * ended, so that the opening superseded it; then something that was thought to be mended is not.
 */
export function openingFact(incident: Incident, before: Sweep | null): AlertFact {
  const again = before?.kind === "resume" && before.state !== "done";
  return {
    event: again ? "breaker.reopened" : "breaker.opened",
    key: `opened:${incident.id}`,
    at: incident.openedAt,
    epoch: incident.epoch,
    state: "open",
    incident: asItOpened(incident),
    sweep: null,
  };
}

/** Null while the incident is open. */
export function closingFact(incident: Incident): AlertFact | null {
  if (incident.closedAt === null) return null;
  const key = `closed:${incident.id}`;
  const epoch = incident.epoch + 1;
  return { event: "breaker.closed", key, at: incident.closedAt, epoch, state: "closed", incident, sweep: null };
}

/** Null when the sweep is no resume that has ended. */
export function resumedFact(incident: Incident, sweep: Sweep | null): AlertFact | null {
  if (sweep?.kind !== "resume" || sweep.state !== "done" || sweep.finishedAt === null) return null;
  const key = `resumed:${incident.id}`;
  return { event: "resume.finished", key, at: sweep.finishedAt, epoch: sweep.epoch, state: "closed", incident, sweep };
}

/** Known by when the streak began: however long it grows, it is one occurrence. */
export function failingFact(failing: FailingCampaign, { epoch, state }: BreakerState, now: Instant): AlertFact {
  const key = `failing:${failing.campaignId}:${failing.since}`;
  return { event: "campaign.failing", key, at: now, epoch, state, incident: null, sweep: null, failing };
}

/** Known by when it began: until something moves again it is one occurrence. */
export function stalledFact(stall: Stall, { epoch, state }: BreakerState, now: Instant): AlertFact {
  const key = `stalled:${stall.since}`;
  return { event: "line.stalled", key, at: now, epoch, state, incident: null, sweep: null, stall };
}

/**
 * The newest reminder that is due of an open incident, and when the next one is. Reminders come `everyMs` after the
 * opening and then in the same rhythm; those that nobody was there to send are left out. A reminder is known by the age of
 * the stop, so that a target whose rhythm changes is told of no age twice.
 */
export function reminder(
  incident: Incident,
  everyMs: number,
  now: Instant,
): { due: AlertFact | null; nextAt: Instant } {
  const times = Math.max(0, Math.floor((now - incident.openedAt) / everyMs));
  const nextAt = incident.openedAt + (times + 1) * everyMs;
  if (times === 0) return { due: null, nextAt };
  const age = times * everyMs;
  const due: AlertFact = {
    event: "breaker.still_open",
    key: `still_open:${incident.id}:${age}`,
    at: incident.openedAt + age,
    epoch: incident.epoch,
    state: "open",
    incident: asItOpened(incident),
    sweep: null,
  };
  return { due, nextAt };
}

/** An opening that is told late must not tell of its own close. */
const asItOpened = (incident: Incident): Incident => ({ ...incident, closedAt: null, closedBy: null, note: null });

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** What follows the first attempts; later ones come once an hour. */
const PAUSES_MS = [
  ...[5, 15, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
];
/** The first hour's attempts, and one an hour for three days. */
const MOST_ATTEMPTS = PAUSES_MS.length + 72;

/** How long to wait after this many attempts that did not arrive; null when it is time to give up. */
export function pauseAfter(attempts: number): number | null {
  return attempts >= MOST_ATTEMPTS ? null : (PAUSES_MS[attempts - 1] ?? HOUR_MS);
}
