import { z } from "zod";
import {
  ALERT_EVENTS,
  ALERT_KINDS,
  type AlertEvent,
  type AlertKind,
  type ChosenEvent,
  DELIVERY_STATUSES,
  type DeliveryStatus,
  TEST_EVENT,
} from "../domain/alert.ts";
import { Id, NextCursor, PageQuery, Time, text, time, timeOrNull } from "./common.ts";

const events = z.array(z.enum(ALERT_EVENTS)).min(1).max(ALERT_EVENTS.length);
const stillOpenAfterMinutes = z.int().min(1).max(1_440);

/** `whsec_` and 24 to 64 bytes in base64, as Standard Webhooks has it. */
const secret = z
  .string()
  .max(100)
  .refine((value) => secretBytes(value) !== null, "must be `whsec_` and 24 to 64 bytes in base64");

export const NewAlertTarget = z.strictObject({
  name: text(200),
  kind: z.enum(ALERT_KINDS),
  url: z.string().min(1).max(2_000),
  secret: secret.optional().describe("Only for a webhook; one is made when it is absent."),
  events: events.default([...ALERT_EVENTS]),
  still_open_after_minutes: stillOpenAfterMinutes.default(15),
});

export const AlertTargetChanges = z.strictObject({
  name: text(200).optional(),
  events: events.optional(),
  still_open_after_minutes: stillOpenAfterMinutes.optional(),
  disabled: z.boolean().optional(),
});

export const AlertTarget = z.object({
  id: Id,
  name: z.string(),
  kind: z.enum(ALERT_KINDS),
  url: z.string().describe("Its host and its last four characters."),
  secret: z.string().nullable().describe("Its last four characters; null for Slack."),
  events: z.array(z.enum(ALERT_EVENTS)),
  still_open_after_minutes: z.int(),
  created_at: Time,
  disabled_at: Time.nullable(),
});

export const AlertTargetAnswer = z.object({ target: AlertTarget });
export const AlertTargetMade = z.object({
  target: AlertTarget,
  secret: z.string().nullable().describe("The whole secret, this once; null for Slack."),
});
export const AlertTargetList = z.object({ targets: z.array(AlertTarget) });

export const AlertDelivery = z.object({
  id: Id.describe("What a webhook receives as `webhook-id`, the same on every attempt."),
  target_id: Id,
  event: z.enum([...ALERT_EVENTS, TEST_EVENT]),
  incident_id: Id.nullable(),
  status: z.enum(DELIVERY_STATUSES),
  attempts: z.int(),
  last_error: z.string().nullable().describe("Null while an attempt is under way."),
  next_attempt_at: Time.nullable().describe("Null when no further attempt is made."),
  created_at: Time,
  delivered_at: Time.nullable(),
});
export const AlertDeliveryAnswer = z.object({ delivery: AlertDelivery });
export const AlertDeliveryList = z.object({ deliveries: z.array(AlertDelivery), next_cursor: NextCursor });
export const AlertDeliveryQuery = PageQuery.extend({
  target_id: Id.optional(),
  status: z.enum(DELIVERY_STATUSES).optional(),
});

/** The whole of a message of the queue of alerts. */
export const AlertMessage = z.object({ deliveryId: Id });

/** A target as its row has it. Only what sends needs `url` and `secret` whole. */
export interface AlertTargetRow {
  id: string;
  name: string;
  kind: AlertKind;
  url: string;
  secret: string | null;
  events: ChosenEvent[];
  stillOpenAfterMinutes: number;
  createdAt: number;
  disabledAt: number | null;
}

export interface AlertDeliveryRow {
  id: string;
  targetId: string;
  event: AlertEvent;
  incidentId: string | null;
  status: DeliveryStatus;
  attempts: number;
  lastError: string | null;
  nextAttemptAt: number;
  createdAt: number;
  deliveredAt: number | null;
}

export function alertTargetView(row: AlertTargetRow): z.infer<typeof AlertTarget> {
  const { protocol, host, pathname, search } = new URL(row.url);
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    url: `${protocol}//${host}/…${(pathname + search).slice(1).slice(-4)}`,
    secret: row.secret && `whsec_…${row.secret.slice(-4)}`,
    events: row.events,
    still_open_after_minutes: row.stillOpenAfterMinutes,
    created_at: time(row.createdAt),
    disabled_at: timeOrNull(row.disabledAt),
  };
}

export function alertDeliveryView(row: AlertDeliveryRow): z.infer<typeof AlertDelivery> {
  return {
    id: row.id,
    target_id: row.targetId,
    event: row.event,
    incident_id: row.incidentId,
    status: row.status,
    attempts: row.attempts,
    last_error: row.lastError,
    next_attempt_at: row.status === "PENDING" ? time(row.nextAttemptAt) : null,
    created_at: time(row.createdAt),
    delivered_at: timeOrNull(row.deliveredAt),
  };
}

/** The key that a secret stands for; null when it is no secret. */
export function secretBytes(secret: string): Uint8Array<ArrayBuffer> | null {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  if (!encoded || encoded.length % 4 !== 0) return null;
  const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
  return bytes.length >= 24 && bytes.length <= 64 ? bytes : null;
}
