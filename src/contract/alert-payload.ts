import { z } from "zod";
import { ALERT_EVENTS, type AlertFact, type AlertKind, type FailingCampaign, TEST_EVENT } from "../domain/alert.ts";
import { type Incident, type Reason, reasonText } from "../domain/breaker.ts";
import { PROVIDERS, STOP_KINDS } from "../domain/fault.ts";
import { withFullStop } from "../domain/full-stop.ts";
import { waitsForText } from "../domain/stalled.ts";
import type { JobStatus } from "../domain/job.ts";
import { Sweep, sweepView } from "./breaker.ts";
import { Failing, failingView, JobCounts } from "./campaigns.ts";
import { Id, Time, time, timeOrNull } from "./common.ts";

/** What a webhook receives. */
export const AlertPayload = z.object({
  type: z.enum([...ALERT_EVENTS, TEST_EVENT]),
  timestamp: Time.describe("When it happened, which may be long before it arrives."),
  data: z.object({
    incident_id: Id.nullable(),
    epoch: z.int(),
    state: z.enum(["open", "closed"]),
    reason: z
      .object({
        source: z.enum(["provider", "operator", "platform"]),
        provider: z.enum(PROVIDERS).nullable(),
        kind: z.enum(STOP_KINDS).nullable(),
        http_status: z.int().nullable(),
        message: z.string(),
      })
      .nullable(),
    opened_at: Time.nullable(),
    closed_at: Time.nullable(),
    closed_by: z.string().nullable(),
    note: z.string().nullable(),
    job_counts: JobCounts.optional(),
    sweep: Sweep.optional(),
    campaign: z.object({ id: Id, name: z.string() }).optional().describe("Only of `campaign.failing`."),
    failing: Failing.optional().describe("Only of `campaign.failing`: what its last leads had in common."),
    stalled: z
      .object({
        since: Time,
        unfinished: z.int(),
        waits_for: z.string().describe("`database`, `queue`, `lease`, or `throttle` and the name of the rate."),
      })
      .optional()
      .describe("Only of `line.stalled`: since when nothing has ended, and what the unfinished jobs wait for."),
    console_path: z.string(),
    console_url: z.string().nullable().describe("The same with its host; null where CONSOLE_ORIGIN is not set."),
  }),
});
export type AlertPayload = z.infer<typeof AlertPayload>;

type Counts = Record<JobStatus, number> | null;

/**
 * The body of the request that tells a target of this kind. It is stored, so that every attempt sends the same.
 * `origin`: where the console is, like https://andon.example; "" where nobody has said it.
 */
export function alertBody(kind: AlertKind, fact: AlertFact, counts: Counts, origin: string): string {
  switch (kind) {
    case "webhook":
      return JSON.stringify(alertPayload(fact, counts, origin));
    case "slack":
      return JSON.stringify({ text: slackText(fact, origin) });
  }
}

function alertPayload(fact: AlertFact, counts: Counts, origin: string): AlertPayload {
  const { event, at, epoch, state, incident, sweep, failing, stall } = fact;
  const path = consolePath(fact);
  return {
    type: event,
    timestamp: time(at),
    data: {
      incident_id: incident?.id ?? null,
      epoch,
      state,
      reason: incident && reasonOf(incident.reason),
      opened_at: timeOrNull(incident?.openedAt ?? null),
      closed_at: timeOrNull(incident?.closedAt ?? null),
      closed_by: incident?.closedBy ?? null,
      note: incident?.note ?? null,
      ...(counts && { job_counts: counts }),
      ...(sweep && { sweep: sweepView(sweep) }),
      ...(failing && {
        campaign: { id: failing.campaignId, name: failing.name },
        failing: failingView(failing),
      }),
      ...(stall && {
        stalled: { since: time(stall.since), unfinished: stall.unfinished, waits_for: stall.waitsFor },
      }),
      console_path: path,
      console_url: origin === "" ? null : origin + path,
    },
  };
}

function consolePath({ incident, failing }: AlertFact): string {
  if (failing) return `/console/campaigns/${failing.campaignId}`;
  return incident ? `/console/incidents/${incident.id}` : "/console";
}

function reasonOf(reason: Reason): AlertPayload["data"]["reason"] {
  switch (reason.source) {
    case "operator":
      return { source: "operator", provider: null, kind: null, http_status: null, message: reason.message };
    case "provider":
    case "platform": {
      const { source, provider, kind, httpStatus, message } = reason;
      return { source, provider, kind, http_status: httpStatus, message };
    }
  }
}

/** When it happened, which may be long before it is read: alerts of an outage arrive in any order. */
const slackText = (fact: AlertFact, origin: string) =>
  `[${time(fact.at).slice(0, 16).replace("T", " ")} UTC] ${slackSentence(fact, origin)}`;

/** What to do before the close. */
const FIRST: Record<Reason["source"], string> = {
  operator: "When the reason is gone",
  provider: "Mend the cause, check the service, then",
  platform: "Do that, then",
};

/** What happened, and what to do about it. */
function slackSentence(fact: AlertFact, origin: string): string {
  const { event, at, incident, sweep, failing, stall } = fact;
  const why = incident ? whyOf(incident) : "";
  const todo = `${incident ? FIRST[incident.reason.source] : "Then"} close the breaker: ${origin}${consolePath(fact)}`;
  switch (event) {
    case "breaker.opened":
      return `The line stopped. ${why} Every job is paused; nothing is lost. ${todo}`;
    case "breaker.reopened":
      return `The line stopped again, before the resume after the last close had ended. ${why} Every job is paused; nothing is lost. ${todo}`;
    case "breaker.still_open":
      return `The line has been stopped for ${howLong(at - (incident?.openedAt ?? at))}. ${why} Nobody has closed the breaker. ${todo}`;
    case "breaker.closed": {
      const note = incident?.note ? ` (${escaped(incident.note)})` : "";
      return `${escaped(incident?.closedBy ?? "An operator")} closed the breaker${note}. The paused jobs are being queued again; there is nothing to do.`;
    }
    case "resume.finished":
      return sweep && sweep.failed > 0
        ? `The line runs again: ${jobsWere(sweep.done)} queued again, and ${sweep.failed} could not be. Retry those by hand: they are the jobs with status FAILED.`
        : `The line runs again: ${jobsWere(sweep?.done ?? 0)} queued again. There is nothing to do.`;
    case "campaign.failing":
      return `${failing ? failingText(failing) : "A campaign fails."} Nothing stops by itself: the line runs on, leads that were pushed stay pushed, and each failed lead can be retried by hand. Look at one of them and mend the cause; if it lies in the campaign, cancel its search, so that no more people are paid for: ${origin}${consolePath(fact)}`;
    case "line.stalled":
      return `Nothing has ended for ${howLong(at - (stall?.since ?? at))}, although ${jobsAre(stall?.unfinished ?? 0)} unfinished and the breaker is closed. They wait for ${waitsForText(stall?.waitsFor ?? "queue")}. Nothing is lost, and nobody is told again until something moves. Look at the log and at ${origin}${consolePath(fact)}`;
    case "alert.test":
      return "This is a test of Andon's alerts. Nothing has happened; there is nothing to do.";
  }
}

const failingText = ({ name, count, reason }: FailingCampaign) =>
  withFullStop(
    `The last ${count} leads of the campaign “${escaped(name)}” all failed for one reason: ${escaped(reason)}`,
  );

const jobsAre = (count: number) => (count === 1 ? "1 job is" : `${count} jobs are`);
const jobsWere = (count: number) => (count === 1 ? "1 job was" : `${count} jobs were`);

function whyOf({ reason, openedBy }: Incident): string {
  switch (reason.source) {
    case "operator":
      return withFullStop(`${escaped(openedBy)} stopped it by hand: ${escaped(reason.message)}`);
    case "provider":
    case "platform":
      return withFullStop(escaped(reasonText(reason)));
  }
}

function howLong(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 2) return "a minute";
  if (minutes < 120) return `${minutes} minutes`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Slack reads these three as marks of its own: a service's words must not call a whole channel. */
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
