import { z } from "zod";
import { type Provider, PROVIDERS } from "../domain/fault.ts";
import { wholeNumber } from "./common.ts";

const provider = z.enum(PROVIDERS);

/** How a sandbox provider can misbehave. `bad_lead` is its answer to bad input, the others are failures of the service. */
export const SANDBOX_FAULTS = [
  "server_error",
  "rate_limited",
  "unauthorized",
  "out_of_credit",
  "timeout",
  "malformed",
  "error_in_200",
  "connection_reset",
  "timeout_after_effect",
  "bad_lead",
] as const;
export type SandboxFault = (typeof SANDBOX_FAULTS)[number];

/**
 * From the `after`-th matching call on (0: at once), `count` calls (absent: until cleared) show `kind`. A call matches
 * when it goes to `provider`, its path contains `path`, and an answer to it can show `kind`.
 */
export const FaultOrder = z.strictObject({
  provider,
  kind: z.enum(SANDBOX_FAULTS),
  after: z.int().min(0).optional(),
  count: z.int().min(1).optional(),
  path: z.string().min(1).max(200).optional(),
});
export type FaultOrder = z.infer<typeof FaultOrder>;

/** What a provider shows now; `remaining`: how many calls more, null until it is mended. */
export const SandboxFaults = z.object({
  faults: z.array(
    z.object({
      provider,
      kind: z.enum(SANDBOX_FAULTS),
      path: z.string().nullable(),
      begins_after: z.int().describe("So many matching calls more are answered well first."),
      remaining: z.int().nullable(),
    }),
  ),
});
export type SandboxFaults = z.infer<typeof SandboxFaults>;

export const MendQuery = z.strictObject({ provider: provider.optional() });

/** How long a provider takes to answer; without `provider`, each of them. */
export const Latency = z.strictObject({ provider: provider.optional(), ms: z.int().min(0).max(600_000) });
export type Latency = z.infer<typeof Latency>;

export const LedgerQuery = z.strictObject({
  provider: provider.optional(),
  after: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(0),
  limit: wholeNumber(1, 1000).default(100),
});
export type LedgerQuery = z.infer<typeof LedgerQuery>;

/**
 * How one subject of a call fared. `rejected` is the provider's own refusal of bad input, `not_found` its word for a
 * person or campaign that it does not have. With `timeout_after_effect` the work was done and paid for.
 */
const OUTCOMES = ["ok", "rejected", "not_found", ...SANDBOX_FAULTS] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** One subject of one call that arrived at a provider. */
export const LedgerCall = z.object({
  seq: z.int(),
  provider,
  path: z.string(),
  at: z.iso.datetime({ precision: 3 }),
  subject: z.string(),
  outcome: z.enum(OUTCOMES),
  cost_usd: z.number(),
});
export type LedgerCall = z.infer<typeof LedgerCall>;

export const LedgerPage = z.object({ calls: z.array(LedgerCall) });
export type LedgerPage = z.infer<typeof LedgerPage>;

/** Counts ledger rows: a bulk call counts once a subject. */
export const ProviderSummary = z.object({
  calls: z.int(),
  faults: z.int(),
  distinct_subjects: z.int(),
  /** Subjects of more than one successful call that costs money or changes something; at most 100 of them. */
  repeated_subjects: z.array(z.string()),
  repeated_subjects_count: z.int(),
});
export type ProviderSummary = z.infer<typeof ProviderSummary>;

export const SandboxSummary = z.object({
  providers: z.record(provider, ProviderSummary),
  /** Leads that each sender campaign holds, by the sender's id of the campaign. */
  pushed: z.record(z.string(), z.int()),
});
export type SandboxSummary = z.infer<typeof SandboxSummary>;

/** `message` names the kinds that the provider can show. */
export type FaultAnswer = { ok: true } | { ok: false; message: string };

/** What the sandbox Worker offers over its service binding, beside `fetch`. Arguments are already parsed. */
export interface SandboxControl {
  setFault(order: FaultOrder): Promise<FaultAnswer>;
  /** What was ordered and not yet used up or cleared, oldest first. */
  faults(): Promise<SandboxFaults>;
  /** Without a provider, those of all. */
  clearFaults(provider?: Provider): Promise<void>;
  setLatency(latency: Latency): Promise<void>;
  calls(query: LedgerQuery): Promise<LedgerPage>;
  summary(): Promise<SandboxSummary>;
  /** Empties the ledger and the providers' own state, and takes back faults and latencies. */
  reset(): Promise<void>;
}
