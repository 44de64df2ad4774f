import { failureOf } from "./failures.ts";
import { describeError, log } from "./log.ts";

const PAUSES_MS = [50, 200, 800, 3_000];

/** Runs a write that may be repeated, again after growing pauses while the platform's storage fails. */
export async function persist<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      const pauseMs = PAUSES_MS[attempt];
      if (pauseMs === undefined || failureOf(error).kind !== "passes") throw error;
      log("warn", "write_retried", { ...describeError(error), attempt: attempt + 1 });
      await scheduler.wait(pauseMs);
    }
  }
}
