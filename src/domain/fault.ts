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

/**
 * What stops the line although no service failed: Andon's own storage takes nothing more, is damaged or not as this release
 * needs it, or was taken back to an earlier moment.
 */
export const PLATFORM_KINDS = ["storage_full", "storage_failed", "restored"] as const;
type PlatformKind = (typeof PLATFORM_KINDS)[number];
/** What a stop can be for that no operator made. */
export const STOP_KINDS = [...FAULT_KINDS, ...PLATFORM_KINDS] as const;
export type StopKind = FaultKind | PlatformKind;

/** Andon's own platform fails until a person acts; `message` says what it means and what to do. */
export interface PlatformFault {
  provider: null;
  kind: PlatformKind;
  httpStatus: null;
  message: string;
}

/** Anything that opens the breaker by itself. */
export type Fault = ServiceFault | PlatformFault;

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
