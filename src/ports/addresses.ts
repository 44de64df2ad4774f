import type { Instant } from "../domain/breaker.ts";

/** Where a pass over the leads stands, in the order of (campaign, lead). */
export interface LeadKey {
  campaignId: string;
  leadId: string;
}

export const FIRST_LEAD: LeadKey = { campaignId: "", leadId: "" };

/** A lead whose address is spelt otherwise today, or whose mailbox another lead may have under another address. */
export interface AddressChange {
  leadId: string;
  was: string;
  address: string;
}

/** The addresses that leads' rows hold, as the pass over them sees them. */
export interface AddressStore {
  /** Leads after `from` in the order of their keys, with their addresses. */
  addresses(from: LeadKey, limit: number): Promise<(LeadKey & { email: string | null })[]>;
  /**
   * Writes the addresses anew where they are still `was` and no lead has the new one. Of leads with one mailbox, the one
   * that is furthest keeps it, among equals the older; those of the others that may still be pushed end as rejected. One
   * whose attempt is alive is left for later. All in one write.
   * @returns the leads whose mailbox has such a one.
   */
  respell(rows: AddressChange[], now: Instant): Promise<string[]>;
}
