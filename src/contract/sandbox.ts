import { z } from "zod";
import { type Provider, PROVIDERS } from "../domain/fault.ts";
import { wholeNumber } from "./common.ts";

const provider = z.enum(PROVIDERS);

/**
 * How a sandbox provider can misbehave, and what it then shows. Most are failures of the service. Those that concern one
 * lead or one campaign alone are in `LEADS_OWN`: with them the line goes on.
 */
const FAULT_MEANINGS = {
  server_error: "500",
  rate_limited: "429",
  unauthorized: "the key is refused",
  out_of_credit: "credit or quota is used up",
  timeout: "no answer",
  malformed: "200 with a page that is cut off",
  error_in_200: "an error inside a 200",
  connection_reset: "the connection breaks off",
  timeout_after_effect: "the work is done and paid for, and no answer comes",
  bad_lead: "the answer to bad input",
  bad_request: "the request is refused for what is the same for every lead",
  missing_field: "the field that decides is missing throughout; nothing was done",
  broken_utf8: "the answer holds bytes that are no UTF-8; nothing was done",
  billing_not_active: "OpenAI: the account is not active",
  plan_full: "Instantly: 200, nothing uploaded, remaining_in_plan 0",
  known_elsewhere: "Instantly: 200, skipped, because another campaign of the workspace holds the address",
  blocked: "Instantly: 200, the address is on the block list",
  address_too_long: "Apollo: 414 to a search",
  no_addresses: "Apollo: everybody is found and paid for, nobody has an address",
  cut_text: "Perplexity, OpenAI: completed and paid for, with a text that breaks off",
  no_message: "OpenAI: completed and paid for, with nothing but a reasoning item",
} as const;
export type SandboxFault = keyof typeof FAULT_MEANINGS;
export const SANDBOX_FAULTS = Object.keys(FAULT_MEANINGS) as [SandboxFault, ...SandboxFault[]];

/** Kinds that concern one lead, or one campaign's own search: no failure of the service. */
export const LEADS_OWN: readonly SandboxFault[] = [
  "bad_lead",
  "known_elsewhere",
  "blocked",
  "address_too_long",
  "cut_text",
  "no_message",
];

const kind = z.enum(SANDBOX_FAULTS).describe(
  Object.entries(FAULT_MEANINGS)
    .map(([name, shows]) => `\`${name}\`: ${shows}`)
    .join("; "),
);

/**
 * From the `after`-th matching call on (0: at once), `count` calls (absent: until cleared) show `kind`. A call matches
 * when it goes to `provider`, its path contains `path`, and an answer to it can show `kind`.
 */
export const FaultOrder = z.strictObject({
  provider,
  kind,
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
      kind,
      path: z.string().nullable(),
      begins_after: z.int().describe("So many matching calls more are answered well first."),
      remaining: z.int().nullable(),
    }),
  ),
});
export type SandboxFaults = z.infer<typeof SandboxFaults>;

export const MendQuery = z.strictObject({ provider: provider.optional() });

/** How long a provider takes to answer; without `provider`, each of them. Says either `ms` or `realistic`. */
export const Latency = z
  .strictObject({
    provider: provider.optional(),
    ms: z.int().min(0).max(600_000).optional().describe("The same for each call, from now on. Ends `realistic`."),
    realistic: z
      .boolean()
      .optional()
      .describe(
        "Each call takes as long as such a service may need, always the same for a subject: Apollo 0.3 to 1.5 seconds, MillionVerifier 0.3 to 8, Perplexity 4 to 15, OpenAI 4 to 25, Instantly 0.2 to 0.8. False: as `ms` says again.",
      ),
  })
  .refine(({ ms, realistic }) => ms !== undefined || realistic !== undefined, {
    path: ["ms"],
    message: "say either ms or realistic",
  })
  .refine(({ ms, realistic }) => ms === undefined || realistic === undefined, {
    path: ["realistic"],
    message: "say either ms or realistic, not both",
  });
export type Latency = z.infer<typeof Latency>;

const addresses = z.array(z.string().trim().min(1).max(320)).max(10_000);

/** What Instantly's workspace looks like besides its own campaigns. What is not named stays as it is. */
export const SenderState = z.strictObject({
  remaining_in_plan: z
    .int()
    .min(0)
    .nullable()
    .optional()
    .describe("So many leads more can be uploaded; null, as at first: without bound."),
  blocked: addresses.optional().describe("The block list: addresses and domains, in place of those before."),
  known: addresses
    .optional()
    .describe("Addresses that another campaign of the workspace holds, in place of those before."),
  deleted_campaign: z.uuid().optional().describe("A sender campaign that is deleted now, with the leads in it."),
});
export type SenderState = z.infer<typeof SenderState>;

export const LedgerQuery = z.strictObject({
  provider: provider.optional(),
  after: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(0),
  limit: wholeNumber(1, 1000).default(100),
});
export type LedgerQuery = z.infer<typeof LedgerQuery>;

/**
 * How one subject of a call fared: a kind of fault, ordered or by itself (an address on the block list is `blocked`).
 * `rejected` is the provider's own refusal of bad input, `not_found` its word for a
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

/** Not `ok`: there is no such campaign to delete, and nothing was changed. */
export type SenderAnswer = { ok: boolean };

/** What the sandbox Worker offers over its service binding, beside `fetch`. Arguments are already parsed. */
export interface SandboxControl {
  setFault(order: FaultOrder): Promise<FaultAnswer>;
  /** What was ordered and not yet used up or cleared, oldest first. */
  faults(): Promise<SandboxFaults>;
  /** Without a provider, those of all. */
  clearFaults(provider?: Provider): Promise<void>;
  setLatency(latency: Latency): Promise<void>;
  setSender(state: SenderState): Promise<SenderAnswer>;
  calls(query: LedgerQuery): Promise<LedgerPage>;
  summary(): Promise<SandboxSummary>;
  /** Empties the ledger and the providers' own state, and takes back faults and latencies. */
  reset(): Promise<void>;
}
