import type { Provider } from "../src/domain/fault.ts";

interface Limit {
  /** Of these calls alone; absent: of every call that no limit before names. */
  path?: string;
  calls: number;
  windowMs: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** What the providers allow. MillionVerifier publishes no limit; the sandbox holds it to one all the same. */
export const LIMITS: Record<Provider, readonly Limit[]> = {
  apollo: [
    { path: "/mixed_people/api_search", calls: 200, windowMs: MINUTE },
    { path: "/people/bulk_match", calls: 1000, windowMs: MINUTE },
    { calls: 1000, windowMs: MINUTE },
  ],
  millionverifier: [{ calls: 100, windowMs: SECOND }],
  perplexity: [{ calls: 2000, windowMs: MINUTE }],
  openai: [{ calls: 5000, windowMs: MINUTE }],
  instantly: [
    { calls: 100, windowMs: SECOND },
    { calls: 6000, windowMs: MINUTE },
  ],
};

/** Counts calls in fixed windows. Kept in memory only: a restart forgives at most one window. */
export class Rates {
  #windows = new Map<Limit, { number: number; calls: number }>();

  /** Counts the call; true when it is one too many. Every call counts, refused ones too. */
  isOver({ provider, path }: { provider: Provider; path: string }, nowMs: number): boolean {
    const named = LIMITS[provider].filter((limit) => limit.path !== undefined && path.endsWith(limit.path));
    const limits = named.length > 0 ? named : LIMITS[provider].filter((limit) => limit.path === undefined);
    return limits.map((limit) => this.#count(limit, nowMs)).includes(true);
  }

  #count(limit: Limit, nowMs: number): boolean {
    const number = Math.floor(nowMs / limit.windowMs);
    const window = this.#windows.get(limit);
    if (window === undefined || number > window.number) {
      this.#windows.set(limit, { number, calls: 1 });
      return false;
    }
    window.calls += 1;
    return window.calls > limit.calls;
  }
}
