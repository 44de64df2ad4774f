import type { AlertEvent, AlertKind, ChosenEvent, FailingCampaign } from "../domain/alert.ts";
import type { Instant } from "../domain/breaker.ts";
import type { JobStatus } from "../domain/job.ts";

/** A target as those who announce see it: without its address. */
export interface Listener {
  id: string;
  kind: AlertKind;
  events: ChosenEvent[];
  stillOpenAfterMinutes: number;
  createdAt: Instant;
}

/** A target as it is told directly. */
export type ReachableTarget = Pick<Listener, "id" | "kind" | "events"> & { url: string; secret: string | null };

/** What a target is told of past the rows of D1, under one id however often it is tried. */
export type DirectDelivery = { id: string; arrivedAt: Instant | null };

/** One fact on its way to one target. */
export interface NewDelivery {
  /** Also the webhook's id. */
  id: string;
  targetId: string;
  event: AlertEvent;
  /** A target has one delivery of each key. */
  key: string;
  incidentId: string | null;
  /** The body of the request. */
  payload: string;
  /** When the target was told already, past the rows. */
  arrivedAt?: Instant;
}

/** What an attempt sends, and where. */
export interface DeliveryAttempt {
  id: string;
  /** This one counted. */
  attempts: number;
  payload: string;
  kind: AlertKind;
  url: string;
  secret: string | null;
}

/** The rows of deliveries: they are the truth, and messages are hints. */
export interface DeliveryStore {
  /** Campaigns in a long streak of failures whose counts have changed after `since`. */
  failingCampaigns(since: Instant): Promise<FailingCampaign[]>;
  /** The targets that are not switched off, with where they are. */
  reachable(): Promise<ReachableTarget[]>;
  /** The targets that are not switched off, and the jobs' counts. */
  audience(): Promise<{ listeners: Listener[]; jobCounts: Record<JobStatus, number> }>;
  /**
   * Writes those that are new, to targets that are still there and on. A reminder is left out while an earlier one of the
   * same stop waits for the same target. Returns the ids of what was written.
   */
  add(deliveries: NewDelivery[], now: Instant): Promise<string[]>;
  /**
   * Those whose attempt should have come before `before`: their message is lost. Each counts as due from `now` on.
   * `nextAt` is when the first attempt of those that wait is due.
   */
  takeOverdue(before: Instant, now: Instant): Promise<{ overdue: string[]; nextAt: Instant | null }>;
  /** Takes those that wait and are due, until `until`: none of them is taken twice before. */
  claim(ids: string[], now: Instant, until: Instant): Promise<DeliveryAttempt[]>;
  /** Makes those due that wait for the same target after an attempt that missed it: it is back. Returns their ids. */
  arrived(id: string, now: Instant): Promise<string[]>;
  /** `nextAt` null: no further attempt is made. */
  missed(id: string, problem: string, nextAt: Instant | null): Promise<void>;
}

export interface AlertQueue {
  /** One message a delivery. What is not sent is found again when it is overdue. */
  send(deliveryIds: string[]): Promise<void>;
}

/** How a request to a target ended. `problem` holds neither the address nor the secret. */
export type Posted = { arrived: true } | { arrived: false; problem: string };
