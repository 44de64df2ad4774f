import type { Instant } from "./breaker.ts";
import type { Provider } from "./fault.ts";

/** The kinds of calls that have a rate of their own, by the names of their throttles. */
export const RATE_NAMES = [
  "apollo.search",
  "apollo.reveal",
  "millionverifier",
  "perplexity",
  "openai",
  "instantly",
] as const;
export type RateName = (typeof RATE_NAMES)[number];

const PROVIDER_OF: Record<RateName, Provider> = {
  "apollo.search": "apollo",
  "apollo.reveal": "apollo",
  millionverifier: "millionverifier",
  perplexity: "perplexity",
  openai: "openai",
  instantly: "instantly",
};

export const providerOf = (name: RateName): Provider => PROVIDER_OF[name];

const FREE: ReadonlySet<RateName> = new Set<RateName>(["apollo.search", "instantly"]);

/** Whether a call of this kind costs money: a second one for the same result is paid for twice. */
export const isPaid = (name: RateName): boolean => !FREE.has(name);

/** How often one kind of call may be made. At least one of the first three is there. */
export interface Rate {
  perSecond?: number;
  perMinute?: number;
  perHour?: number;
  /** Calls under way at the same time. */
  atOnce: number;
}

/** Who may call, and when the next slot is free. */
export interface Permits {
  /** When the next call may begin. */
  nextAt: Instant;
  /** Each permit that is out, and when it is taken back unasked. */
  held: Map<string, Instant>;
}

/** A permit to begin one call after `delayMs`, or, when there is none now, how long to wait before asking again. */
export interface Grant {
  permits: { id: string; delayMs: number }[];
  retryAfterMs: number;
}

/** Slots are given at most this far ahead, so that a stop of the line leaves few of them unused. */
const HORIZON_MS = 1_000;
/** A permit whose caller died lapses by itself, and is noticed this soon; one that is given back is noticed at once. */
const CROWDED_MS = 1_000;
/** Who waits looks at the breaker and at its lease at least this often, however far away the next slot is. */
const LONGEST_WAIT_MS = 5_000;

/** Calls a second by the strictest of the rate's limits. */
export function perSecondOf({ perSecond, perMinute, perHour }: Rate): number {
  return Math.min(perSecond ?? Infinity, (perMinute ?? Infinity) / 60, (perHour ?? Infinity) / 3_600);
}

/** Calls that are evenly spaced by the longest interval keep within every limit, wherever its window begins. */
export const intervalMsOf = (rate: Rate): number => 1_000 / perSecondOf(rate);

/** In how long somebody with `ahead` others before them can be given a slot. */
export function slotInMs(permits: Permits, rate: Rate, ahead: number, now: Instant): number {
  const at = Math.max(permits.nextAt, now) + ahead * intervalMsOf(rate);
  return Math.max(0, Math.ceil(at - now - HORIZON_MS));
}

/** Grants up to `ids.length` permits; fewer when the provider is at its limits. Changes `permits`. */
export function grant(permits: Permits, rate: Rate, asked: { ids: string[]; now: Instant; holdMs: number }): Grant {
  const { ids, now, holdMs } = asked;
  for (const [id, until] of permits.held) if (until <= now) permits.held.delete(id);
  const intervalMs = intervalMsOf(rate);
  // No slot was given later than this, unless the rate was lower then or the clock has been set back.
  permits.nextAt = Math.min(permits.nextAt, now + HORIZON_MS + intervalMs);
  const granted: Grant["permits"] = [];
  for (const id of ids) {
    const at = Math.max(permits.nextAt, now);
    const earlyMs = Math.max(0, Math.ceil(at - now - HORIZON_MS));
    const crowdedMs = permits.held.size >= rate.atOnce ? CROWDED_MS : 0;
    if (earlyMs > 0 || crowdedMs > 0)
      return { permits: granted, retryAfterMs: Math.min(Math.max(earlyMs, crowdedMs), LONGEST_WAIT_MS) };
    permits.nextAt = at + intervalMs;
    permits.held.set(id, at + holdMs);
    granted.push({ id, delayMs: at - now });
  }
  return { permits: granted, retryAfterMs: 0 };
}

export function release(permits: Permits, ids: string[]): void {
  for (const id of ids) permits.held.delete(id);
}
