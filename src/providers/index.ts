import type { Provider } from "../domain/fault.ts";
import type { Providers } from "../ports/providers.ts";
import { createApollo } from "./apollo.ts";
import type { Connection } from "./call.ts";
import { createInstantly } from "./instantly.ts";
import { createMillionVerifier } from "./millionverifier.ts";
import type { ModelOptions } from "./model-response.ts";
import { createOpenAi } from "./openai.ts";
import { createPerplexity } from "./perplexity.ts";
import type { Fetch } from "./transport.ts";

export interface ProviderOptions {
  fetch: Fetch;
  /** An empty key answers every call with the fault `unauthorized`, without making it. */
  keys: Record<Provider, string>;
  /** For one whole call, its answer's body included. */
  timeoutsMs: Record<Provider, number>;
  models: { perplexity: string | ModelOptions; openai: string | ModelOptions };
}

const modelOf = (model: string | ModelOptions): ModelOptions => (typeof model === "string" ? { model } : model);

export function createProviders({ fetch, keys, timeoutsMs, models }: ProviderOptions): Providers {
  const connection = (provider: Provider): Connection => ({
    fetch,
    key: keys[provider],
    timeoutMs: timeoutsMs[provider],
  });
  return {
    apollo: createApollo(connection("apollo")),
    millionverifier: createMillionVerifier(connection("millionverifier")),
    perplexity: createPerplexity(connection("perplexity"), modelOf(models.perplexity)),
    openai: createOpenAi(connection("openai"), modelOf(models.openai)),
    instantly: createInstantly(connection("instantly")),
  };
}
