import { uuidFrom } from "../random.ts";
import type { AddedLead, SenderLead } from "../sender-leads.ts";
import type { SenderCampaign } from "../sender.ts";

const WORKSPACE = uuidFrom("workspace");
const BLOCK_LIST = uuidFrom("block list");
/** Of a lead to whom nothing was sent yet. */
const ACTIVE = 1;

/** The answer to `POST /leads/add`: twelve fields, all of them always there. */
export function added({ leads, remaining }: { leads: readonly AddedLead[]; remaining: number | null }) {
  const count = (fate: AddedLead["fate"]) => leads.filter((lead) => lead.fate === fate).length;
  const created = leads.flatMap((lead, index) =>
    lead.fate === "created" ? [{ index, id: lead.id, email: lead.email }] : [],
  );
  return {
    status: "success",
    total_sent: leads.length,
    leads_uploaded: created.length,
    in_blocklist: count("blocked"),
    blocklist_used: count("blocked") > 0 ? BLOCK_LIST : null,
    duplicated_leads: count("duplicate"),
    skipped_count: count("known_elsewhere"),
    invalid_email_count: count("invalid"),
    incomplete_count: count("incomplete"),
    duplicate_email_count: count("repeated"),
    remaining_in_plan: remaining,
    created_leads: created,
  };
}

export function campaignOf({ id, name, status, createdAtMs, fields }: SenderCampaign) {
  const createdAt = new Date(createdAtMs).toISOString();
  return {
    campaign_schedule: null,
    sequences: [],
    pl_value: null,
    is_evergreen: false,
    email_list: [],
    daily_limit: null,
    stop_on_reply: null,
    text_only: null,
    organization: WORKSPACE,
    ...fieldsOf(fields),
    id,
    name,
    status,
    timestamp_created: createdAt,
    timestamp_updated: createdAt,
  };
}

export function leadOf({ id, email, campaign, fields, createdAtMs }: SenderLead) {
  const createdAt = new Date(createdAtMs).toISOString();
  const { custom_variables, ...own } = fieldsOf(fields);
  return {
    first_name: null,
    last_name: null,
    company_name: null,
    company_domain: email?.split("@").at(-1) ?? null,
    personalization: null,
    ...own,
    payload: { ...(typeof custom_variables === "object" ? custom_variables : {}), email },
    id,
    email,
    campaign,
    organization: WORKSPACE,
    status: ACTIVE,
    verification_status: ACTIVE,
    email_open_count: 0,
    email_reply_count: 0,
    email_click_count: 0,
    timestamp_created: createdAt,
    timestamp_updated: createdAt,
  };
}

function fieldsOf(json: string): Record<string, unknown> {
  return JSON.parse(json) as Record<string, unknown>;
}
