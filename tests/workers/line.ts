import { env, exports } from "cloudflare:workers";
import { expect } from "vitest";
import type { z } from "zod";
import type { CircuitBreaker } from "../../src/contract/breaker.ts";
import type { Campaign } from "../../src/contract/campaigns.ts";
import { type ErrorCode, Failure, success } from "../../src/contract/common.ts";
import type { Job } from "../../src/contract/jobs.ts";
import type { FaultOrder, LedgerCall, SandboxSummary } from "../../src/contract/sandbox.ts";
import { decidedTitle } from "./decided.ts";

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
  return (parsed as { data: z.output<Schema> }).data;
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
export const aCampaign = (fields: Record<string, unknown> = {}) => {
  const target = typeof fields["target_leads"] === "number" ? fields["target_leads"] : 3;
  return {
    name: `Campaign ${++made}`,
    target_leads: target,
    search: { person_titles: [decidedTitle(`Head of tests ${made} ${crypto.randomUUID()}`, target)] },
    message: { sender_name: "Ada", offer: "a faster pipeline" },
    ...fields,
  };
};

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
