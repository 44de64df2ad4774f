import type { z } from "zod";
import type { Proof, Proven } from "../domain/check.ts";
import type { Answer, Spend } from "../domain/fault.ts";
import type { LeadProfile } from "../domain/lead.ts";
import type { WritingBrief } from "../ports/providers.ts";
import { answered, ask, fault, type Outgoing, type Service } from "./call.ts";
import type { Fetch } from "./transport.ts";

// What the checks of the five services share. What a check proves is said by the one that made the call, and never more.

export function proven(proves: Proven[], spend: Spend = {}): Answer<Proof> {
  return answered({ proves }, spend);
}

/** A check for free that went well proves this, whatever it answered. */
export function provenBy(answer: Answer<unknown>, proves: Proven[]): Answer<Proof> {
  return answer.outcome === "answered" ? proven(proves) : answer;
}

/** A real call that went well was made with a key that is taken, and was paid for. */
export function workProven(answer: Answer<unknown>): Answer<Proof> {
  return answer.outcome === "answered" ? proven(["reachable", "key", "credit", "work"], answer.spend) : answer;
}

/** How a service answered a call that it has to refuse: `refused` where a 400 or 422 found fault with what `names` names. */
export async function askToBeRefused<T>(
  service: Service,
  outgoing: Outgoing,
  { names, schema }: { names: RegExp; schema: z.ZodType<T> },
): Promise<{ refused: true } | { refused: false; answer: Answer<T> }> {
  let status = 0;
  const fetch: Fetch = async (url, init) => {
    const response = await service.fetch(url, init);
    status = response.status;
    return response;
  };
  const answer = await ask({ ...service, fetch }, outgoing, schema);
  const words = status === 400 || status === 422 ? requestProblem(answer) : null;
  // What is wrong with the key may come with the same status; and a gateway's page names no field.
  return words !== null && names.test(words) && !ACCESS.test(words) ? { refused: true } : { refused: false, answer };
}

/** The words of an answer that blames the request; null of one that blames the credit or else. */
function requestProblem(answer: Answer<unknown>): string | null {
  switch (answer.outcome) {
    case "answered":
      return null;
    case "refused":
      return answer.message;
    case "service_fault":
      return answer.fault.kind === "malformed" ? answer.fault.message : null;
  }
}

const ACCESS = /api.?key|unauthori[sz]ed|authenticat|forbidden/i;

/** For calls whose answer could only be good if the service had not looked at them. */
export const tookNonsense = (service: Service, answer: Answer<unknown>): Answer<never> =>
  answer.outcome === "answered"
    ? fault(service, "malformed", 200, "A request that makes no sense was answered as if it did")
    : answer;

/** Somebody whom a model is asked about to see whether it works: nobody, at a company that everybody knows. */
export const EXAMPLE_LEAD: LeadProfile = {
  email: "check@example.com",
  firstName: "Alex",
  lastName: "Example",
  title: "Head of Operations",
  headline: null,
  linkedinUrl: null,
  company: "Cloudflare",
  companyWebsite: "https://www.cloudflare.com",
};

export const EXAMPLE_BRIEF: WritingBrief = {
  lead: EXAMPLE_LEAD,
  research: {
    summary: "Cloudflare runs a network that makes web sites faster and safer. Alex Example heads its operations.",
    hook: "Cloudflare opened a new data centre.",
    sources: [],
  },
  message: { sender_name: "Sam Example", offer: "a monthly report of what changed at a company's suppliers" },
};

/** Different each time: what stands in a service's memory from an earlier check is no answer to this one. */
export const madeUpName = (): string => `check-${crypto.randomUUID()}`;
