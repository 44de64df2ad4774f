import { describeError, log } from "./log.ts";

/**
 * Errors of D1, queues and Durable Objects that pass by themselves. The words are those of the platform's documents;
 * Durable Objects mark theirs with properties.
 */
const PASSING =
  /D1_ERROR|network connection lost|storage caused object to be reset|reset because its code was updated|overloaded|internal error|cannot resolve|timed? ?out|database is locked/i;

/** D1 reports our own mistakes in the same form; these do not pass. */
const MISTAKES =
  /SQLITE_(CONSTRAINT|ERROR|MISMATCH|RANGE|TOOBIG)|constraint failed|no such (table|column)|syntax error/i;

export function isPlatformFault(error: unknown): boolean {
  if (!(error instanceof Error) || MISTAKES.test(error.message)) return false;
  const marks = error as { remote?: boolean; retryable?: boolean; overloaded?: boolean };
  return marks.retryable === true || marks.overloaded === true || PASSING.test(error.message);
}

const PAUSES_MS = [50, 200, 800, 3_000];

/** Runs a write that may be repeated, again after growing pauses while the platform's storage fails. */
export async function persist<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      const pauseMs = PAUSES_MS[attempt];
      if (pauseMs === undefined || !isPlatformFault(error)) throw error;
      log("warn", "write_retried", { ...describeError(error), attempt: attempt + 1 });
      await scheduler.wait(pauseMs);
    }
  }
}
