import type { z } from "zod";
import { time } from "../contract/common.ts";
import type { JobEvent, JobTimeline } from "../contract/job-timeline.ts";
import type { JobRow } from "../contract/jobs.ts";
import { type Incident, reasonText } from "../domain/breaker.ts";
import { FAULT_KINDS } from "../domain/fault.ts";
import type { JobHistory, PastAttempt, PastCommand } from "../domain/job.ts";

/** What became of a job, from its own history and the line's latest stops. */
export function jobTimeline(job: JobRow, history: JobHistory, incidents: Incident[]): z.infer<typeof JobTimeline> {
  const last = history.findLast((past) => !("command" in past));
  const until = job.finishedAt ?? Infinity;
  const during = (at: number | null): at is number => at !== null && at >= job.createdAt && at <= until;
  const stops = incidents.flatMap(({ id, openedAt, reason, closedAt, closedBy }): JobEvent[] => [
    ...(during(openedAt)
      ? [
          {
            kind: "line_stopped" as const,
            at: time(openedAt),
            incident_id: id,
            text: `The line stopped: ${reasonText(reason)}`,
          },
        ]
      : []),
    ...(during(closedAt)
      ? [
          {
            kind: "line_started" as const,
            at: time(closedAt),
            incident_id: id,
            text: `${closedBy} started the line again.`,
          },
        ]
      : []),
  ]);
  const events: JobEvent[] = [
    { kind: "created", at: time(job.createdAt), text: "The job was made." },
    ...history.map((past) => ("command" in past ? commandEvent(past) : attemptEvent(past, job, past === last))),
    ...stops,
    ...(job.finishedAt === null
      ? []
      : [{ kind: "finished" as const, at: time(job.finishedAt), text: `The job is ${job.status}.` }]),
  ];
  // What began the job and what ended it stay the first and the last of the same millisecond.
  const rank = ({ kind }: JobEvent) => (kind === "created" ? 0 : kind === "finished" ? 2 : 1);
  return { job_id: job.id, events: events.toSorted((a, b) => a.at.localeCompare(b.at) || rank(a) - rank(b)) };
}

const commandEvent = ({ command, at, by }: PastCommand): JobEvent => ({
  kind: command,
  at: time(at),
  by,
  text: `${by} ${command} the job.`,
});

function attemptEvent(attempt: PastAttempt, job: JobRow, isLast: boolean): JobEvent {
  const { dispatch, at, endedAt, end, calls = [], more = 0 } = attempt;
  return {
    kind: "attempt",
    at: time(at),
    dispatch,
    ended_at: endedAt === undefined ? null : time(endedAt),
    end: end ?? null,
    calls: calls.map((call) => ({ ...call, at: time(call.at) })),
    earlier_calls: more,
    text: attemptText(attempt, isLast ? job.status : null),
  };
}

const ENDS: Record<string, string> = {
  COMPLETED: "finished the job",
  FAILED: "failed",
  PAUSED: "stopped, because the line had stopped or a resume was under way",
  PENDING: "handed the job to a new message",
};

/** `standing` is the job's status, for its last attempt. */
function attemptText({ end, calls = [], more = 0 }: PastAttempt, standing: JobRow["status"] | null): string {
  const count = calls.length + more;
  if (end !== undefined) {
    const made = `An attempt made ${count === 1 ? "one call" : `${count} calls`}`;
    const failed = calls.find(({ outcome }) => FAULT_KINDS.some((kind) => kind === outcome));
    if (end === "PAUSED" && failed) return `${made} and stopped, because ${failed.provider} failed.`;
    return `${made} and ${ENDS[end] ?? end}.`;
  }
  if (standing === "RUNNING") return "An attempt is under way.";
  if (standing === "CANCELLED")
    return "An attempt was under way when the job was cancelled; its last call may still have been kept.";
  if (standing === "PAUSED") return "An attempt is finishing the call that it had made when the line stopped.";
  return "An attempt began and was heard of no more: its process died, and the watchdog took the job back.";
}
