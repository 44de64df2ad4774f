import { env, exports } from "cloudflare:workers";
import { expect } from "vitest";
import type { z } from "zod";
import type { CircuitBreaker } from "../../src/contract/breaker.ts";
import type { Campaign } from "../../src/contract/campaigns.ts";
import { type ErrorCode, Failure, success } from "../../src/contract/common.ts";
import type { Job } from "../../src/contract/jobs.ts";
import type { FaultOrder, LedgerCall, SandboxSummary } from "../../src/contract/sandbox.ts";
import type { FaultKind } from "../../src/domain/fault.ts";

/** How a test uses Andon: as an outside program would, by HTTP, and by looking into the rows. */

export type Token = "sandbox-viewer" | "sandbox-operator" | "sandbox-admin";

export interface RequestOptions {
  token?: string | null;
  /** Text is sent as it is. */
  body?: unknown;
  headers?: Record<string, string>;
}

export async function request(method: string, path: string, options: RequestOptions = {}) {
  const { token = "sandbox-admin", body, headers = {} } = options;
  return exports.default.fetch(`http://andon.example/api/v1${path}`, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

/** Calls the API, expects the good answer, and returns its data. */
export async function call<Data>(method: string, path: string, body?: unknown): Promise<Data> {
  const response = await request(method, path, { body });
  const answer = (await response.json()) as { status: string; data: Data };
  if (answer.status !== "success") throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer.data;
}

/** The data of a good answer that fits `schema` exactly: nothing is missing, and nothing is there that it does not name. */
export async function dataOf<Schema extends z.ZodType>(
  response: Response,
  status: number,
  schema: Schema,
): Promise<z.output<Schema>> {
  const answer: unknown = await response.json();
  expect({ status: response.status, answer }).toMatchObject({ status, answer: { status: "success" } });
  const parsed = success(schema).parse(answer);
  expect(answer).toStrictEqual(parsed);
  return parsed.data as z.output<Schema>;
}

const INSIDE_WORDS =
  /\b(sqlite\w*|d1_\w+|sql|select \w+ from|insert into|zod\w*|durable ?object|constraint|node_modules|typeerror)\b|\.[jt]s\b|\n\s+at /i;

/** The failure in the envelope: the documented status and code, a request id, and no word of the inside. */
export async function failureOf(response: Response, status: number, code: ErrorCode) {
  const text = await response.text();
  expect({ status: response.status, text }).toMatchObject({
    status,
    text: expect.stringContaining(`"${code}"`) as string,
  });
  const answer: unknown = JSON.parse(text);
  const { error } = Failure.parse(answer);
  expect(answer).toStrictEqual(Failure.parse(answer));
  expect(error.code).toBe(code);
  expect(error.request_id).toMatch(/^[0-9a-f-]{36}$/);
  expect(text).not.toMatch(INSIDE_WORDS);
  return error as { message: string; details?: unknown; request_id: string };
}

let made = 0;
/** The request for a campaign whose people no other campaign of the run finds. */
export const aCampaign = (fields: Record<string, unknown> = {}) => ({
  name: `Campaign ${++made}`,
  target_leads: 3,
  search: { person_titles: [`Head of tests ${made} ${crypto.randomUUID()}`] },
  message: { sender_name: "Ada", offer: "a faster pipeline" },
  ...fields,
});

export async function createCampaign(fields: Record<string, unknown> = {}): Promise<string> {
  const { campaign } = await call<{ campaign: z.infer<typeof Campaign> }>("POST", "/campaigns", aCampaign(fields));
  return campaign.id;
}

export async function startedCampaign(fields: Record<string, unknown> = {}): Promise<string> {
  const id = await createCampaign(fields);
  await call("POST", `/campaigns/${id}/start`);
  return id;
}

export const campaign = async (id: string) =>
  (await call<{ campaign: z.infer<typeof Campaign> }>("GET", `/campaigns/${id}`)).campaign;

export const breaker = async () =>
  (await call<{ circuit_breaker: z.infer<typeof CircuitBreaker> }>("GET", "/queue-management/circuit-breaker"))
    .circuit_breaker;

export const jobsOf = async (campaignId: string) =>
  (await call<{ jobs: z.infer<typeof Job>[] }>("GET", `/campaigns/${campaignId}/jobs?limit=200`)).jobs;

export const breakProvider = (order: FaultOrder) => call("POST", "/sandbox/faults", order);
export const mendProviders = () => call("DELETE", "/sandbox/faults");
export const close = (note = "mended") =>
  call<{ changed: boolean }>("POST", "/queue-management/circuit-breaker/close", { note });
export const ledger = async () => (await call<{ calls: LedgerCall[] }>("GET", "/sandbox/calls?limit=1000")).calls;
export const summary = () => call<SandboxSummary>("GET", "/sandbox/summary");

/** Waits until `look` returns something else than null, undefined or false. */
export async function eventually<T>(what: string, look: () => Promise<T | null | undefined | false>): Promise<T> {
  for (let tries = 0; tries < 500; tries++) {
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    await scheduler.wait(40);
  }
  throw new Error(`It never happened that ${what}.`);
}

export const campaignEnds = (id: string) =>
  eventually(`campaign ${id} ended`, async () => {
    const seen = await campaign(id);
    return (seen.status === "COMPLETED" || seen.status === "FAILED") && seen;
  });

export const breakerOpens = () =>
  eventually("the breaker opened", async () => {
    const seen = await breaker();
    return seen.state === "open" && seen;
  });

/** Every unfinished job has been paused. */
export const allPaused = () =>
  eventually("all unfinished jobs were paused", async () => {
    const row = await env.DB.prepare("SELECT count(*) AS n FROM jobs WHERE status IN ('PENDING', 'RUNNING')").first<{
      n: number;
    }>();
    return row?.n === 0;
  });

/** The rows of a campaign's jobs, as they stand. */
export async function rowsOf(campaignId: string): Promise<JobRow[]> {
  const all = await env.DB.prepare("SELECT * FROM jobs WHERE campaign_id = ?1 ORDER BY id")
    .bind(campaignId)
    .all<JobRow>();
  return all.results;
}

export interface JobRow {
  id: string;
  lead_id: string | null;
  type: string;
  status: string;
  dispatch: number;
  attempts: number;
  lease_until: number | null;
  pause_reason: string | null;
  error: string | null;
}

const JOBS_RECOUNTED = ["PENDING", "RUNNING", "PAUSED", "COMPLETED", "FAILED", "CANCELLED"].map(
  (each) => `status = '${each}'`,
);
const IS_REJECTED = `(verification ->> 'verdict' IN ('unknown', 'disposable', 'invalid')
  OR verification ->> 'verdict' = 'catch_all' AND campaigns.refuse_catch_all)`;
const LEADS_RECOUNTED = [
  "stage NOT IN ('reserved', 'dropped')",
  `verification IS NOT NULL AND NOT ${IS_REJECTED}`,
  `verification IS NOT NULL AND ${IS_REJECTED}`,
  "research IS NOT NULL",
  "copy IS NOT NULL",
  "stage = 'pushed'",
  "outcome = 'failed'",
];
const sums = (conditions: string[]) => conditions.map((each) => `coalesce(sum(${each}), 0)`).join(", ");

/** Campaigns whose counts are not those of their rows, both read in one statement: none, at any moment. */
export async function miscounted() {
  const { results } = await env.DB.prepare(
    `SELECT * FROM (SELECT campaigns.id,
      json_array(pending, running, paused, completed, failed, cancelled) AS jobs,
      (SELECT json_array(${sums(JOBS_RECOUNTED)}) FROM jobs WHERE campaign_id = campaigns.id) AS jobs_recounted,
      json_array(leads_found, leads_verified, leads_rejected, leads_researched, leads_written, leads_pushed, leads_failed) AS leads,
      (SELECT json_array(${sums(LEADS_RECOUNTED)}) FROM leads WHERE campaign_id = campaigns.id) AS leads_recounted
     FROM campaigns LEFT JOIN progress ON progress.campaign_id = campaigns.id)
     WHERE jobs IS NOT jobs_recounted OR leads IS NOT leads_recounted`,
  ).all();
  return results;
}

/**
 * Writes waiting jobs straight into the rows of a RUNNING campaign, with their counts and without queue messages.
 * CLEANUP_CAMPAIGN, unless `fields` says otherwise: such a job calls no provider. Returns their ids.
 */
export async function insertJobs(
  campaignId: string,
  count: number,
  fields: Record<string, string | number | null> = {},
) {
  const ids = Array.from({ length: count }, () => crypto.randomUUID());
  const job: Record<string, string | number | null> = {
    campaign_id: campaignId,
    type: "CLEANUP_CAMPAIGN",
    status: "PENDING",
    priority: 0,
    dispatch: 1,
    progress: JSON.stringify({ olderThanDays: 30 }),
    queued_at: Date.now(),
    created_at: Date.now(),
    ...fields,
  };
  const columns = Object.keys(job);
  await env.DB.batch([
    env.DB.prepare("UPDATE campaigns SET status = 'RUNNING' WHERE id = ?1").bind(campaignId),
    env.DB.prepare(`UPDATE progress SET ${job["status"]} = ${job["status"]} + ?2 WHERE campaign_id = ?1`).bind(
      campaignId,
      count,
    ),
    env.DB.prepare(
      `INSERT INTO jobs (id, ${columns.join(", ")}) SELECT value, ${columns.map((_, at) => `?${at + 2}`).join(", ")} FROM json_each(?1)`,
    ).bind(JSON.stringify(ids), ...Object.values(job)),
  ]);
  return ids;
}

export const theBreaker = () => env.BREAKER.getByName("global");

/** What a broken provider shows, and as what the breaker must report it. */
export interface Breakage {
  order: FaultOrder;
  kind: FaultKind;
  status: number | null;
}

/** Starts a campaign whose people, and so whose every answer, are the same in every run. */
export async function startNamed(title: string) {
  await call("POST", "/sandbox/reset");
  return () => startedCampaign({ target_leads: 3, search: { person_titles: [title] } });
}

/** A provider breaks until it is mended, and an operator closes the breaker. Checks what must hold on the way. */
export async function expectStopAndResume({ order, kind, status }: Breakage) {
  const { provider } = order;
  const start = await startNamed(`${provider} ${order.kind} ${order.path}`);
  const another = await createCampaign();
  await breakProvider(order);
  const id = await start();
  const opened = await breakerOpens();
  expect(opened.reason).toMatchObject({ source: "provider", provider, kind, http_status: status, campaign_id: id });
  const callsAtStop = (await ledger()).length;
  await allPaused();
  expect((await campaign(id)).status).toBe("RUNNING");
  const unfinished = (await rowsOf(id)).filter((job) => !["COMPLETED", "FAILED", "CANCELLED"].includes(job.status));
  expect(unfinished.map((job) => job.id)).toContain(opened.reason?.job_id);
  const why = `${provider} failed (${kind}${status === null ? "" : `, HTTP ${status}`}): ${opened.reason?.message}`;
  for (const job of unfinished) expect(job).toMatchObject({ status: "PAUSED", pause_reason: why });
  const refused = await request("POST", `/campaigns/${another}/start`);
  expect([refused.status, await refused.json()]).toMatchObject([503, { error: { code: "breaker_open" } }]);
  expect(await miscounted()).toEqual([]);
  expect((await ledger()).length).toBe(callsAtStop);
  await mendProviders();
  await close();
  const done = await campaignEnds(id);
  expect(done.status).toBe("COMPLETED");
  expect(new Set((await rowsOf(id)).map((job) => job.status))).toEqual(new Set(["COMPLETED"]));
  expect(await miscounted()).toEqual([]);
  return { done, calls: await ledger(), summary: await summary() };
}

/** No call that was answered was made again, and no other was paid for twice than those in `lost`. */
export function expectNothingRepeated(
  { summary, calls }: { summary: SandboxSummary; calls: LedgerCall[] },
  lost: string[] = [],
) {
  const repeated = Object.values(summary.providers).flatMap((each) => each.repeated_subjects);
  expect(repeated.toSorted()).toEqual(lost.toSorted());
  const answered = calls.filter((each) => each.outcome === "ok" && each.cost_usd > 0);
  const calledFor = answered.map((each) => `${each.provider} ${each.subject}`);
  expect(new Set(calledFor).size).toBe(calledFor.length);
}

/** D1's gate follows a close in a moment. */
export const gateCloses = () =>
  eventually("the gate closed", async () => {
    const row = await env.DB.prepare("SELECT state FROM breaker_gate").first<{ state: string }>();
    return row?.state === "closed";
  });
