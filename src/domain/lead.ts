import type { Spend } from "./fault.ts";

/** What a campaign looks for. At least one list is not empty. The names are Apollo's own filters. */
export interface Search {
  person_titles?: string[];
  person_locations?: string[];
  person_seniorities?: string[];
  organization_num_employees_ranges?: string[];
  q_organization_domains_list?: string[];
}

/** What a campaign says, and in whose name. */
export interface MessageBrief {
  sender_name: string;
  offer: string;
  tone?: string;
}

/** A person as a search shows them: free, without an address. */
export interface FoundPerson {
  personId: string;
  hasEmail: boolean;
}

/** A person after a reveal: paid for. Strings that the service did not tell are null. */
export interface RevealedPerson {
  personId: string;
  email: string | null;
  firstName: string;
  lastName: string;
  title: string | null;
  headline: string | null;
  linkedinUrl: string | null;
  company: string | null;
  companyWebsite: string | null;
}

/** What the pipeline knows of a lead when it works on it. */
export interface LeadProfile extends Omit<RevealedPerson, "personId" | "email"> {
  email: string;
}

export const VERDICTS = ["ok", "catch_all", "unknown", "disposable", "invalid"] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Verification {
  verdict: Verdict;
  /** The service's finer word for the verdict. */
  subresult: string | null;
}

export interface Research {
  /** A short paragraph for the writer: who they are, what their company does, what is new there. */
  summary: string;
  /** One concrete point a first sentence could start from. */
  hook: string;
  sources: { url: string; title: string }[];
}

export interface Copy {
  subject: string;
  body: string;
}

export interface Push {
  /** The sender's own id of the lead; null when it was there already and the sender did not tell. */
  senderLeadId: string | null;
}

/** An address that a campaign of the sender's workspace has, whoever put it there. */
export interface HeldLead {
  /** As it was asked for. */
  email: string;
  senderCampaignId: string;
}

/** A step's result as it is kept, with what it has cost. */
export type Paid<Result> = Result & { spend?: Spend };
