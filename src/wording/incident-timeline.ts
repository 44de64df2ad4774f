import type { Follower, Incident } from "../domain/breaker.ts";
import { checkBeforeClose, provesFailedCall } from "../domain/check.ts";
import type { IncidentHistory } from "../domain/incident.ts";
import type { Sweep } from "../domain/sweep.ts";
import { checkResultView, checkView, incidentView } from "../contract/breaker.ts";
import { time } from "../contract/common.ts";
import { repeatedJobView } from "../contract/repeated-job.ts";
import type { Happening, TimelineEvent } from "../contract/timeline.ts";
import { sentence } from "./why.ts";

/** More followers than these are shown by service and kind, not one by one. */
const FOLLOWERS_SHOWN = 10;

/** What happened during one stop, in the order of time, each with a sentence for a person. */
export function incidentTimeline(history: IncidentHistory): TimelineEvent[] {
  return happeningsOf(history).map((each) => ({ ...each, text: sentence(each) }) as TimelineEvent);
}

/** The same, not yet in words. Things of the same instant stand in the order in which they cause each other. */
export function happeningsOf(history: IncidentHistory): Happening[] {
  const { incident, followers, sweeps, checks, paces, closing, next } = history;
  const { openedAt, openedBy: by } = incident;
  const repeated_job = repeatedJobView(history.repeatedJob);
  const pause = sweeps.find((sweep) => sweep.kind === "pause");
  const resume = sweeps.find((sweep) => sweep.kind === "resume");
  const happenings: Happening[] = [
    { kind: "opened", at: time(openedAt), by, reason: incidentView(incident).reason, repeated_job },
    ...faultsAfter(incident, followers),
    ...checks.map((check) => ({
      kind: "check" as const,
      at: time(check.at),
      by: check.by,
      provider: check.provider,
      ...checkResultView(check),
    })),
    ...(pause ? [{ kind: "pause" as const, ...swept(pause) }] : []),
    ...closeOf(incident, closing),
    ...paces.map(({ at, by, pace }) => ({ kind: "pace" as const, at: time(at), by, pace_per_second: pace })),
    ...(resume ? [{ kind: "resume" as const, ...swept(resume), beyond_pause: beyondPause(pause, resume) }] : []),
    ...(next && resume?.state === "superseded" ? [reopenedBy(next)] : []),
  ];
  // ISO times of one length sort as text, and the sort leaves equals in place.
  return happenings.toSorted((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
}

function faultsAfter(incident: Incident, followers: Follower[]): Happening[] {
  const groups = new Map<string, Follower[]>();
  for (const [i, follower] of followers.entries()) {
    const { provider, kind, httpStatus } = follower;
    const key = followers.length <= FOLLOWERS_SHOWN ? String(i) : `${provider} ${kind} ${httpStatus}`;
    const group = groups.get(key);
    if (group) group.push(follower);
    else groups.set(key, [follower]);
  }
  const shown = [...groups.values()].flatMap((group): Happening[] => {
    const [first, last] = [group[0], group.at(-1)];
    if (!first || !last) return [];
    const { provider, kind: fault_kind, httpStatus: http_status, message } = first;
    const fault = { provider, fault_kind, http_status, message };
    return [{ kind: "follower", at: time(first.at), last_at: time(last.at), count: group.length, ...fault }];
  });
  const lastKept = followers.at(-1);
  const count = incident.followers - followers.length;
  if (!lastKept || count <= 0) return shown;
  const at = time(lastKept.at);
  const uncounted = { provider: null, fault_kind: null, http_status: null, message: null };
  return [...shown, { kind: "follower", at, last_at: at, count, ...uncounted }];
}

const swept = ({ state, done, failed, total, startedAt, finishedAt }: Sweep) => ({
  at: time(finishedAt ?? startedAt),
  state,
  done,
  failed,
  total,
});

/** How many more jobs a resume queued than the pause before it had counted. */
function beyondPause(pause: Sweep | undefined, resume: Sweep): number {
  return pause?.state === "done" && resume.state === "done" ? Math.max(0, resume.done + resume.failed - pause.done) : 0;
}

function closeOf(incident: Incident, closing: IncidentHistory["closing"]): Happening[] {
  const { closedAt, closedBy, note } = incident;
  if (closedAt === null || closedBy === null) return [];
  const check_before_close = closing ? checkBeforeClose(incident, closing.check) : ("unknown" as const);
  const check = closing?.check ? checkView(closing.check) : null;
  const proven = provesFailedCall(incident.reason, closing?.check?.proves ?? []);
  return [{ kind: "closed", at: time(closedAt), by: closedBy, note, check_before_close, check, proven }];
}

function reopenedBy(next: Incident): Happening {
  const { id, opened_at: at, opened_by: by, reason } = incidentView(next);
  return { kind: "reopened", at, by, incident_id: id, reason };
}
