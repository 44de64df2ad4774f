import type { Outcome, SandboxFault } from "../src/contract/sandbox.ts";
import type { SenderRequest, SenderResult } from "./sender.ts";

/** A request as a provider sees it. */
export interface Call {
  method: string;
  url: URL;
  headers: Headers;
  body: string;
  /** When it arrived, in ms since the epoch. */
  atMs: number;
}

export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

/** One subject of a call: a ledger row, as it will be if nothing goes wrong. */
export interface Entry {
  subject: string;
  outcome: "ok" | "not_found" | "cut_text" | "no_message";
  costUsd: number;
}

type Plan =
  | { do: "answer"; reply: () => Reply }
  /** Instantly's answers depend on the campaigns and leads that it holds. `usual`: what it says if all goes well. */
  | { do: "ask_sender"; request: SenderRequest; usual: SenderResult; reply: (result: SenderResult) => Reply }
  | { do: "refuse"; outcome: Outcome; reply: Reply };

/** Faults that a provider answers alike to every call, if the call has no answer of its own. */
const PLAIN = ["server_error", "rate_limited", "unauthorized", "out_of_credit", "malformed"] as const;
export type PlainFault = (typeof PLAIN)[number];
/** Faults that are shown without words of the provider. */
const WORDLESS = ["timeout", "timeout_after_effect", "connection_reset", "broken_utf8"] as const;
type Wordless = (typeof WORDLESS)[number];
/** Faults that only some calls can show, each in its own way. */
export type SpecialFault = Exclude<SandboxFault, PlainFault | Wordless>;

/** The answers to this very call that show a fault. */
export type OwnFaults = { [Kind in SpecialFault | PlainFault]?: () => Reply };

/** What a provider makes of a request before anything has happened. */
export interface Reading {
  entries: Entry[];
  /** The call costs money or changes something, so that doing it twice for a subject matters. */
  paid: boolean;
  plan: Plan;
  faults: OwnFaults;
}

/** One provider, without its memory: pure functions of the request. */
export interface StandIn {
  /** Null for a path that the sandbox does not know. */
  read(call: Call): Reading | null;
  /** `subject`: whom the call is about. The same one gets the same words. */
  faulty(kind: PlainFault, subject: string): Reply;
}

export function needsOwnAnswer(kind: SandboxFault): kind is SpecialFault {
  return ![...PLAIN, ...WORDLESS].some((each) => each === kind);
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(value) };
}

export function plainText(status: number, body: string): Reply {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body };
}

/** The same object without these fields. */
export function without(value: object, ...names: string[]): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

/** A gateway's page, cut off, under the name of JSON. */
export const MALFORMED: Reply = {
  status: 200,
  headers: { "content-type": "application/json" },
  body: "<!DOCTYPE html><html><head><title>Please wa",
};

export function free(subjects: string[]): Entry[] {
  return subjects.map((subject) => ({ subject, outcome: "ok", costUsd: 0 }));
}

export function checked(reply: () => Reply, faults: OwnFaults): Reading {
  return { entries: free(["check"]), paid: false, plan: { do: "answer", reply }, faults };
}

/** The provider says no to the request itself. */
export function refused(subjects: string[], outcome: Outcome, reply: Reply, faults: OwnFaults = {}): Reading {
  return { entries: free(subjects), paid: false, plan: { do: "refuse", outcome, reply }, faults };
}

/** Without a key, whatever the request was, it ends here. */
export function authorised(reading: Reading, hasKey: boolean, unauthorized: Reply): Reading {
  if (hasKey) return reading;
  return { ...reading, plan: { do: "refuse", outcome: "unauthorized", reply: unauthorized }, faults: {} };
}

export function hasBearer(headers: Headers): boolean {
  return /^Bearer \S+$/i.test(headers.get("authorization") ?? "");
}

/** Undefined for text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The subject of a request that names none. */
export const UNREADABLE = "unreadable";
