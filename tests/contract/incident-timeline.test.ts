import { describe, expect, test } from "vitest";
import { incidentTimeline } from "../../src/wording/incident-timeline.ts";
import { incidentMarkdown } from "../../src/wording/incident-markdown.ts";
import { TimelineEvent } from "../../src/contract/timeline.ts";
import type { IncidentHistory } from "../../src/domain/incident.ts";
import {
  aCheck,
  aFollower,
  after,
  aHistory,
  anIncident,
  aSweep,
  BY_HAND,
  closedIncident,
  iso,
  OPENED_AT,
} from "./histories.ts";

/** The events of a history; each has the documented shape and nothing more. */
function eventsOf(changes: Partial<IncidentHistory>) {
  const events = incidentTimeline(aHistory(changes));
  for (const event of events) expect(TimelineEvent.parse(event)).toStrictEqual(event);
  return events;
}
const textsOf = (changes: Partial<IncidentHistory>) => eventsOf(changes).map(({ text }) => text);
const lastOf = (changes: Partial<IncidentHistory>) => eventsOf(changes).at(-1);

describe("a timeline", () => {
  test("tells what happened in the order of time", () => {
    const failed = { ok: false, error: { kind: "timeout" as const, httpStatus: null, message: "no answer" } };
    const events = eventsOf({
      incident: closedIncident({ followers: 1 }),
      followers: [aFollower(2)],
      sweeps: [aSweep("pause"), aSweep("resume", { epoch: 2 })],
      checks: [aCheck(60, failed), aCheck(200)],
      closing: { check: aCheck(200) },
    });
    expect(events.map(({ kind, at }) => ({ kind, at }))).toEqual([
      { kind: "opened", at: iso(0) },
      { kind: "pause", at: iso(1) },
      { kind: "follower", at: iso(2) },
      { kind: "check", at: iso(60) },
      { kind: "check", at: iso(200) },
      { kind: "closed", at: iso(300) },
      { kind: "resume", at: iso(301) },
    ]);
    expect(events.map(({ text }) => text)).toEqual([
      "openai failed (server_error, HTTP 500): try later.",
      "All 7 unfinished jobs were paused.",
      "Then openai failed (timeout): no answer.",
      "bob checked openai: it failed (timeout): no answer.",
      "bob checked openai: it answered well in 12 ms, which proves that it answers and accepts the key.",
      `ada closed the breaker: mended. The failed service had answered well to the last check (${iso(200)} by bob), which had not proven that the failed call goes well again.`,
      "All 7 paused jobs were queued again.",
    ]);
  });

  test("of a stop by hand names who made it", () => {
    const incident = anIncident({ openedBy: "ada", reason: BY_HAND });
    expect(textsOf({ incident })).toEqual(["ada stopped the line: a look at the line."]);
  });

  test("leaves in the order of cause what happened in one instant", () => {
    const incident = closedIncident({ closedAt: OPENED_AT });
    const superseded = aSweep("pause", { state: "superseded", finishedAt: OPENED_AT });
    const kinds = eventsOf({ incident, sweeps: [superseded], checks: [aCheck(0)] }).map(({ kind }) => kind);
    expect(kinds).toEqual(["opened", "check", "pause", "closed"]);
  });
});

test("a resume tells of the jobs that were made after the pause had counted all", () => {
  const resumed = (pause: object, resume: object) => {
    const sweeps = [aSweep("pause", pause), aSweep("resume", { epoch: 2, ...resume })];
    return lastOf({ incident: closedIncident(), sweeps });
  };
  const more = resumed({ done: 7 }, { done: 9, failed: 1 });
  expect(more).toMatchObject({ kind: "resume", beyond_pause: 3 });
  expect(more?.text).toMatch(
    /^All 9 paused jobs were queued again, 3 more than the pause had counted: they were made while the line stood\. 1 could/,
  );
  expect(resumed({ done: 7 }, { done: 6 })).toMatchObject({
    beyond_pause: 0,
    text: "All 6 paused jobs were queued again.",
  });
  expect(resumed({ state: "superseded", done: 7 }, { done: 9 })).toMatchObject({ beyond_pause: 0 });
});

test("a check tells what it proves, and a real call what it cost", () => {
  const said = (changes: Parameters<typeof aCheck>[1]) => textsOf({ checks: [aCheck(9, changes)] }).at(-1);
  const all = { proves: ["reachable", "key", "credit", "work"] as const };
  expect(said({ ...all, proves: [...all.proves], paid: true, costUsd: 0.00213 })).toBe(
    "bob checked openai with a real call (0.0021 USD): it answered well in 12 ms, which proves that it answers, accepts the key, has credit left and writes messages.",
  );
  expect(said({ proves: [] })).toBe("bob checked openai: it answered well in 12 ms.");
});

test("a close tells whether the failed call had been proven to go well again", () => {
  const closed = (check: ReturnType<typeof aCheck>) => lastOf({ incident: closedIncident(), closing: { check } });
  const tried = closed(aCheck(9, { proves: ["reachable", "key", "credit", "work"], paid: true }));
  expect(tried).toMatchObject({ proven: true, check_before_close: "ok" });
  expect(tried?.text).toMatch(/, which had proven that the failed call goes well again\.$/);
  expect(closed(aCheck(9))).toMatchObject({ proven: false, check_before_close: "ok" });
});

test("a job that opened stop after stop is named with the opening, and in the file", () => {
  const history = { repeatedJob: { jobId: "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0009", stops: 3, of: 3 } };
  const [opened] = eventsOf(history);
  expect(opened).toMatchObject({ repeated_job: { job_id: history.repeatedJob.jobId, stops: 3, of: 3 } });
  expect(opened?.text).toBe(
    "openai failed (server_error, HTTP 500): try later. This job opened three of the last three stops.",
  );
  expect(incidentMarkdown(aHistory(history))).toContain("- This job opened three of the last three stops.");
});

describe("faults that followed", () => {
  test("are shown one by one while they are few", () => {
    const followers = Array.from({ length: 10 }, (_, i) => aFollower(i));
    const shown = eventsOf({ incident: anIncident({ followers: 10 }), followers }).slice(1);
    expect(shown.map((each) => each.kind === "follower" && each.count)).toEqual(Array.from({ length: 10 }, () => 1));
  });

  test("are grouped by service and kind when they are many, with how many and the first and last", () => {
    const followers = [
      ...Array.from({ length: 10 }, (_, i) => aFollower(i)),
      aFollower(3, { provider: "apollo", kind: "rate_limited", httpStatus: 429, message: "slow down" }),
      aFollower(90, { message: "the last" }),
    ];
    const shown = eventsOf({ incident: anIncident({ followers: 12 }), followers }).slice(1);
    expect(shown).toMatchObject([
      { kind: "follower", provider: "openai", count: 11, at: iso(0), last_at: iso(90), message: "no answer" },
      { kind: "follower", provider: "apollo", http_status: 429, count: 1, at: iso(3), last_at: iso(3) },
    ]);
    expect(shown[0]?.text).toBe(`Then 11 times until ${iso(90)}, openai failed (timeout); at first: no answer.`);
  });

  test("that were only counted are told with their number", () => {
    const counted = lastOf({ incident: anIncident({ followers: 5 }), followers: [aFollower(1), aFollower(2)] });
    expect(counted).toMatchObject({ kind: "follower", count: 3, provider: null, at: iso(2) });
  });
});

describe("a close", () => {
  const closed = (changes: Partial<IncidentHistory>) => lastOf({ incident: closedIncident(), ...changes });

  test("tells the check that preceded it, or that none did", () => {
    const failed = aCheck(9, { ok: false, error: { kind: null, httpStatus: null, message: "bad" } });
    expect(closed({ closing: { check: aCheck(9) } })).toMatchObject({ check_before_close: "ok", check: { by: "bob" } });
    expect(closed({ closing: { check: failed } })).toMatchObject({
      check_before_close: "failed",
      check: { ok: false },
    });
    expect(closed({ closing: { check: null } })).toMatchObject({ check_before_close: "none", check: null });
  });

  test("of a stop by hand needed no check", () => {
    const incident = closedIncident({ reason: BY_HAND });
    expect(closed({ incident, closing: { check: null } })).toMatchObject({ check_before_close: "not_needed" });
  });

  test("from before checks were remembered does not claim that none was made", () => {
    expect(closed({ closing: null })).toMatchObject({ check_before_close: "unknown", check: null });
  });
});

describe("a resume", () => {
  const incident = closedIncident();
  const next = anIncident({ id: "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0002", epoch: 3, openedAt: after(310) });

  test("that another stop cut short is followed by that stop", () => {
    const counts = { total: 9, done: 4, failed: 1 };
    const resume = aSweep("resume", { state: "superseded", ...counts, finishedAt: after(310) });
    const [cut, again] = eventsOf({ incident, sweeps: [resume], next }).slice(-2);
    expect(cut).toMatchObject({ kind: "resume", state: "superseded", ...counts });
    expect(again).toMatchObject({ kind: "reopened", at: iso(310), by: "openai", incident_id: next.id });
  });

  test("that ended is not followed by a later stop", () => {
    expect(eventsOf({ incident, sweeps: [aSweep("resume")], next }).at(-1)?.kind).toBe("resume");
  });

  test("tells what could not be queued, and how far it is while it runs", () => {
    const running = aSweep("resume", { state: "running", done: 3, failed: 2, finishedAt: null });
    expect(textsOf({ incident, sweeps: [running] }).at(-1)).toBe(
      "Queueing the paused jobs again began; 3 of about 7 are queued. 2 could not be queued and can be retried by hand.",
    );
  });
});
