import { log } from "./log.ts";

const TIMEOUT_MS = 10_000;
/** Who listens is told at most this often. */
const EVERY_MS = 30_000;

/** Tells a monitor outside that the watchdog has looked. Its address may be a secret, and is never logged. */
export class Heartbeat {
  #at = 0;

  /** Nothing waits for it, and a monitor that is away changes nothing. */
  beat(url: string | null): void {
    if (url === null || Date.now() - this.#at < EVERY_MS) return;
    this.#at = Date.now();
    void this.#send(url);
  }

  async #send(url: string): Promise<void> {
    try {
      const { status } = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (status >= 400) log("warn", "heartbeat_failed", { status });
    } catch {
      log("warn", "heartbeat_failed", { status: null });
    }
  }
}
