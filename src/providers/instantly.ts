import { z } from "zod";
import type { Answer } from "../domain/fault.ts";
import type { Copy, HeldLead, LeadProfile, Push } from "../domain/lead.ts";
import { sameMailbox } from "../domain/mailbox.ts";
import type { SendLeads } from "../ports/providers.ts";
import {
  answered,
  ask,
  checked,
  errorInside,
  fault,
  get,
  of,
  post,
  refused,
  rejected,
  type Connection,
  type Outgoing,
  type Service,
} from "./call.ts";
import { htmlOf } from "./html.ts";
import { Identifier as id } from "./text.ts";
import { API, checkInstantly, headersOf, tryOutInstantly } from "./instantly-check.ts";

/** Leads of one page of a list; Instantly's limit. */
const PAGE_SIZE = 100;

const count = z.number().int().nonnegative();

const Listed = z.looseObject({ items: z.array(z.unknown()) });
const CampaignItem = z.looseObject({ id, name: z.string() });
const OneCampaign = z.looseObject({ id });
/** `campaign` is null for a lead that is only in a list. */
const LeadItem = z.looseObject({ id, email: z.string().nullable(), campaign: z.string().nullish() });
/** All are there in every answer: one that is missing says nothing about the lead. */
const Added = z.looseObject({
  status: z.unknown().optional(),
  leads_uploaded: count,
  duplicated_leads: count,
  skipped_count: count,
  invalid_email_count: count,
  in_blocklist: count,
  incomplete_count: count,
  duplicate_email_count: count,
  /** Null where the plan has no limit, or Instantly does not tell it. */
  remaining_in_plan: z.number().nullable(),
  created_leads: z.array(z.looseObject({ id })),
});

export function createInstantly(connection: Connection): SendLeads {
  const service: Service = { ...connection, provider: "instantly" };
  const headers = headersOf(connection);
  return {
    check: () => checkInstantly(service),
    tryOut: () => tryOutInstantly(service),
    async findCampaign(name) {
      const query = new URLSearchParams({ search: name, limit: "100" });
      const listed = await ask(service, get(`${API}/campaigns?${query}`, headers), Listed);
      const answer = itemsOf(service, listed, CampaignItem);
      if (answer.outcome !== "answered") return answer;
      // The search finds parts of names as well.
      const campaign = answer.value.find((each) => sameName(each.name, name));
      return campaign ? answered(campaign.id) : absent(service, answer.value);
    },
    async createCampaign(name) {
      const answer = await ask(service, post(`${API}/campaigns`, headers, draftCampaign(name)), OneCampaign);
      return answer.outcome === "answered" ? answered(answer.value.id) : answer;
    },
    async lookUpCampaign(senderCampaignId) {
      // In an address these name something else.
      if (/^\.{1,2}$/.test(senderCampaignId)) return refused(service, unknownCampaign(senderCampaignId));
      const url = `${API}/campaigns/${encodeURIComponent(senderCampaignId)}`;
      return checked(await ask(service, ofCampaign(senderCampaignId, get(url, headers)), OneCampaign));
    },
    async findLead(senderCampaignId, email) {
      const query = { campaign: senderCampaignId, contacts: [email], limit: PAGE_SIZE };
      const listed = await ask(
        service,
        ofCampaign(senderCampaignId, post(`${API}/leads/list`, headers, query)),
        Listed,
      );
      const answer = itemsOf(service, listed, LeadItem);
      if (answer.outcome !== "answered") return answer;
      const its = answer.value.filter((item) => sameMailbox(item.email ?? "", email));
      const lead = its.find(({ campaign }) => campaign === undefined || campaign === senderCampaignId);
      if (lead) return answered({ senderLeadId: lead.id });
      return its.length > 0 ? answered(null) : absent(service, answer.value);
    },
    async findHolders(emails) {
      // Without an address Instantly would list everybody.
      if (emails.length === 0) return answered([]);
      const query = { contacts: emails, limit: PAGE_SIZE };
      const listed = await ask(service, of("lead", post(`${API}/leads/list`, headers, query)), Listed);
      const answer = itemsOf(service, listed, LeadItem);
      if (answer.outcome !== "answered") return answer;
      return answered(
        answer.value.flatMap(({ email, campaign }): HeldLead[] => {
          const asked = emails.find((each) => sameMailbox(email ?? "", each));
          return asked !== undefined && campaign ? [{ email: asked, senderCampaignId: campaign }] : [];
        }),
      );
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
  return { ...of("lead", outgoing), notFound: unknownCampaign(senderCampaignId) };
}

const unknownCampaign = (senderCampaignId: string) => `Instantly does not know the campaign ${senderCampaignId}`;

/** Those items of a list that are whole. One odd item is nobody's that is looked for; when all are odd, their shape is. */
function itemsOf<T>(service: Service, listed: Answer<z.infer<typeof Listed>>, schema: z.ZodType<T>): Answer<T[]> {
  if (listed.outcome !== "answered") return listed;
  const { items } = listed.value;
  const whole = items.flatMap((item) => schema.safeParse(item).data ?? []);
  if (whole.length > 0 || items.length === 0) return answered(whole);
  return fault(service, "malformed", 200, "No item of the list is as documented");
}

/** A full page without what was asked for: the service did not look for it, and who knows what the next page holds. */
function absent(service: Service, items: unknown[]): Answer<null> {
  if (items.length < PAGE_SIZE) return answered(null);
  return fault(service, "malformed", 200, "Instantly listed other things than were asked for");
}

/** A name may come back with its blanks put in order. */
const sameName = (one: string, other: string) => inOrder(one) === inOrder(other);
const inOrder = (name: string) => name.normalize("NFC").replace(/\s+/gu, " ").trim();

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
    // It stands in the HTML body of the sender campaign's one step.
    personalization: htmlOf(copy.body),
    custom_variables: { subject: copy.subject },
  };
}

function pushed(service: Service, answer: z.infer<typeof Added>): Answer<Push> {
  // Counted as uploaded, perhaps without being named, or in this campaign already.
  if (answer.leads_uploaded > 0) return answered({ senderLeadId: answer.created_leads[0]?.id ?? null });
  if (answer.duplicated_leads > 0) return answered({ senderLeadId: null });
  if (answer.in_blocklist > 0) return rejected(service, "The address is on Instantly's block list");
  // `skip_if_in_campaign` looks at all campaigns of the workspace.
  if (answer.skipped_count > 0) return rejected(service, HELD_ELSEWHERE);
  if (answer.invalid_email_count > 0) return refused(service, "Instantly calls the address invalid");
  if (answer.incomplete_count > 0) return refused(service, "Instantly calls the lead incomplete");
  if (answer.duplicate_email_count > 0) return refused(service, "Instantly calls the address a duplicate");
  if (answer.remaining_in_plan !== null && answer.remaining_in_plan <= 0)
    return fault(service, "out_of_credit", 200, "The plan has no room for further leads");
  const { status } = answer;
  if (typeof status === "string" && !/^(success|ok)$/i.test(status))
    return errorInside(service, { message: status, code: "" });
  return fault(service, "malformed", 200, "Instantly took no lead, and counts it nowhere");
}

/** Said of a lead that another campaign of the workspace has: it would be written to twice. */
const HELD_ELSEWHERE = "Another campaign of the Instantly workspace has this address already";
