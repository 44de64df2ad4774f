import { failingView } from "../contract/campaigns.ts";
import { sweepView } from "../contract/breaker.ts";
import type { AlertPayload } from "../contract/alert-payload.ts";
import { time, timeOrNull } from "../contract/common.ts";
import type { AlertFact, AlertKind, FailingCampaign } from "../domain/alert.ts";
import { type Incident, type Reason, reasonText } from "../domain/breaker.ts";
import { withFullStop } from "../domain/full-stop.ts";
import type { JobStatus } from "../domain/job.ts";
import type { WaitsFor } from "../domain/stalled.ts";
import { duration } from "./duration.ts";

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
      return `The line has been stopped for ${duration(at - (incident?.openedAt ?? at))}. ${why} Nobody has closed the breaker. ${todo}`;
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
      return `Nothing has ended for ${duration(at - (stall?.since ?? at))}, although ${jobsAre(stall?.unfinished ?? 0)} unfinished and the breaker is closed. They wait for ${waitsForText(stall?.waitsFor ?? "queue")}. Nothing is lost, and nobody is told again until something moves. Look at the log and at ${origin}${consolePath(fact)}`;
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

/** Slack reads these three as marks of its own: a service's words must not call a whole channel. */
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const WAITS: Record<string, string> = {
  database: "the database, which does not answer",
  queue: "messages that the queues do not deliver",
  lease: "attempts that hold their jobs and do not end",
};

const waitsForText = (waitsFor: WaitsFor): string =>
  WAITS[waitsFor] ?? `a permit of ${waitsFor.replace("throttle ", "")}, whose next slot is far away`;
