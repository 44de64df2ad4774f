import type { IncidentHistory } from "../domain/incident.ts";
import { incidentView } from "../contract/breaker.ts";
import { happeningsOf } from "./incident-timeline.ts";
import { repeatedText } from "./repeated-job.ts";
import { sentence, whyOf } from "./why.ts";
import { duration } from "./duration.ts";

/**
 * A post-mortem of one stop as a Markdown file. What services and people wrote stands in code spans, where nothing of it
 * is a link, a heading or HTML.
 */
export function incidentMarkdown(history: IncidentHistory): string {
  const incident = incidentView(history.incident);
  const { job_id: job, campaign_id: campaign } = incident.reason;
  const { openedAt, closedAt } = history.incident;
  const facts = [
    `Opened: ${incident.opened_at} by ${codeSpan(incident.opened_by)}`,
    `Why: ${whyOf(incident.reason, incident.opened_by, codeSpan)}`,
    ...(job === null ? [] : [`Set off by: job ${job}${campaign === null ? "" : ` of campaign ${campaign}`}`]),
    ...(history.repeatedJob === null ? [] : [`${repeatedText(history.repeatedJob)}.`]),
    `Later faults of the same stop: ${incident.reason.followers}`,
    closedAt === null || incident.closed_by === null
      ? "Closed: not yet"
      : `Closed: ${incident.closed_at} by ${codeSpan(incident.closed_by)}, after ${duration(closedAt - openedAt)}`,
    ...(incident.note === null ? [] : [`Note: ${codeSpan(incident.note)}`]),
  ];
  const events = happeningsOf(history).map((each) => `${each.at}: ${sentence(each, codeSpan)}`);
  return [`# Incident ${incident.id}`, list(facts), "## Timeline", list(events)].join("\n\n").concat("\n");
}

const list = (items: string[]): string => items.map((item) => `- ${item}`).join("\n");

/** A fence longer than any run of backticks inside; one line, because an empty one would end the span. */
function codeSpan(words: string): string {
  // eslint-disable-next-line no-control-regex
  const line = words.replace(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/gu, " ").trim();
  if (line === "") return "(nothing)";
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}
