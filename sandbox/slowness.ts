import type { Provider } from "../src/domain/fault.ts";
import { fraction } from "./random.ts";

/** From the quickest to the slowest answer that is usual, in milliseconds. */
const SPREAD: Record<Provider, readonly [quickest: number, slowest: number]> = {
  apollo: [300, 1_500],
  millionverifier: [300, 8_000],
  perplexity: [4_000, 15_000],
  openai: [4_000, 25_000],
  instantly: [200, 800],
};

/** The same for a subject each time. Most answers are near the quick end, a few take very long. */
export function realisticMs(provider: Provider, subject: string): number {
  const [quickest, slowest] = SPREAD[provider];
  return Math.round(quickest * (slowest / quickest) ** (fraction(`slowness:${provider}:${subject}`) ** 1.5));
}
