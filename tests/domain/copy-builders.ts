import type { Copy, LeadProfile, MessageBrief } from "../../src/domain/lead.ts";

export function aLead(changes: Partial<LeadProfile> = {}): LeadProfile {
  return {
    email: "ann@x.example",
    firstName: "Ann",
    lastName: "Lee",
    title: "CTO",
    headline: null,
    linkedinUrl: "https://www.linkedin.com/in/ann-lee",
    company: "X",
    companyWebsite: "https://x.example",
    ...changes,
  };
}

export function aBrief(changes: Partial<MessageBrief> = {}): MessageBrief {
  return {
    sender_name: "Charles Babbage",
    offer: "Better cogs, see https://cogs.example/demo or call +49 30 1234567. Mail charles@cogs.example",
    tone: "dry",
    ...changes,
  };
}

/** A message to Ann that is whole but for this. */
export const aCopySaying = (words: string): Copy => ({
  subject: "Hello",
  body: `Hi Ann,\n\nI saw ${words} and had a thought.\n\nCharles`,
});
