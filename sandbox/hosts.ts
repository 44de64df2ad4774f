import { PROVIDERS, type Provider } from "../src/domain/fault.ts";
import { apollo } from "./providers/apollo.ts";
import { instantly } from "./providers/instantly.ts";
import { millionverifier } from "./providers/millionverifier.ts";
import { openai } from "./providers/openai.ts";
import { perplexity } from "./providers/perplexity.ts";
import type { StandIn } from "./stand-in.ts";

const HOSTS: Record<Provider, string> = {
  apollo: "api.apollo.io",
  millionverifier: "api.millionverifier.com",
  perplexity: "api.perplexity.ai",
  openai: "api.openai.com",
  instantly: "api.instantly.ai",
};

export const STAND_INS: Record<Provider, StandIn> = { apollo, millionverifier, perplexity, openai, instantly };

/** Null for a host that is none of the five. */
export function providerAt(host: string): Provider | null {
  return PROVIDERS.find((provider) => HOSTS[provider] === host) ?? null;
}
