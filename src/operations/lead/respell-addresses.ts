import type { Instant } from "../../domain/breaker.ts";
import type { AddressStore, LeadKey, AddressChange } from "../../ports/addresses.ts";
import { addressOf, mailboxOf } from "../../domain/mailbox.ts";
import { RESPELL_ROWS, RESPELL_SLICE } from "../slices.ts";

export interface RespellPorts {
  addresses: AddressStore;
  now: () => Instant;
}

/**
 * Brings the addresses of one slice of the leads into the form in which `addressOf` writes them today. It may be cut off
 * anywhere, and done again. Returns where the next slice begins; null after the last.
 */
export async function respellAddresses({ addresses, now }: RespellPorts, from: LeadKey): Promise<LeadKey | null> {
  const leads = await addresses.addresses(from, RESPELL_SLICE);
  const rows = leads.flatMap(({ leadId, email }) => respellingOf(leadId, email) ?? []);
  const waiting = new Set<string>();
  for (let at = 0; at < rows.length; at += RESPELL_ROWS)
    for (const leadId of await addresses.respell(rows.slice(at, at + RESPELL_ROWS), now())) waiting.add(leadId);
  const stop = leads.findIndex(({ leadId }) => waiting.has(leadId));
  // A lead that has to wait is the next slice's first.
  if (stop !== -1) return keyOf(leads[stop - 1]) ?? from;
  return leads.length < RESPELL_SLICE ? null : keyOf(leads.at(-1));
}

/** Null for a lead that needs nothing: its address is written as today, and is its mailbox's own. */
function respellingOf(leadId: string, was: string | null): AddressChange | null {
  const address = was === null ? null : addressOf(was);
  if (was === null || address === null) return null;
  return address === was && mailboxOf(address) === address ? null : { leadId, was, address };
}

const keyOf = (lead: LeadKey | undefined): LeadKey | null =>
  lead ? { campaignId: lead.campaignId, leadId: lead.leadId } : null;
