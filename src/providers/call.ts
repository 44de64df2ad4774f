import type { z } from "zod";
import type { Answer, FaultKind, Provider, Spend } from "../domain/fault.ts";
import { type About, judgeErrorInside, judgeStatus } from "./judgement.ts";
import { exchange, type Fetch } from "./transport.ts";
import { errorEnvelope, jsonOf, tidy, wordsOf, type Words } from "./words.ts";

/** How a service is reached. `timeoutMs` covers one whole call, its answer's body included. */
export interface Connection {
  fetch: Fetch;
  key: string;
  timeoutMs: number;
}

export interface Service extends Connection {
  provider: Provider;
}

export interface Outgoing {
  url: string;
  init: RequestInit;
  about: About;
  /** Where the address names something of one campaign: a 404 is then refused with these words, and no fault. */
  notFound?: string;
}

/** A good answer whose body is JSON, its shape not yet looked at. */
export interface Arrived {
  status: number;
  body: unknown;
}

type NotAnswered = Exclude<Answer<never>, { outcome: "answered" }>;

/** One HTTP call and its classification. Never throws for what the service does. */
export async function ask<T>(service: Service, outgoing: Outgoing, schema: z.ZodType<T>): Promise<Answer<T>> {
  if (service.key === "") return noKey(service);
  const arrived = await send(service, outgoing);
  return arrived.outcome === "answered" ? read(service, arrived.value, schema) : arrived;
}

export async function send(service: Service, { url, init, about, notFound }: Outgoing): Promise<Answer<Arrived>> {
  const { fetch, timeoutMs } = service;
  const end = await exchange(fetch, url, init, timeoutMs);
  switch (end.ended) {
    case "unreachable":
      return fault(service, "unreachable", null, end.message);
    case "timeout":
      return fault(service, "timeout", null, `No complete answer within ${timeoutMs} ms`);
    case "too_large":
      return fault(service, "malformed", end.status, "The answer is too large");
    case "answered":
      if (end.status === 404 && notFound !== undefined && isNotFound(end.text)) return refused(service, notFound);
      return judge(service, end, about);
  }
}

/** The service's own word for a thing that it does not have; not a gateway's page, nor that it has no such address at all. */
function isNotFound(text: string): boolean {
  const body = jsonOf(text);
  return typeof body === "object" && body !== null && !/^(route|cannot) [A-Z]+\b/i.test(wordsOf(text).message);
}

function judge(
  service: Service,
  { status, text, brokenText }: { status: number; text: string; brokenText: boolean },
  about: About,
): Answer<Arrived> {
  const judgement = judgeStatus(status, () => wordsOf(text), about);
  if (brokenText && (judgement === "good" || judgement === "refused"))
    return fault(service, "malformed", status, "The answer's bytes are not UTF-8");
  if (judgement === "good") {
    const body = jsonOf(text);
    if (body !== undefined) return answered({ status, body });
    return fault(service, "malformed", status, `The answer is not JSON: ${wordsOf(text).message}`);
  }
  const message = wordsOf(text).message.trim() || `HTTP ${status} without a message`;
  return judgement === "refused" ? refused(service, message) : fault(service, judgement, status, message);
}

/** Checks the shape of an answer; unknown fields are the schema's affair. A body that tells of an error is judged by it. */
export function read<T>(service: Service, { status, body }: Arrived, schema: z.ZodType<T>): Answer<T> {
  // Also beside what would be a good answer: an empty list with an error is not nobody.
  const error = errorEnvelope(body);
  if (error) return errorInside(service, error);
  const parsed = schema.safeParse(body);
  if (parsed.success) return answered(parsed.data);
  const issue = parsed.error.issues[0];
  const where = issue?.path.join(".") || "the top";
  return fault(
    service,
    "malformed",
    status,
    `The answer has another shape than documented, at ${where}: ${issue?.message}`,
  );
}

export function answered<T>(value: T, spend: Spend = {}): Answer<T> {
  return { outcome: "answered", value, spend };
}

export function refused(service: Service, message: string): NotAnswered {
  return { outcome: "refused", message: tidy(message, service.key) };
}

/** The service will never take this input, whoever asks again: the lead is rejected, not failed. */
export function rejected(service: Service, message: string): NotAnswered {
  return { outcome: "refused", message: tidy(message, service.key), rejects: true };
}

export function fault(service: Service, kind: FaultKind, httpStatus: number | null, message: string): NotAnswered {
  const { provider, key } = service;
  return { outcome: "service_fault", fault: { provider, kind, httpStatus, message: tidy(message, key) } };
}

/** A deployment without this secret: the same for every lead, so it must pause them rather than fail them. */
export function noKey(service: Service): NotAnswered {
  return fault(service, "unauthorized", null, "No key is configured");
}

/** A failure that a service reports under HTTP 200. */
export function errorInside(service: Service, said: Pick<Words, "message" | "code"> & Partial<Words>): NotAnswered {
  const words: Words = { param: "", status: null, ...said };
  const judgement = judgeErrorInside(words);
  const message = words.message.trim() || words.code || "An error without a message";
  return judgement === "refused" ? refused(service, message) : fault(service, judgement, 200, message);
}

/** A check only tells whether the service works. */
export function checked(answer: Answer<unknown>): Answer<null> {
  return answer.outcome === "answered" ? answered(null) : answer;
}

/** The platform's fetch names nobody, and some services turn such callers away. */
const USER_AGENT = "Andon/0.1";

/** A request that is the same for everyone; `of` says what else it is about. */
export function get(url: string, headers: Record<string, string>): Outgoing {
  const json = { accept: "application/json", "user-agent": USER_AGENT, ...headers };
  return { url, init: { method: "GET", headers: json }, about: "everyone" };
}

export function post(url: string, headers: Record<string, string>, body?: unknown): Outgoing {
  const outgoing = get(url, { "content-type": "application/json", ...headers });
  return { ...outgoing, init: { ...outgoing.init, method: "POST", body: JSON.stringify(body ?? {}) } };
}

/** A request about one lead or one campaign: its refusal fails that one alone. */
export function of(about: "lead" | "campaign", outgoing: Outgoing): Outgoing {
  return { ...outgoing, about };
}
