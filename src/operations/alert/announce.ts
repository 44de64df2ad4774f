import { chunks } from "../../domain/chunks.ts";
import { alertBody } from "../../wording/alert-body.ts";
import { type AlertFact, reminder } from "../../domain/alert.ts";
import type { Incident, Instant } from "../../domain/breaker.ts";
import type { AlertQueue, DeliveryStore, DirectDelivery, Listener } from "../../ports/alerts.ts";

export interface AnnouncePorts {
  deliveries: Pick<DeliveryStore, "audience" | "add" | "takeOverdue">;
  queue: AlertQueue;
  now: () => Instant;
  newId: () => string;
  /** Where the console is; "" where nobody has said it. */
  consoleOrigin: string;
  /** By what delivery a target was to be told while these rows could not be written. */
  tried: (targetId: string, key: string) => DirectDelivery | null;
}

export interface Announcement {
  /** What happened and is not announced yet. */
  facts: AlertFact[];
  /** The stop that the line stands at. */
  open: Incident | null;
  /** Whether it still does. */
  isStillOpen: () => boolean;
}

/** A message that is this late is lost. */
const OVERDUE_MS = 15_000;
/** A statement takes parameters of 2 MB together; a payload has a few KB. */
const ADDED_AT_ONCE = 200;
/** A change of the targets is noticed this soon. */
const LOOK_MS = 60_000;

/**
 * Writes what is owed to the targets as deliveries and sends their messages, sends those again whose message is lost, and
 * returns when to look again; null when nothing can become due by itself. May run twice: a target has one delivery of
 * each fact.
 */
export async function announce(ports: AnnouncePorts, { facts, open, isStillOpen }: Announcement) {
  const { deliveries, queue, now, newId, consoleOrigin, tried } = ports;
  let nextAt = Infinity;
  if (facts.length > 0 || open) {
    const { listeners, jobCounts } = await deliveries.audience();
    const reminders = open ? listeners.map((listener) => remind(open, listener, now())) : [];
    nextAt = Math.min(now() + (open ? LOOK_MS : Infinity), ...reminders.map((each) => each.nextAt));
    const told = listeners.flatMap((listener, at) => {
      const due = isStillOpen() ? (reminders[at]?.due ?? null) : null;
      const mine = [...facts, ...(due ? [due] : [])].filter((fact) => concerns(listener, fact));
      return mine.map((fact) => {
        const before = tried(listener.id, fact.key);
        return {
          id: before?.id ?? newId(),
          ...(before?.arrivedAt && { arrivedAt: before.arrivedAt }),
          targetId: listener.id,
          event: fact.event,
          key: fact.key,
          incidentId: fact.incident?.id ?? null,
          payload: alertBody(listener.kind, fact, jobCounts, consoleOrigin),
        };
      });
    });
    for (const part of chunks(told, ADDED_AT_ONCE)) await queue.send(await deliveries.add(part, now()));
  }
  const waiting = await deliveries.takeOverdue(now() - OVERDUE_MS, now());
  await queue.send(waiting.overdue);
  if (waiting.nextAt !== null) nextAt = Math.min(nextAt, now() + LOOK_MS, waiting.nextAt + OVERDUE_MS);
  return nextAt === Infinity ? null : nextAt;
}

/** A target that was made during the stop is reminded from then on. */
function remind(open: Incident, { stillOpenAfterMinutes, createdAt }: Listener, now: Instant) {
  const { due, nextAt } = reminder(open, stillOpenAfterMinutes * 60_000, now);
  return { due: due && due.at >= createdAt ? due : null, nextAt };
}

/** A target hears of what it chose. A streak of failures may be announced again at any time: not to one made meanwhile. */
const concerns = ({ events, createdAt }: Listener, { event, failing }: AlertFact) =>
  events.some((each) => each === event) && (failing?.since ?? createdAt) >= createdAt;
