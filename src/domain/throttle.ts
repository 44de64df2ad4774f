import type { Instant } from "./breaker.ts";

/** A provider's pace. */
export interface Rate {
  perSecond: number;
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
const CROWDED_MS = 50;

/** Grants up to `ids.length` permits; fewer when the provider is at its limits. Changes `permits`. */
export function grant(permits: Permits, rate: Rate, asked: { ids: string[]; now: Instant; holdMs: number }): Grant {
  const { ids, now, holdMs } = asked;
  for (const [id, until] of permits.held) if (until <= now) permits.held.delete(id);
  const intervalMs = 1_000 / rate.perSecond;
  const granted: Grant["permits"] = [];
  for (const id of ids) {
    if (permits.held.size >= rate.atOnce) return { permits: granted, retryAfterMs: CROWDED_MS };
    const at = Math.max(permits.nextAt, now);
    if (at - now > HORIZON_MS && at - now > intervalMs)
      return { permits: granted, retryAfterMs: at - now - HORIZON_MS };
    permits.nextAt = at + intervalMs;
    permits.held.set(id, at + holdMs);
    granted.push({ id, delayMs: at - now });
  }
  return { permits: granted, retryAfterMs: 0 };
}

export function release(permits: Permits, ids: string[]): void {
  for (const id of ids) permits.held.delete(id);
}
