import { failureOf } from "./failures.ts";
import { describeError, log } from "./log.ts";
import { retrying } from "./retry.ts";

const PAUSES_MS = [50, 200, 800, 3_000];

/** Runs a write that may be repeated, again after growing pauses while the platform's storage fails. */
export const persist = <T>(write: () => Promise<T>): Promise<T> =>
  retrying(write, {
    pausesMs: PAUSES_MS,
    passes: (error) => failureOf(error).kind === "passes",
    failed: (error, attempt) => log("warn", "write_retried", { ...describeError(error), attempt }),
  });
