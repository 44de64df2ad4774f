import { createRoute } from "@hono/zod-openapi";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { openDetails } from "../contract/breaker.ts";
import {
  CampaignAnswer,
  CampaignDeleted,
  CampaignList,
  CampaignProgress,
  CampaignQuery,
  CampaignsStatus,
  campaignView,
  CleanupRequest,
  CreateCampaign,
  draftOf,
  progressView,
  StartValidation,
  UpdateCampaign,
} from "../contract/campaigns.ts";
import { IdParams } from "../contract/common.ts";
import { JobAnswer, jobView } from "../contract/jobs.ts";
import { reasonText } from "../domain/breaker.ts";
import { type Campaign, startErrors } from "../domain/campaign.ts";
import { askForCleanUp } from "../operations/campaign/ask-for-clean-up.ts";
import { answers, body, createRouter, good, NO_BODY, NO_QUERY, page, route } from "./endpoint.ts";
import { ApiError } from "./errors.ts";
import { services } from "../wiring.ts";

const TAG = "Campaigns";

export const campaigns = createRouter();

/** @throws ApiError not_found */
export async function campaignOf(env: Env, id: string): Promise<Campaign> {
  const campaign = await services(env).campaigns.find(id);
  if (!campaign)
    throw new ApiError("not_found", "No campaign has this id. GET /api/v1/campaigns lists those there are.");
  return campaign;
}

campaigns.openapi(
  createRoute({
    ...route("operator", TAG, "Create a campaign"),
    method: "post",
    path: "/",
    request: { query: NO_QUERY, body: body(CreateCampaign) },
    responses: answers(CampaignAnswer, [], 201),
  }),
  async (c) => {
    const id = uuidv7();
    const request = c.req.valid("json");
    await services(c.env).campaigns.create({
      description: null,
      instantlyCampaignId: null,
      refuseCatchAll: false,
      ...(draftOf(request) as Pick<Campaign, "name" | "targetLeads" | "search" | "message">),
      id,
      status: "CREATED",
      error: null,
      createdAt: Date.now(),
      startedAt: null,
      completedAt: null,
      failedAt: null,
    });
    return c.json(good({ campaign: campaignView(await campaignOf(c.env, id)) }), 201);
  },
);

campaigns.openapi(
  createRoute({
    ...route("viewer", TAG, "Campaigns, newest first"),
    method: "get",
    path: "/",
    request: { query: CampaignQuery },
    responses: answers(CampaignList),
  }),
  async (c) => {
    const { status, ...at } = c.req.valid("query");
    const { rows, next_cursor } = page(await services(c.env).lists.campaigns({ status }, at), at.limit);
    return c.json(good({ campaigns: rows.map(campaignView), next_cursor }), 200);
  },
);

campaigns.openapi(
  createRoute({
    ...route("viewer", TAG, "How many campaigns are in each status, and those that run (the newest 200)"),
    method: "get",
    path: "/status",
    request: { query: NO_QUERY },
    responses: answers(CampaignsStatus),
  }),
  async (c) => {
    const { lists } = services(c.env);
    const [counts, running] = await Promise.all([
      lists.campaignCounts(),
      lists.campaigns({ status: "RUNNING" }, { limit: 200 }),
    ]);
    return c.json(good({ campaign_counts: counts, running: running.slice(0, 200).map(campaignView) }), 200);
  },
);

campaigns.openapi(
  createRoute({
    ...route("viewer", TAG, "One campaign"),
    method: "get",
    path: "/{id}",
    request: { params: IdParams, query: NO_QUERY },
    responses: answers(CampaignAnswer, ["not_found"]),
  }),
  async (c) => c.json(good({ campaign: campaignView(await campaignOf(c.env, c.req.valid("param").id)) }), 200),
);

campaigns.openapi(
  createRoute({
    ...route("operator", TAG, "Change a campaign that has not been started; `instantly_campaign_id` alone at any time"),
    method: "patch",
    path: "/{id}",
    request: { params: IdParams, query: NO_QUERY, body: body(UpdateCampaign) },
    responses: answers(CampaignAnswer, ["not_found", "invalid_transition"]),
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const updated = await services(c.env).campaigns.update(id, draftOf(c.req.valid("json")));
    const campaign = await campaignOf(c.env, id);
    if (!updated) throw notNow(campaign, "Only a CREATED campaign can be changed, but for its instantly_campaign_id.");
    return c.json(good({ campaign: campaignView(campaign) }), 200);
  },
);

campaigns.openapi(
  createRoute({
    ...route(
      "operator",
      TAG,
      "Delete a campaign that has not been started, or has ended; people it contacted stay known",
    ),
    method: "delete",
    path: "/{id}",
    request: { params: IdParams, query: NO_QUERY },
    responses: answers(CampaignDeleted, ["not_found", "invalid_transition"]),
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const campaign = await campaignOf(c.env, id);
    if (!(await services(c.env).campaigns.remove(id))) throw notNow(campaign, "A RUNNING campaign cannot be deleted.");
    return c.json(good({ campaign: campaignView(campaign), deleted: true as const }), 200);
  },
);

campaigns.openapi(
  createRoute({
    ...route("viewer", TAG, "Whether a campaign can be started now, and if not, why"),
    method: "get",
    path: "/{id}/start/validate",
    request: { params: IdParams, query: NO_QUERY },
    responses: answers(StartValidation, ["not_found"]),
  }),
  async (c) => {
    const campaign = await campaignOf(c.env, c.req.valid("param").id);
    const { breaker } = await services(c.env).breaker.status();
    const closed = breaker.state === "closed";
    const errors = startErrors(campaign.status, closed);
    return c.json(
      good({
        can_start: errors.length === 0,
        circuit_breaker_closed: closed,
        campaign_status_valid: campaign.status === "CREATED",
        errors,
      }),
      200,
    );
  },
);

campaigns.openapi(
  createRoute({
    ...route("operator", TAG, "Start a campaign"),
    method: "post",
    path: "/{id}/start",
    request: { params: IdParams, query: NO_QUERY, body: NO_BODY },
    responses: answers(CampaignAnswer, ["not_found", "invalid_transition", "breaker_open"]),
  }),
  async (c) => {
    const { campaignActors } = services(c.env);
    const { id } = c.req.valid("param");
    const campaign = await campaignOf(c.env, id);
    const answer = await campaignActors.start(id);
    switch (answer.outcome) {
      case "started":
        return c.json(good({ campaign: campaignView(answer.campaign) }), 200);
      case "not_found":
        throw new ApiError("not_found", "The campaign was deleted.");
      case "invalid_transition":
        throw notNow({ ...campaign, status: answer.status }, "Only a CREATED campaign can be started.");
      case "breaker_open":
        throw new ApiError(
          "breaker_open",
          `The line is stopped (${reasonText(answer.reason)}). An operator must close the breaker first; the campaign stays CREATED.`,
          openDetails(answer.reason),
        );
    }
  },
);

campaigns.openapi(
  createRoute({
    ...route("viewer", TAG, "A campaign's counts"),
    method: "get",
    path: "/{id}/progress",
    request: { params: IdParams, query: NO_QUERY },
    responses: answers(z.object({ progress: CampaignProgress }), ["not_found"]),
  }),
  async (c) => c.json(good({ progress: progressView(await campaignOf(c.env, c.req.valid("param").id)) }), 200),
);

campaigns.openapi(
  createRoute({
    ...route("operator", TAG, "Delete the rows of jobs that finished long ago; leads stay"),
    method: "post",
    path: "/{id}/cleanup",
    request: { params: IdParams, query: NO_QUERY, body: body(CleanupRequest) },
    responses: answers(JobAnswer, ["not_found", "invalid_transition"], 202),
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const campaign = await campaignOf(c.env, id);
    const jobId = await askForCleanUp(services(c.env), id, c.req.valid("json").older_than_days);
    if (jobId === null) throw notNow(campaign, "It has no jobs yet.");
    const job = await services(c.env).lists.job(jobId);
    if (!job) throw new ApiError("conflict", "The campaign was deleted meanwhile.");
    return c.json(good({ job: jobView(job) }), 202);
  },
);

function notNow(campaign: Campaign, rule: string): ApiError {
  return new ApiError("invalid_transition", `The campaign is ${campaign.status}. ${rule} Nothing was changed.`, {
    status: campaign.status,
  });
}
