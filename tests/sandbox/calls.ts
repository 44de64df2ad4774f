import { providerAt, STAND_INS } from "../../sandbox/hosts.ts";
import { replyTo } from "../../sandbox/reply.ts";
import type { SenderResult } from "../../sandbox/sender.ts";
import type { Reading } from "../../sandbox/stand-in.ts";
import type { Show } from "../../sandbox/admission.ts";

interface Told {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Any of the documented keys, wherever the provider looks for it. */
export const WITH_KEY = { authorization: "Bearer key", "x-api-key": "key" };

export function read(address: string, { method = "GET", body, headers = WITH_KEY }: Told = {}): Reading {
  const url = new URL(address);
  const provider = providerAt(url.host);
  const text = typeof body === "string" ? body : JSON.stringify(body ?? "");
  const call = { method, url, headers: new Headers(headers), body: text, atMs: 1_790_000_000_000 };
  const reading = provider && STAND_INS[provider].read(call);
  if (!reading) throw new Error(`the sandbox does not know ${method} ${address}`);
  return reading;
}

/** The answer's status, and its body: parsed where it is JSON. */
export function answerTo(address: string, told: Told & { show?: Show; result?: SenderResult } = {}) {
  const reading = read(address, told);
  const provider = providerAt(new URL(address).host);
  if (provider === null) throw new Error("no such provider");
  const show = told.show ?? (reading.plan.do === "refuse" ? "refusal" : "answer");
  const usual = reading.plan.do === "ask_sender" ? reading.plan.usual : null;
  const reply = replyTo(STAND_INS[provider], reading, { show, result: told.result ?? usual });
  return { status: reply.status, headers: reply.headers, body: parsed(reply.body) };
}

function parsed(body: string | Uint8Array): any {
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
