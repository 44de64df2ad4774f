import { createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Provider } from "../../src/domain/fault.ts";
import worker from "../../src/index.ts";
import { firstMessage } from "./found-leads.ts";
import { breaker, call, campaignEnds, close, createCampaign, eventually, ledger, summary } from "./line.ts";
import { insertJobs, rowsOf } from "./rows.ts";

/** Ten of ten are a full reveal, in which a field that nobody has is missed. */
const FULL_REVEAL = 10;
/** So many that one of them is good enough to be pushed. */
const A_FEW = 5;

const FIELDS: Record<string, { provider: Provider; fields: string[] }> = {
  "/mixed_people/api_search": { provider: "apollo", fields: ["total_entries", "people", "id", "has_email"] },
  "/people/bulk_match": {
    provider: "apollo",
    fields: [
      "matches",
      "id",
      "email",
      "credits_consumed",
      "first_name",
      "last_name",
      "title",
      "headline",
      "linkedin_url",
      "organization",
      "name",
      "website_url",
    ],
  },
  "/api/v3/": { provider: "millionverifier", fields: ["result", "resultcode", "subresult"] },
  "/v1/agent": {
    provider: "perplexity",
    fields: ["status", "output", "type", "content", "text", "results", "url", "title"],
  },
  "/v1/responses": { provider: "openai", fields: ["status", "output", "type", "content", "text"] },
  "/api/v2/leads/list": { provider: "instantly", fields: ["items"] },
  "/api/v2/leads/add": {
    provider: "instantly",
    fields: [
      "leads_uploaded",
      "in_blocklist",
      "duplicated_leads",
      "skipped_count",
      "invalid_email_count",
      "incomplete_count",
      "duplicate_email_count",
      "remaining_in_plan",
      "created_leads",
      "id",
    ],
  },
};

const CASES = Object.entries(FIELDS).flatMap(([path, { provider, fields }]) =>
  fields.map((field) => ({ path, provider, field })),
);

function renamed(value: unknown, field: string): unknown {
  if (Array.isArray(value)) return value.map((each) => renamed(each, field));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [
    name === field ? `${name}_v2` : name,
    renamed(inner, field),
  ]);
  return Object.fromEntries(entries) as unknown;
}

/** This environment, with a stand-in whose answers to one call name one field otherwise. What is queued stays here. */
function environmentWith(path: string, field: string) {
  const sent: string[] = [];
  const queue = {
    sendBatch: async (messages: Iterable<{ body: { jobs: { jobId: string }[] } }>) => {
      for (const { body } of messages) sent.push(...body.jobs.map(({ jobId }) => jobId));
    },
  };
  const sandbox = {
    fetch: async (url: string, init: RequestInit) => {
      const answer = await (env as unknown as { SANDBOX: { fetch: typeof fetch } }).SANDBOX.fetch(url, init);
      if (!new URL(url).pathname.endsWith(path) || !answer.ok) return answer;
      return Response.json(renamed(await answer.json(), field), { status: answer.status });
    },
  };
  return { sent, env: { ...env, SANDBOX: sandbox, LEAD_JOBS: queue, CAMPAIGN_JOBS: queue } as unknown as Env };
}

test.each(CASES)(
  "$field of $provider's $path, renamed, stops the line before anything is paid for again",
  async (of) => {
    const before = (await summary()).providers;
    const campaignId = await createCampaign({ target_leads: of.path === "/people/bulk_match" ? FULL_REVEAL : A_FEW });
    const jobIds = await insertJobs(campaignId, 1, { type: "FETCH_LEADS", progress: null });
    const changed = environmentWith(of.path, of.field);
    await worker.queue(createMessageBatch("andon-campaign-jobs", [firstMessage(jobIds)]), changed.env);
    if (changed.sent.length > 0)
      await worker.queue(createMessageBatch("andon-lead-jobs", [firstMessage(changed.sent)]), changed.env);

    const stopped = await breaker();
    expect(stopped).toMatchObject({ state: "open", reason: { provider: of.provider, kind: "malformed" } });
    const after = (await summary()).providers;
    for (const [name, { repeated_subjects_count: repeated }] of Object.entries(after))
      expect({ name, repeated }).toEqual({ name, repeated: before[name as Provider].repeated_subjects_count });
    // Nothing that follows the changed answer was bought.
    const calls = (await ledger()).filter(({ outcome }) => outcome === "ok");
    expect(calls.length).toBeGreaterThan(0);

    // Mended, and closed by a person: everything goes on, and nobody is pushed twice.
    await close("the field has its name again");
    await eventually("all jobs ended", async () =>
      (await rowsOf(campaignId)).every(({ status }) => status === "COMPLETED" || status === "FAILED"),
    );
    await campaignEnds(campaignId);
    expect((await summary()).providers.instantly.repeated_subjects_count).toBe(
      before.instantly.repeated_subjects_count,
    );
    await call("POST", "/sandbox/reset");
  },
);
