import type { Failure } from "../contract/common.ts";
import type { z } from "zod";

type Problem = z.infer<typeof Failure>["error"];
export type ApiAnswer<Data> = { ok: true; data: Data } | { ok: false; status: number; problem: Problem };

/** Thrown by `Api.read`; one place shows it as a page. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super(problem.message);
    this.status = status;
    this.problem = problem;
  }
}

/**
 * The API as the signed-in person sees it. The console has no other way to read or change anything: what it can do, every
 * program can do too, and a role that the API refuses is refused here.
 */
export interface Api {
  /** @throws ApiProblem */
  read<Data>(path: string): Promise<Data>;
  ask<Data>(method: string, path: string, body?: unknown): Promise<ApiAnswer<Data>>;
  /** The answer as it is: for downloads. */
  raw(path: string): Promise<Response>;
}

export function createApi(origin: string, send: (request: Request) => Response | Promise<Response>): Api {
  const url = (path: string) => `${origin}/api/v1${path}`;
  const ask = async <Data>(method: string, path: string, body?: unknown): Promise<ApiAnswer<Data>> => {
    const headers = { "content-type": "application/json" };
    const request = new Request(url(path), {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const response = await send(request);
    const answer = (await response.json()) as { status: "success"; data: Data } | { status: "error"; error: Problem };
    return answer.status === "success"
      ? { ok: true, data: answer.data }
      : { ok: false, status: response.status, problem: answer.error };
  };
  return {
    ask,
    async read(path) {
      const answer = await ask<never>("GET", path);
      if (!answer.ok) throw new ApiProblem(answer.status, answer.problem);
      return answer.data;
    },
    raw: async (path) => send(new Request(url(path))),
  };
}

/** A problem in words; of fields, what is wrong with each. */
export function problemText({ code, message, details }: Problem): string {
  if (code !== "invalid_request" || !Array.isArray(details)) return message;
  const fields = (details as { path: string; problem: string }[]).map(
    ({ path, problem }) => `“${labelOf(path)}” ${problem}`,
  );
  return `Nothing was changed: ${fields.join("; ")}.`;
}

/** What the pages call the API's fields, where it is not the same word. */
const LABELS: Record<string, string> = {
  target_leads: "Leads wanted",
  search: "Whom to find",
  "search.person_titles": "Titles",
  "search.person_locations": "Places",
  "search.person_seniorities": "Seniorities",
  "search.organization_num_employees_ranges": "Company sizes",
  "search.q_organization_domains_list": "Company domains",
  "message.sender_name": "Sender’s name",
  "message.offer": "Offer",
  "message.tone": "Tone",
  instantly_campaign_id: "Instantly’s campaign id",
  url: "Address",
  events: "Tell of",
  still_open_after_minutes: "Minutes until, and between, reminders",
  expires_in_days: "Days until it runs out",
  pace_per_second: "Jobs a second",
};

/** Of a list, the label is the list's. */
export function labelOf(path: string): string {
  const field = path.replace(/(\.\d+)+$/, "");
  const words = field.replaceAll("_", " ").replaceAll(".", ", ");
  return LABELS[field] ?? words.charAt(0).toUpperCase() + words.slice(1);
}
