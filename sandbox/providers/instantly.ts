import { z } from "zod";
import type { AddedLead, SenderCampaign, SenderResult } from "../sender.ts";
import {
  authorised,
  free,
  hasBearer,
  json,
  MALFORMED,
  parseJson,
  refused,
  UNREADABLE,
  type Call,
  type PlainFault,
  type Reading,
  type Reply,
  type StandIn,
} from "../stand-in.ts";

const REASONS: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  404: "Not Found",
  429: "Too Many Requests",
  500: "Internal Server Error",
};

const limit = z.coerce.number().int().min(1).max(100).default(10);
const ListCampaigns = z.object({ limit, search: z.string().default(""), starting_after: z.string().optional() });
const CreateCampaign = z.object({
  name: z.string().min(1),
  campaign_schedule: z.object({
    schedules: z
      .array(
        z.object({
          name: z.string().min(1),
          timing: z.object({ from: z.string(), to: z.string() }),
          days: z.record(z.string(), z.boolean()),
          timezone: z.string().min(1),
        }),
      )
      .min(1),
  }),
});
const AddLeads = z.object({
  campaign_id: z.string().min(1),
  leads: z
    .array(z.object({ email: z.string() }))
    .min(1)
    .max(1000),
  skip_if_in_campaign: z.boolean().default(false),
});
const ListLeads = z.object({
  campaign: z.string().min(1),
  contacts: z.array(z.string()).optional(),
  limit,
  starting_after: z.string().optional(),
});

export const instantly: StandIn = {
  read(call) {
    const reading = readPath(call);
    return reading && authorised(reading, hasBearer(call.headers), instantly.faulty("unauthorized"));
  },

  faulty(kind: PlainFault): Reply {
    switch (kind) {
      case "server_error":
        return problem(500, "Something went wrong");
      case "rate_limited":
        return problem(429, "Rate limit exceeded");
      case "unauthorized":
        return problem(401, "Invalid API key");
      case "out_of_credit":
        return problem(402, "Your workspace has no active plan");
      case "malformed":
        return MALFORMED;
    }
  },
};

function readPath(call: Call): Reading | null {
  switch (`${call.method} ${call.url.pathname}`) {
    case "GET /api/v2/campaigns":
      return readListCampaigns(call.url.searchParams);
    case "POST /api/v2/campaigns":
      return readCreateCampaign(call.body);
    case "POST /api/v2/leads/add":
      return readAddLeads(call.body);
    case "POST /api/v2/leads/list":
      return readListLeads(call.body);
    default:
      return readGetCampaign(call);
  }
}

function readGetCampaign({ method, url }: Call): Reading | null {
  const [, campaign] = /^\/api\/v2\/campaigns\/([^/]+)$/.exec(url.pathname) ?? [];
  if (method !== "GET" || campaign === undefined) return null;
  return {
    entries: free([campaign]),
    paid: false,
    plan: { do: "ask_sender", request: { do: "get_campaign", campaign }, reply: replyOf },
    faults: {},
  };
}

function readListCampaigns(parameters: URLSearchParams): Reading {
  const parsed = ListCampaigns.safeParse(Object.fromEntries(parameters));
  if (!parsed.success) return badRequest(parsed.error);
  const { search, limit, starting_after } = parsed.data;
  return {
    entries: free([search === "" ? "check" : search]),
    paid: false,
    plan: {
      do: "ask_sender",
      request: { do: "list_campaigns", search, page: { limit, after: starting_after ?? null } },
      reply: replyOf,
    },
    faults: {},
  };
}

function readCreateCampaign(body: string): Reading {
  const parsed = CreateCampaign.safeParse(parseJson(body));
  if (!parsed.success) return badRequest(parsed.error);
  const { name } = parsed.data;
  return {
    entries: free([name]),
    paid: true,
    plan: { do: "ask_sender", request: { do: "create_campaign", name }, reply: replyOf },
    faults: {},
  };
}

function readAddLeads(body: string): Reading {
  const parsed = AddLeads.safeParse(parseJson(body));
  if (!parsed.success) return badRequest(parsed.error);
  const { campaign_id: campaign, leads, skip_if_in_campaign: skipIfInCampaign } = parsed.data;
  const emails = leads.map((lead) => lead.email);
  return {
    entries: free(emails),
    paid: true,
    plan: {
      do: "ask_sender",
      request: { do: "add_leads", campaign, emails, skipIfInCampaign },
      reply: replyOf,
    },
    faults: { bad_lead: () => problem(400, "The lead could not be added") },
  };
}

function readListLeads(body: string): Reading {
  const parsed = ListLeads.safeParse(parseJson(body));
  if (!parsed.success) return badRequest(parsed.error);
  const { campaign, contacts, limit, starting_after } = parsed.data;
  const page = { limit, after: starting_after ?? null };
  return {
    entries: free(contacts?.length ? contacts : [campaign]),
    paid: false,
    plan: {
      do: "ask_sender",
      request: { do: "list_leads", campaign, contacts: contacts ?? null, page },
      reply: replyOf,
    },
    faults: {},
  };
}

function replyOf(result: SenderResult): Reply {
  switch (result.did) {
    case "list_campaigns":
      return json(200, { items: result.campaigns.map(campaignOf), next_starting_after: result.next });
    case "get_campaign":
    case "create_campaign":
      return json(200, campaignOf(result.campaign));
    case "list_leads":
      return json(200, { items: result.leads, next_starting_after: result.next });
    case "add_leads":
      return added(result.leads);
    case "nothing":
      return problem(404, "Campaign not found");
  }
}

function added(leads: AddedLead[]): Reply {
  const created = leads.flatMap((lead, index) =>
    lead.fate === "created" ? [{ index, id: lead.id, email: lead.email }] : [],
  );
  return json(200, {
    status: "success",
    total_sent: leads.length,
    leads_uploaded: created.length,
    duplicated_leads: 0,
    skipped_count: leads.filter((lead) => lead.fate === "skipped").length,
    invalid_email_count: leads.filter((lead) => lead.fate === "invalid").length,
    remaining_in_plan: 100_000,
    created_leads: created,
  });
}

function campaignOf(campaign: SenderCampaign) {
  const createdAt = new Date(campaign.createdAtMs).toISOString();
  return { id: campaign.id, name: campaign.name, status: campaign.status, timestamp_created: createdAt };
}

function badRequest(error: z.ZodError): Reading {
  return refused([UNREADABLE], "rejected", problem(400, z.prettifyError(error)));
}

function problem(statusCode: number, message: string): Reply {
  return json(statusCode, { statusCode, error: REASONS[statusCode], message });
}
