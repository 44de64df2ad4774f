/** The five third-party services, by the names that the API, the breaker's reason and the configuration use. */
export const PROVIDERS = ["apollo", "millionverifier", "perplexity", "openai", "instantly"] as const;
export type Provider = (typeof PROVIDERS)[number];

/** What can be wrong with a service. Each of these opens the breaker. */
export const FAULT_KINDS = [
  "unreachable",
  "timeout",
  "server_error",
  "unauthorized",
  "out_of_credit",
  "rate_limited",
  "malformed",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A third-party service failed. Never holds a key; `message` is the service's own words, cut to a sane length. */
export interface ServiceFault {
  provider: Provider;
  kind: FaultKind;
  /** Null when no HTTP answer came at all. */
  httpStatus: number | null;
  message: string;
}

/** What a call cost, as far as the service tells it. */
export interface Spend {
  /** US dollars. */
  costUsd?: number;
  /** The service's own credits. */
  credits?: number;
  inputTokens?: number;
  outputTokens?: number;
}

/** How one call to a service ended. Only a `service_fault` concerns the breaker. */
export type Answer<T> =
  | { outcome: "answered"; value: T; spend: Spend }
  | { outcome: "service_fault"; fault: ServiceFault }
  /** The service works, but not for this input: the lead's own failure; one that no retry can change, if it `rejects`. */
  | { outcome: "refused"; message: string; rejects?: true };
