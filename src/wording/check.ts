import type { Provider } from "../domain/fault.ts";
import type { Proven } from "../domain/check.ts";

/** What a service does, as a sentence goes on after its name. */
const WORK: Record<Provider, string> = {
  apollo: "finds people",
  millionverifier: "checks addresses",
  perplexity: "researches",
  openai: "writes messages",
  instantly: "takes leads",
};

/** "answers, accepts the key and writes messages", after the service's name; null where nothing was noted. */
export function provenText(provider: Provider, proves: readonly Proven[]): string | null {
  const parts = [
    ...(proves.includes("reachable") ? ["answers"] : []),
    ...(proves.includes("key") ? ["accepts the key"] : []),
    ...(proves.includes("credit") ? ["has credit left"] : []),
    ...(proves.includes("work") ? [WORK[provider]] : []),
  ];
  const last = parts.pop();
  if (last === undefined) return null;
  return parts.length === 0 ? last : `${parts.join(", ")} and ${last}`;
}

/** "writes messages" */
export const workText = (provider: Provider): string => WORK[provider];

/** "about 0.002 USD"; what a service told has more digits than anybody reads. */
export const usdText = (usd: number): string => `${Number(usd.toFixed(4))} USD`;
