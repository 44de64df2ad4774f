import type { z } from "zod";
import { withFullStop } from "../domain/full-stop.ts";
import type { BreakerReason } from "../contract/breaker.ts";
import { provenText, usdText } from "./check.ts";
import { repeatedText } from "./repeated-job.ts";
import type { Happening } from "../contract/timeline.ts";

/** Marks what services and people wrote, so that no reader takes it for ours. */
export type Quote = (words: string) => string;

const asItIs: Quote = (words) => words;

/** One sentence for a person. */
export function sentence(happening: Happening, quote: Quote = asItIs): string {
  switch (happening.kind) {
    case "opened":
      return opened(happening, quote);
    case "follower":
      return followed(happening, quote);
    case "check":
      return checked(happening, quote);
    case "pause":
      return paused(happening);
    case "closed":
      return closed(happening, quote);
    case "pace":
      return paced(happening, quote);
    case "resume":
      return resumed(happening);
    case "reopened":
      return `The line stopped again before all were queued (incident ${happening.incident_id}). ${whyOf(happening.reason, happening.by, quote)}`;
  }
}

type Of<Kind extends Happening["kind"]> = Extract<Happening, { kind: Kind }>;

/** Who or what stopped the line, and with what words. */
export function whyOf(reason: z.infer<typeof BreakerReason>, by: string, quote: Quote): string {
  if (reason.source === "operator") return `${quote(by)} stopped the line: ${said(reason.message, quote)}`;
  if (reason.source === "platform") return `Andon stopped the line (${reason.kind}): ${said(reason.message, quote)}`;
  return `${reason.provider} failed (${faultOf(reason.kind, reason.http_status)}): ${said(reason.message, quote)}`;
}

function opened({ reason, by, repeated_job: repeated }: Of<"opened">, quote: Quote): string {
  const why = whyOf(reason, by, quote);
  return repeated === null ? why : `${why} ${repeatedText(repeated)}.`;
}

/** Others' words at the end of a sentence of ours. */
const said = (words: string, quote: Quote): string => withFullStop(quote(words));

const faultOf = (kind: string | null, status: number | null): string =>
  [kind ?? "refused", ...(status === null ? [] : [`HTTP ${status}`])].join(", ");

function followed({ count, provider, fault_kind, http_status, message, last_at }: Of<"follower">, quote: Quote) {
  if (message === null) return `${count} later faults more were counted, without their words.`;
  const what = `${provider ?? "Andon's database"} failed (${faultOf(fault_kind, http_status)})`;
  const words = `: ${said(message, quote)}`;
  return count === 1 ? `Then ${what}${words}` : `Then ${count} times until ${last_at}, ${what}; at first${words}`;
}

function checked({ by, provider, ok, proves, paid, cost_usd, latency_ms, error }: Of<"check">, quote: Quote) {
  const how = paid ? ` with a real call (${usdText(cost_usd)})` : "";
  const act = `${quote(by)} checked ${provider}${how}`;
  if (!ok && error !== null)
    return `${act}: it failed (${faultOf(error.kind, error.http_status)}): ${said(error.message, quote)}`;
  const proven = provenText(provider, proves);
  return `${act}: it answered well in ${latency_ms} ms${proven === null ? "" : `, which proves that it ${proven}`}.`;
}

function paused({ state, done, total }: Of<"pause">): string {
  switch (state) {
    case "running":
      return `Pausing began; ${done} of about ${total} jobs are paused.`;
    case "done":
      return `All ${done} unfinished jobs were paused.`;
    case "superseded":
      return `The pause was not over when the line was closed; ${done} jobs were paused, the last of them after that.`;
  }
}

function closed({ by, note, check_before_close, check, proven }: Of<"closed">, quote: Quote): string {
  const act = `${quote(by)} closed the breaker${note === null ? "." : `: ${said(note, quote)}`}`;
  const checked = check && `${check.at} by ${quote(check.by)}`;
  switch (check_before_close) {
    case "ok":
      return `${act} The failed service had answered well to the last check (${checked}), which ${proven ? "had proven" : "had not proven"} that the failed call goes well again.`;
    case "failed":
      return `${act} The failed service had failed its last check (${checked}).`;
    case "none":
      return `${act} Nobody had checked the failed service since it failed.`;
    case "not_needed":
      return `${act} No service had failed, so none had to be checked.`;
    case "unknown":
      return `${act} Whether the failed service had been checked is not known.`;
  }
}

const paced = ({ by, pace_per_second: pace }: Of<"pace">, quote: Quote): string =>
  pace === null
    ? `${quote(by)} let all that still waited go at once.`
    : `${quote(by)} set the pace to ${pace} ${pace === 1 ? "job" : "jobs"} a second.`;

function resumed({ state, done, failed, total, beyond_pause: more }: Of<"resume">): string {
  const lost = failed === 0 ? "" : ` ${failed} could not be queued and can be retried by hand.`;
  switch (state) {
    case "running":
      return `Queueing the paused jobs again began; ${done} of about ${total} are queued.${lost}`;
    case "done":
      return `All ${done} paused jobs were queued again${more === 0 ? "" : `, ${more} more than the pause had counted: they were made while the line stood`}.${lost}`;
    case "superseded":
      return `Queueing again ended before its time, with ${done} of about ${total} jobs.${lost}`;
  }
}
