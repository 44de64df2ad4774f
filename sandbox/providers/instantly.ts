import type { z } from "zod";
import { uuidFrom } from "../random.ts";
import { DRAFT, type SenderRequest, type SenderResult } from "../sender.ts";
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
  type OwnFaults,
  type PlainFault,
  type Reading,
  type Reply,
  type StandIn,
} from "../stand-in.ts";
import { added, campaignOf, leadOf } from "./instantly-answers.ts";
import { AddLeads, CampaignParams, CreateCampaign, ListCampaigns, ListLeads, read } from "./instantly-requests.ts";

const REASONS: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  404: "Not Found",
  429: "Too Many Requests",
  500: "Internal Server Error",
};

export const instantly: StandIn = {
  read(call) {
    const reading = readPath(call);
    return reading && authorised(reading, hasBearer(call.headers), instantly.faulty("unauthorized", ""));
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
        return problem(402, "Workspace does not have an active paid plan");
      case "malformed":
        return MALFORMED;
    }
  },
};

function readPath(call: Call): Reading | null {
  switch (`${call.method} ${call.url.pathname}`) {
    case "GET /api/v2/campaigns":
      return given(read(ListCampaigns, Object.fromEntries(call.url.searchParams), "querystring"), listCampaigns);
    case "POST /api/v2/campaigns":
      return given(read(CreateCampaign, parseJson(call.body), "body"), createCampaign);
    case "POST /api/v2/leads/add":
      return given(read(AddLeads, parseJson(call.body), "body"), addLeads);
    case "POST /api/v2/leads/list":
      return given(read(ListLeads, parseJson(call.body), "body"), listLeads);
    default:
      return readGetCampaign(call);
  }
}

/** An id that is no UUID is refused before it is looked up. */
function readGetCampaign({ method, url }: Call): Reading | null {
  const [, id] = /^\/api\/v2\/campaigns\/([^/]+)$/.exec(url.pathname) ?? [];
  if (method !== "GET" || id === undefined) return null;
  return given(read(CampaignParams, { id }, "params"), getCampaign, id);
}

function getCampaign({ id }: { id: string }): Reading {
  const campaign = { id, name: "…", status: DRAFT, createdAtMs: 0, fields: "{}" };
  return asking({ do: "get_campaign", campaign: id }, { did: "get_campaign", campaign }, { subjects: [id] });
}

function listCampaigns({ search, limit, starting_after }: z.infer<typeof ListCampaigns>): Reading {
  const page = { limit, after: starting_after ?? null };
  const usual: SenderResult = { did: "list_campaigns", campaigns: [], next: null };
  return asking({ do: "list_campaigns", search, page }, usual, { subjects: [search === "" ? "check" : search] });
}

function createCampaign({ name, ...rest }: z.infer<typeof CreateCampaign>): Reading {
  const fields = JSON.stringify(rest);
  const campaign = { id: uuidFrom(`never made:${name}`), name, status: DRAFT, createdAtMs: 0, fields };
  const wrong = "body/campaign_schedule/schedules/0/timezone must be equal to one of the allowed values";
  return asking(
    { do: "create_campaign", name, fields },
    { did: "create_campaign", campaign },
    {
      subjects: [name],
      paid: true,
      faults: { bad_request: () => problem(400, wrong) },
    },
  );
}

function addLeads({ campaign_id, leads, skip_if_in_campaign }: z.infer<typeof AddLeads>): Reading {
  const emails = leads.map((lead) => lead.email ?? null);
  const request: SenderRequest = {
    do: "add_leads",
    campaign: campaign_id,
    leads: leads.map(({ email, ...rest }) => ({ email: email ?? null, fields: JSON.stringify(rest) })),
    skipIfInCampaign: skip_if_in_campaign,
  };
  const created = emails.map((email) => ({ email, fate: "created" as const, id: uuidFrom(`never added:${email}`) }));
  const all = (fate: "known_elsewhere" | "blocked" | "plan_full", remaining: number | null) => () =>
    json(200, added({ leads: emails.map((email) => ({ email, fate })), remaining }));
  return asking(
    request,
    { did: "add_leads", leads: created, remaining: null },
    {
      subjects: emails.map((email) => email ?? "no address"),
      paid: true,
      faults: {
        bad_lead: () => problem(400, "body/leads/0/email must be string,null"),
        plan_full: all("plan_full", 0),
        known_elsewhere: all("known_elsewhere", null),
        blocked: all("blocked", null),
      },
    },
  );
}

function listLeads({ campaign: only, contacts, limit, starting_after }: z.infer<typeof ListLeads>): Reading {
  const page = { limit, after: starting_after ?? null };
  const campaign = only ?? null;
  const usual: SenderResult = { did: "list_leads", leads: [], next: null };
  const subjects = contacts?.length ? contacts : [campaign ?? "workspace"];
  return asking({ do: "list_leads", campaign, contacts: contacts ?? null, page }, usual, { subjects });
}

/** A call about what Instantly holds. `usual`: the answer of a day on which all goes well. */
function asking(
  request: SenderRequest,
  usual: SenderResult,
  { subjects, paid = false, faults = {} }: { subjects: string[]; paid?: boolean; faults?: OwnFaults },
): Reading {
  return {
    entries: free(subjects),
    paid,
    plan: { do: "ask_sender", request, usual, reply: (result) => replyOf(result) },
    faults: {
      error_in_200: () => json(200, { statusCode: 500, error: REASONS[500], message: "Something went wrong" }),
      missing_field: () => json(200, withoutDecidingField(usual)),
      ...faults,
    },
  };
}

function replyOf(result: SenderResult): Reply {
  return result.did === "nothing" ? problem(404, "Campaign not found") : json(200, answerOf(result));
}

type Done = Exclude<SenderResult, { did: "nothing" }>;

function answerOf(result: Done): Record<string, unknown> {
  switch (result.did) {
    case "list_campaigns":
      return { items: result.campaigns.map(campaignOf), next_starting_after: result.next };
    case "get_campaign":
    case "create_campaign":
      return campaignOf(result.campaign);
    case "list_leads":
      return { items: result.leads.map(leadOf), next_starting_after: result.next };
    case "add_leads":
      return added(result);
  }
}

const DECIDING = /^(id|items|.+_count|leads_uploaded|duplicated_leads|in_blocklist|created_leads|remaining_in_plan)$/;

function withoutDecidingField(usual: SenderResult): Record<string, unknown> {
  if (usual.did === "nothing") throw new Error("instantly.withoutDecidingField: nothing is no answer");
  return Object.fromEntries(Object.entries(answerOf(usual)).filter(([name]) => !DECIDING.test(name)));
}

function given<T>(
  request: { ok: true; value: T } | { ok: false; problem: string },
  then: (value: T) => Reading,
  subject = UNREADABLE,
) {
  return request.ok ? then(request.value) : refused([subject], "rejected", problem(400, request.problem));
}

function problem(statusCode: number, message: string): Reply {
  return json(statusCode, { statusCode, error: REASONS[statusCode], message });
}
