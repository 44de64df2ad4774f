import type { Proof } from "../domain/check.ts";
import type { Answer } from "../domain/fault.ts";
import type {
  Copy,
  FoundPerson,
  HeldLead,
  LeadProfile,
  MessageBrief,
  Push,
  Research,
  RevealedPerson,
  Search,
  Verification,
} from "../domain/lead.ts";

/**
 * The five services as the operations need them. Every method but a check's makes exactly one HTTP call, never retries,
 * never throws for anything the service does (see `Answer`), and ends within the configured timeout.
 */
export interface Providers {
  apollo: FindPeople;
  millionverifier: VerifyEmail;
  perplexity: ResearchLead;
  openai: WriteMessage;
  instantly: SendLeads;
}

/** Shows whether the service works, by a few calls one after the other; each ends within the configured timeout. */
export interface Checkable {
  /** What can be shown for free, without side effects. */
  check(): Promise<Answer<Proof>>;
  /** Also the smallest real call of the very work. Nothing of what it brings is kept. */
  tryOut(): Promise<Answer<Proof>>;
}

export interface FindPeople extends Checkable {
  /** Free. `page` counts from 1, 100 people a page. Refused for filters that Apollo does not take: the campaign's own. */
  search(search: Search, page: number): Promise<Answer<{ people: FoundPerson[]; totalEntries: number }>>;
  /** Paid: one credit per person found. At most ten ids; people whom Apollo cannot match are absent from the answer. */
  reveal(personIds: string[]): Promise<Answer<RevealedPerson[]>>;
}

export interface VerifyEmail extends Checkable {
  verify(email: string): Promise<Answer<Verification>>;
}

export interface ResearchLead extends Checkable {
  research(lead: LeadProfile): Promise<Answer<Research>>;
}

export interface WriteMessage extends Checkable {
  write(brief: WritingBrief): Promise<Answer<Copy>>;
}

export interface WritingBrief {
  lead: LeadProfile;
  research: Research;
  message: MessageBrief;
}

export interface SendLeads extends Checkable {
  /** Looks a sender campaign up by its exact name: a lost answer to `createCampaign` must not make a second one. */
  findCampaign(name: string): Promise<Answer<string | null>>;
  /** Makes a draft that never sends by itself; returns the sender's id. */
  createCampaign(name: string): Promise<Answer<string>>;
  /** Whether the sender has the campaign that a person named; refused when it does not know it. */
  lookUpCampaign(senderCampaignId: string): Promise<Answer<null>>;
  /** Null when the sender's campaign does not hold the address. */
  findLead(senderCampaignId: string, email: string): Promise<Answer<Push | null>>;
  /** Which of these addresses, 100 at most, any campaign of the sender's workspace has; once for each that has it. */
  findHolders(emails: string[]): Promise<Answer<HeldLead[]>>;
  /**
   * An address that this campaign holds counts as pushed. One that another campaign of the workspace holds, or that is on
   * the sender's block list, is refused for good: the lead is not in this campaign.
   */
  addLead(senderCampaignId: string, lead: LeadProfile, copy: Copy): Promise<Answer<Push>>;
}
