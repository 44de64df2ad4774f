import type { Provider } from "../domain/fault.ts";

/** The secret that holds each provider's key. */
export const PROVIDER_SECRETS = {
  apollo: "APOLLO_API_KEY",
  millionverifier: "MILLIONVERIFIER_API_KEY",
  perplexity: "PERPLEXITY_API_KEY",
  openai: "OPENAI_API_KEY",
  instantly: "INSTANTLY_API_KEY",
} as const satisfies Record<Provider, string>;
