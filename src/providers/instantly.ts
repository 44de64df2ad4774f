import { z } from "zod";
import type { Answer } from "../domain/fault.ts";
import type { Copy, LeadProfile, Push } from "../domain/lead.ts";
import type { SendLeads } from "../operations/providers.ts";
import { answered, ask, checked, get, post, refused, type Connection, type Outgoing, type Service } from "./call.ts";
import { checkInstantly, tryOutInstantly } from "./instantly-check.ts";

const API = "https://api.instantly.ai/api/v2";

const id = z.string().min(1);
const count = z.number().nullish();

const Campaigns = z.looseObject({ items: z.array(z.looseObject({ id, name: z.string() })) });
const OneCampaign = z.looseObject({ id });
const Leads = z.looseObject({ items: z.array(z.looseObject({ id, email: z.string().nullish() })) });
const Added = z.looseObject({
  leads_uploaded: count,
  duplicated_leads: count,
  skipped_count: count,
  invalid_email_count: count,
  in_blocklist: count,
  created_leads: z.array(z.looseObject({ id })).nullish(),
});

export function createInstantly(connection: Connection): SendLeads {
  const service: Service = { ...connection, provider: "instantly" };
  const headers = { authorization: `Bearer ${connection.key}` };
  return {
    check: () => checkInstantly(service),
    tryOut: () => tryOutInstantly(service),
    async findCampaign(name) {
      const query = new URLSearchParams({ search: name, limit: "100" });
      const answer = await ask(service, get(`${API}/campaigns?${query}`, headers), Campaigns);
      if (answer.outcome !== "answered") return answer;
      // The search finds parts of names as well.
      return answered(answer.value.items.find((campaign) => campaign.name === name)?.id ?? null);
    },
    async createCampaign(name) {
      const answer = await ask(service, post(`${API}/campaigns`, headers, draftCampaign(name)), OneCampaign);
      return answer.outcome === "answered" ? answered(answer.value.id) : answer;
    },
    async lookUpCampaign(senderCampaignId) {
      const url = `${API}/campaigns/${encodeURIComponent(senderCampaignId)}`;
      return checked(await ask(service, ofCampaign(senderCampaignId, get(url, headers)), OneCampaign));
    },
    async findLead(senderCampaignId, email) {
      const query = { campaign: senderCampaignId, contacts: [email], limit: 10 };
      const answer = await ask(service, ofCampaign(senderCampaignId, post(`${API}/leads/list`, headers, query)), Leads);
      if (answer.outcome !== "answered") return answer;
      const lead = answer.value.items.find((item) => item.email?.toLowerCase() === email.toLowerCase());
      return answered(lead === undefined ? null : { senderLeadId: lead.id });
    },
    async addLead(senderCampaignId, lead, copy) {
      const body = { campaign_id: senderCampaignId, skip_if_in_campaign: true, leads: [leadToAdd(lead, copy)] };
      const answer = await ask(service, ofCampaign(senderCampaignId, post(`${API}/leads/add`, headers, body)), Added);
      return answer.outcome === "answered" ? pushed(service, answer.value) : answer;
    },
  };
}

/** A sender campaign that somebody deleted fails its own leads; the other campaigns go on. */
function ofCampaign(senderCampaignId: string, outgoing: Outgoing): Outgoing {
  return { ...outgoing, notFound: `Instantly does not know the campaign ${senderCampaignId}` };
}

/**
 * One step that sends what we wrote. Everything else a person sets in Instantly before starting the campaign. Instantly
 * takes only the time zones of its own list, in which America/Chicago stands and Etc/GMT does not.
 */
function draftCampaign(name: string) {
  const days = { "0": false, "1": true, "2": true, "3": true, "4": true, "5": true, "6": false };
  const timing = { from: "09:00", to: "17:00" };
  const step = { type: "email", delay: 0, variants: [{ subject: "{{subject}}", body: "{{personalization}}" }] };
  return {
    name,
    campaign_schedule: { schedules: [{ name: "Working hours", timing, days, timezone: "America/Chicago" }] },
    sequences: [{ steps: [step] }],
  };
}

function leadToAdd(lead: LeadProfile, copy: Copy) {
  return {
    email: lead.email,
    first_name: lead.firstName,
    last_name: lead.lastName,
    ...(lead.company === null ? {} : { company_name: lead.company }),
    personalization: copy.body,
    custom_variables: { subject: copy.subject },
  };
}

function pushed(service: Service, answer: z.infer<typeof Added>): Answer<Push> {
  const created = answer.created_leads?.[0];
  if (created !== undefined) return answered({ senderLeadId: created.id });
  if (answer.invalid_email_count) return refused(service, "Instantly calls the address invalid");
  if (answer.in_blocklist) return refused(service, "The address is on Instantly's block list");
  // Counted as uploaded without an id, or there already.
  if (answer.leads_uploaded || answer.duplicated_leads || answer.skipped_count) return answered({ senderLeadId: null });
  return refused(service, "Instantly did not take the lead and gave no reason");
}
