import type { Provider } from "./fault.ts";
import type { LeadStep } from "./pipeline.ts";

/** Calls that the unfinished searches have before them. */
export interface FetchCalls {
  searches: number;
  reveals: number;
  /** Sender campaigns that are still to be made. */
  senders: number;
}

/** What a campaign's affected jobs have cost so far, as far as the rows know it; what they do not know is absent. */
export interface Spent {
  apollo?: { credits: number };
  perplexity?: ModelSpent;
  openai?: ModelSpent;
}

export interface ModelSpent {
  usd?: number;
  input_tokens?: number;
  output_tokens?: number;
}

/** The unfinished jobs, and what is known of them as a whole. */
export interface RemainingWork {
  total: number;
  /** Jobs by the step that comes next; steps without one are absent. */
  bySteps: { step: string; count: number }[];
  /** Of the jobs of leads, the same as numbers. */
  leads: Record<LeadStep, number>;
  fetching: FetchCalls;
  /** The largest. */
  campaigns: { campaignId: string; name: string; count: number }[];
  moreCampaigns: number;
  spent: Spent;
}

export const NO_WORK: RemainingWork = {
  total: 0,
  bySteps: [],
  leads: { verify: 0, research: 0, write: 0, push: 0 },
  fetching: { searches: 0, reveals: 0, senders: 0 },
  campaigns: [],
  moreCampaigns: 0,
  spent: {},
};

/**
 * The calls that finish the work if every lead gets to its end and no call is made twice. Leads that are still to be found
 * are not in it: how many there are only their search knows.
 */
export function callsNeeded({ leads, fetching }: Pick<RemainingWork, "leads" | "fetching">): Record<Provider, number> {
  const researched = leads.verify + leads.research;
  const written = researched + leads.write;
  return {
    apollo: fetching.searches + fetching.reveals,
    millionverifier: leads.verify,
    perplexity: researched,
    openai: written,
    instantly: written + leads.push + fetching.senders,
  };
}
