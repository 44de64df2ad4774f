import type { Instant } from "./breaker.ts";

/** The watchdog looks every few seconds while there is work, and each minute where a cron runs: so long a silence is one. */
const SILENT_AFTER_MS = 3 * 60_000;

/**
 * Whether the watchdog looks as it should. Where nothing is unfinished and no cron runs, it sleeps and is well; a start counts
 * as a look where one will follow by itself.
 */
export function watchdogIsWell(
  { healedAt, startedAt, watches }: { healedAt: Instant; startedAt: Instant; watches: boolean },
  { due, cron, now }: { due: boolean; cron: boolean; now: Instant },
): boolean {
  if (!due && !cron) return true;
  // An installation that nobody has looked after yet was just made, or has no work; its first look comes with either.
  if (healedAt === 0 && !due) return true;
  return now - Math.max(healedAt, watches ? startedAt : 0) <= SILENT_AFTER_MS;
}
