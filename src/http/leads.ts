import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { IdParams } from "../contract/common.ts";
import { JobList, JobQuery, jobView } from "../contract/jobs.ts";
import {
  CampaignLeadQuery,
  LeadAnswer,
  LeadList,
  LeadQuery,
  LeadStats,
  leadView,
  leadWithSteps,
} from "../contract/leads.ts";
import type { App } from "./app-env.ts";
import { campaignOf } from "./campaigns.ts";
import { answers, createRouter, failures, good, NO_QUERY, page, route } from "./endpoint.ts";
import { ApiError } from "./errors.ts";
import { resultsCsv } from "./results-csv.ts";
import { services } from "../wiring.ts";

export const leads = createRouter();
/** What belongs to one campaign: mounted below `/campaigns`. */
export const campaignContents = createRouter();

leads.openapi(
  createRoute({
    ...route("viewer", "Leads", "Leads, newest first"),
    method: "get",
    path: "/",
    request: { query: LeadQuery },
    responses: answers(LeadList),
  }),
  async (c) => {
    const { campaign_id: campaignId, outcome, ...at } = c.req.valid("query");
    const { rows, next_cursor } = page(await services(c.env).lists.leads({ campaignId, outcome }, at), at.limit);
    return c.json(good({ leads: rows.map(leadView), next_cursor }), 200);
  },
);

leads.openapi(
  createRoute({
    ...route("viewer", "Leads", "One lead with each step's result"),
    method: "get",
    path: "/{id}",
    request: { params: IdParams, query: NO_QUERY },
    responses: answers(LeadAnswer, ["not_found"]),
  }),
  async (c) => {
    const lead = await services(c.env).lists.lead(c.req.valid("param").id);
    if (!lead) throw new ApiError("not_found", "No lead has this id. GET /api/v1/leads lists those there are.");
    return c.json(good({ lead: leadWithSteps(lead) }), 200);
  },
);

campaignContents.openapi(
  createRoute({
    ...route("viewer", "Campaigns", "A campaign's leads, newest first"),
    method: "get",
    path: "/{id}/leads",
    request: { params: IdParams, query: CampaignLeadQuery },
    responses: answers(LeadList, ["not_found"]),
  }),
  async (c) => {
    const { id: campaignId } = await campaignOf(c.env, c.req.valid("param").id);
    const { outcome, ...at } = c.req.valid("query");
    const { rows, next_cursor } = page(await services(c.env).lists.leads({ campaignId, outcome }, at), at.limit);
    return c.json(good({ leads: rows.map(leadView), next_cursor }), 200);
  },
);

campaignContents.openapi(
  createRoute({
    ...route("viewer", "Campaigns", "How many of a campaign's leads had each outcome"),
    method: "get",
    path: "/{id}/leads/stats",
    request: { params: IdParams, query: NO_QUERY },
    responses: answers(LeadStats, ["not_found"]),
  }),
  async (c) => {
    const { id } = await campaignOf(c.env, c.req.valid("param").id);
    return c.json(good(await services(c.env).lists.leadStats(id)), 200);
  },
);

campaignContents.openapi(
  createRoute({
    ...route("viewer", "Campaigns", "A campaign's jobs, newest first"),
    method: "get",
    path: "/{id}/jobs",
    request: { params: IdParams, query: JobQuery.omit({ campaign_id: true }) },
    responses: answers(JobList, ["not_found"]),
  }),
  async (c) => {
    const { id: campaignId } = await campaignOf(c.env, c.req.valid("param").id);
    const { status, type, ...at } = c.req.valid("query");
    const { rows, next_cursor } = page(await services(c.env).lists.jobs({ status, type, campaignId }, at), at.limit);
    return c.json(good({ jobs: rows.map(jobView), next_cursor }), 200);
  },
);

campaignContents.openapi(
  createRoute({
    ...route("viewer", "Campaigns", "A campaign's leads with their messages, as CSV"),
    method: "get",
    path: "/{id}/results.csv",
    request: { params: IdParams, query: NO_QUERY },
    responses: {
      ...failures(["not_found"]),
      200: { description: "One line a lead.", content: { "text/csv": { schema: { type: "string" } } } },
    },
  }),
  (async (c: Context<App>) => {
    const { id } = await campaignOf(c.env, c.req.param("id") ?? "");
    return new Response(resultsCsv(services(c.env).lists, id), {
      headers: {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": `attachment; filename="campaign-${id}.csv"`,
      },
    });
  }) as never,
);
