import type { Answer, FaultKind, Provider } from "../../src/domain/fault.ts";
import type { Copy, LeadProfile } from "../../src/domain/lead.ts";
import type { Providers, WritingBrief } from "../../src/ports/providers.ts";
import { createProviders, type ProviderOptions } from "../../src/providers/index.ts";
import type { Fetch } from "../../src/providers/transport.ts";

/** With characters that a URL encodes, so that both spellings can leak. */
export const KEY = "secret/key+1";

const MODELS: ProviderOptions["models"] = { perplexity: "perplexity/sonar", openai: "gpt-5-mini" };

export function providersOn(fetch: Fetch, { key = KEY, timeoutMs = 5000, models = MODELS } = {}): Providers {
  const each = <T>(value: T): Record<Provider, T> => ({
    apollo: value,
    millionverifier: value,
    perplexity: value,
    openai: value,
    instantly: value,
  });
  return createProviders({ fetch, keys: each(key), timeoutsMs: each(timeoutMs), models });
}

export function aLead(changes: Partial<LeadProfile> = {}): LeadProfile {
  return {
    email: "ada@engines.example",
    firstName: "Ada",
    lastName: "Byron",
    title: "Head of Engines",
    headline: null,
    linkedinUrl: null,
    company: "Engines Ltd",
    companyWebsite: "https://engines.example",
    ...changes,
  };
}

export function aBrief(): WritingBrief {
  return {
    lead: aLead(),
    research: { summary: "They build engines.", hook: "Engines Ltd opened a second hall.", sources: [] },
    message: { sender_name: "Charles", offer: "Better cogs", tone: "dry" },
  };
}

export function aCopy(): Copy {
  return { subject: "Your second hall", body: "Hi Ada,\n\nbetter cogs?\n\nCharles" };
}

/** A response of OpenAI or Perplexity whose text is `written`. */
export function aModelResponse(written: unknown, changes: object = {}) {
  const text = typeof written === "string" ? written : JSON.stringify(written);
  return {
    id: "resp_1",
    object: "response",
    status: "completed",
    error: null,
    incomplete_details: null,
    output: [
      { type: "reasoning", summary: [] },
      { type: "message", role: "assistant", content: [{ type: "output_text", text, annotations: [] }] },
    ],
    usage: { input_tokens: 900, output_tokens: 120 },
    ...changes,
  };
}

interface PortCall {
  name: string;
  provider: Provider;
  call: (providers: Providers) => Promise<Answer<unknown>>;
  /** Its address holds the id of one sender campaign. */
  ofCampaign?: true;
  /** What is sent is the same for everyone: its refusal is a fault. */
  ofEveryone?: true;
  /** After a fault of this kind it makes another call. */
  retries?: FaultKind;
}

/** Every method of every port. */
export const PORT_CALLS: PortCall[] = [
  {
    name: "apollo.check",
    provider: "apollo",
    call: ({ apollo }) => apollo.check(),
    retries: "unauthorized",
    ofEveryone: true,
  },
  { name: "apollo.tryOut", provider: "apollo", call: ({ apollo }) => apollo.tryOut() },
  { name: "apollo.search", provider: "apollo", call: ({ apollo }) => apollo.search({ person_titles: ["CEO"] }, 1) },
  { name: "apollo.reveal", provider: "apollo", call: ({ apollo }) => apollo.reveal(["p1"]), ofEveryone: true },
  {
    name: "millionverifier.check",
    provider: "millionverifier",
    call: (all) => all.millionverifier.check(),
    ofEveryone: true,
  },
  { name: "millionverifier.tryOut", provider: "millionverifier", call: (all) => all.millionverifier.tryOut() },
  { name: "millionverifier.verify", provider: "millionverifier", call: (all) => all.millionverifier.verify("a@b.co") },
  { name: "perplexity.check", provider: "perplexity", call: ({ perplexity }) => perplexity.check(), ofEveryone: true },
  {
    name: "perplexity.tryOut",
    provider: "perplexity",
    call: ({ perplexity }) => perplexity.tryOut(),
    ofEveryone: true,
  },
  {
    name: "perplexity.research",
    provider: "perplexity",
    call: ({ perplexity }) => perplexity.research(aLead()),
    ofEveryone: true,
  },
  { name: "openai.check", provider: "openai", call: ({ openai }) => openai.check(), ofEveryone: true },
  { name: "openai.tryOut", provider: "openai", call: ({ openai }) => openai.tryOut(), ofEveryone: true },
  { name: "openai.write", provider: "openai", call: ({ openai }) => openai.write(aBrief()), ofEveryone: true },
  { name: "instantly.check", provider: "instantly", call: ({ instantly }) => instantly.check(), ofEveryone: true },
  { name: "instantly.tryOut", provider: "instantly", call: ({ instantly }) => instantly.tryOut(), ofEveryone: true },
  {
    name: "instantly.lookUpCampaign",
    provider: "instantly",
    call: ({ instantly }) => instantly.lookUpCampaign("c1"),
    ofCampaign: true,
  },
  {
    name: "instantly.findCampaign",
    provider: "instantly",
    call: ({ instantly }) => instantly.findCampaign("Andon 1"),
    ofEveryone: true,
  },
  {
    name: "instantly.createCampaign",
    provider: "instantly",
    call: (all) => all.instantly.createCampaign("Andon 1"),
    ofEveryone: true,
  },
  {
    name: "instantly.findLead",
    provider: "instantly",
    call: (all) => all.instantly.findLead("c1", "a@b.co"),
    ofCampaign: true,
  },
  {
    name: "instantly.findHolders",
    provider: "instantly",
    call: (all) => all.instantly.findHolders(["a@b.co"]),
  },
  {
    name: "instantly.addLead",
    provider: "instantly",
    call: (all) => all.instantly.addLead("c1", aLead(), aCopy()),
    ofCampaign: true,
  },
];

export function aFault(provider: Provider, kind: FaultKind, httpStatus: number | null, message: unknown) {
  return { outcome: "service_fault", fault: { provider, kind, httpStatus, message } };
}

/** What Instantly answers to leads that are handed to it. */
export const anAddition = (changes: object = {}) => ({
  status: "success",
  total_sent: 1,
  leads_uploaded: 0,
  in_blocklist: 0,
  blocklist_used: null,
  duplicated_leads: 0,
  skipped_count: 0,
  invalid_email_count: 0,
  incomplete_count: 0,
  duplicate_email_count: 0,
  remaining_in_plan: 100,
  created_leads: [],
  ...changes,
});
