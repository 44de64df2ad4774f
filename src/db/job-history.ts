import { type AttemptCall, CALLS_KEPT, EVENTS_KEPT, type PastCommand } from "../domain/job.ts";

/** A job's history with one event more, and without the oldest when there are too many. */
const remembering = (event: string) => `json_insert(CASE
  WHEN json_array_length(jobs.history) >= ${EVENTS_KEPT} THEN json_remove(jobs.history, '$[0]')
  ELSE coalesce(jobs.history, '[]') END, '$[#]', ${event})`;
/** Of a job whose attempt begins, of one that a person takes in hand, and of one whose last attempt ends. */
export const BEGUN = remembering("json_object('dispatch', jobs.dispatch, 'at', :now)");
export const commanded = (command: PastCommand["command"]) =>
  remembering(`json_object('command', '${command}', 'at', :now, 'by', :by)`);
export const ended = (becomes: string) => `json_set(jobs.history, '$[#-1].endedAt', :now, '$[#-1].end', ${becomes},
  '$[#-1].calls', m.value -> 'calls', '$[#-1].more', m.value -> 'more')`;

/** An attempt's calls as its end keeps them. */
export const remembered = (calls: AttemptCall[]) => ({
  calls: calls.slice(-CALLS_KEPT),
  more: Math.max(0, calls.length - CALLS_KEPT),
});
