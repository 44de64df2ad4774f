import type { Activity, CallRecord } from "../domain/activity.ts";
import type { Instant } from "../domain/breaker.ts";
import type { Grant } from "../domain/throttle.ts";

/** The throttle of one rate. */
export interface ThrottleActor {
  acquire(ids: string[]): Promise<Grant>;
  /** Gives permits back, and tells of the calls that were made with them. */
  release(ids: string[], calls: CallRecord[]): Promise<void>;
  /** How far away the next slot is. */
  nextSlotMs(): Promise<number>;
  /** By the minute, in the order of time; minutes without a call are left out. */
  activity(since: Instant): Promise<Activity[]>;
}

export type PermitActor = Pick<ThrottleActor, "acquire" | "release">;
