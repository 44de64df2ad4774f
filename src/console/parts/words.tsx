import type { z } from "zod";
import type { BreakerReason, MadeCheck } from "../../contract/breaker.ts";
import { usdText } from "../../wording/check.ts";
import type { AlertEvent } from "../../domain/alert.ts";
import type { Provider, StopKind } from "../../domain/fault.ts";
import { duration } from "../../wording/duration.ts";

/** How the console says things. */

export const PROVIDER_NAMES: Record<Provider, string> = {
  apollo: "Apollo",
  millionverifier: "MillionVerifier",
  perplexity: "Perplexity",
  openai: "OpenAI",
  instantly: "Instantly",
};

export const PROVIDER_WORK: Record<Provider, string> = {
  apollo: "finds people",
  millionverifier: "checks addresses",
  perplexity: "researches",
  openai: "writes messages",
  instantly: "sends",
};

/** As a sentence goes on after the name of what failed. */
export const KIND_WORDS: Record<StopKind, string> = {
  unreachable: "could not be reached",
  timeout: "did not answer in time",
  server_error: "reported an error of its own",
  unauthorized: "refused our key",
  out_of_credit: "says that our credit is used up",
  rate_limited: "says that we call too often",
  malformed: "gave an answer that makes no sense",
  storage_full: "is full",
  storage_failed: "cannot be worked with",
  restored: "was taken back to an earlier moment",
};

/** What stopped the line, without the words that came with it. */
export function causeText({ provider, kind, http_status: status }: z.infer<typeof BreakerReason>, by: string | null) {
  if (kind === null) return `${by} stopped it by hand`;
  const what = provider === null ? "Andon's own database" : PROVIDER_NAMES[provider];
  return `${what} ${KIND_WORDS[kind]}${status === null ? "" : ` (HTTP ${status})`}`;
}

export const STEP_WORDS: Record<string, string> = {
  search: "find people",
  reveal: "reveal addresses",
  verify: "check the address",
  research: "research",
  write: "write the message",
  push: "hand to the sender",
  delete: "delete old rows",
};

export const EVENT_WORDS: Record<AlertEvent, string> = {
  "breaker.opened": "the line stopped",
  "breaker.reopened": "it stopped again during a resume",
  "breaker.still_open": "it is still stopped",
  "breaker.closed": "somebody closed the breaker",
  "resume.finished": "all paused jobs are queued again",
  "campaign.failing": "a campaign's last leads all failed for one reason",
  "line.stalled": "nothing moves although it should",
  "alert.test": "a test",
};

/** How many jobs stand before which step. A job may have done all its steps, and only wait to be told so. */
export function stepsText(steps: { step: string; count: number }[], total: number): string {
  const rest = total - steps.reduce((sum, { count }) => sum + count, 0);
  const before = steps.map(({ step, count }) => `${number(count)} before “${STEP_WORDS[step] ?? step}”`);
  return [...before, ...(rest > 0 ? [`${number(rest)} finishing`] : [])].join(", ");
}

const NUMBER = new Intl.NumberFormat("en");
export const number = (value: number) => NUMBER.format(value);
export const plural = (count: number, one: string, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

/** Goes on after "queued again and" as well as alone. */
export const goOn = (count: number, where = "stopped") =>
  count === 1 ? `1 job goes on where it ${where}` : `${number(count)} jobs go on where they ${where}`;

/** The beginning of a long text; the whole is a look away. */
export const Short = ({ text }: { text: string }) => (
  <span class="short" title={text}>
    {text}
  </span>
);

/** A time as text in UTC, and how long ago that was. */
export function When({ at, ago = true }: { at: string | null; ago?: boolean }) {
  if (at === null) return <span class="quiet">–</span>;
  const text = `${at.slice(0, 10)} ${at.slice(11, 19)}`;
  return (
    <time datetime={at} title={`${at.replace("T", " ").replace("Z", "")} UTC`}>
      {text}
      {ago ? <span class="quiet"> · {duration(Date.now() - Date.parse(at))} ago</span> : null}
    </time>
  );
}

/** `like`: the job status whose colour it has. */
export const Status = ({ status, like = status }: { status: string; like?: string }) => (
  <span class={`status ${like.toLowerCase()}`}>{status}</span>
);

/** What was shown, in one word: that a service answers does not show that it works. */
function standing({ ok, proves }: z.infer<typeof MadeCheck>) {
  if (!ok) return { status: "fails", like: "FAILED" };
  return proves.includes("work") ? { status: "works", like: "COMPLETED" } : { status: "answers", like: "PENDING" };
}

/** What a test of a service showed, and when that was. */
export const CheckText = ({ check }: { check: z.infer<typeof MadeCheck> }) => (
  <>
    <Status {...standing(check)} /> {check.paid ? "tested with a real call" : "tested"} by {check.by},{" "}
    <When at={check.at} />, {number(check.latency_ms)} ms{check.paid ? `, ${usdText(check.cost_usd)}` : ""}
    {check.error ? <>: {check.error.message}</> : null}
  </>
);

export const Id = ({ id, href }: { id: string; href: string }) => (
  <a href={href} class="id" title={id}>
    …{id.slice(-8)}
  </a>
);
