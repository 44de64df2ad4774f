import { describe, expect, test } from "vitest";
import { alertBody } from "../../src/wording/alert-body.ts";
import {
  type AlertFact,
  closingFact,
  failingFact,
  openingFact,
  pauseAfter,
  reminder,
  resumedFact,
} from "../../src/domain/alert.ts";
import type { Incident, Reason } from "../../src/domain/breaker.ts";
import type { Sweep } from "../../src/domain/sweep.ts";

const OPENED_AT = 1_000_000;
const MINUTE_MS = 60_000;

const anIncident = (fields: Partial<Incident> = {}): Incident => ({
  id: "incident-3",
  epoch: 3,
  openedAt: OPENED_AT,
  openedBy: "ada",
  reason: { source: "operator", message: "an audit" },
  followers: 0,
  closedAt: null,
  closedBy: null,
  note: null,
  ...fields,
});
const aSweep = (fields: Partial<Sweep> = {}): Sweep => ({
  id: "sweep-2",
  kind: "resume",
  epoch: 2,
  state: "done",
  total: 5,
  done: 5,
  failed: 0,
  added: 0,
  startedAt: 1,
  finishedAt: 2,
  ...fields,
});
const closed = { closedAt: OPENED_AT + 5, closedBy: "bob", note: "mended" };

describe("openings", () => {
  test.each<[string, Sweep | null, string]>([
    ["nothing came before", null, "breaker.opened"],
    ["the resume before had ended", aSweep(), "breaker.opened"],
    ["it superseded the resume", aSweep({ state: "superseded" }), "breaker.reopened"],
    ["the resume is still marked as running", aSweep({ state: "running" }), "breaker.reopened"],
    ["a pause came before", aSweep({ kind: "pause", state: "superseded" }), "breaker.opened"],
  ])("when %s, it is told as such", (_, before, event) => {
    expect(openingFact(anIncident(), before)).toMatchObject({ event, key: "opened:incident-3", epoch: 3 });
  });

  test("one that is told after its close does not tell of the close", () => {
    expect(openingFact(anIncident(closed), null)).toMatchObject({
      state: "open",
      incident: { closedAt: null, closedBy: null, note: null },
    });
  });
});

test("a close and the end of its resume are told of the incident that was closed", () => {
  expect(closingFact(anIncident())).toBeNull();
  expect(closingFact(anIncident(closed))).toMatchObject({ event: "breaker.closed", at: closed.closedAt, epoch: 4 });
  expect(resumedFact(anIncident(closed), aSweep({ epoch: 4 }))).toMatchObject({ event: "resume.finished", epoch: 4 });
  for (const sweep of [null, aSweep({ state: "superseded" }), aSweep({ state: "running" }), aSweep({ kind: "pause" })])
    expect(resumedFact(anIncident(closed), sweep)).toBeNull();
});

describe("reminders", () => {
  test.each<[minutes: number, due: number | null, next: number]>([
    [0, null, 15],
    [14.9, null, 15],
    [15, 15, 30],
    [29.9, 15, 30],
    [47, 45, 60],
    [-3, null, 15],
  ])("after %d minutes the due one is of minute %s, and the next of minute %d", (minutes, due, next) => {
    const found = reminder(anIncident(), 15 * MINUTE_MS, OPENED_AT + minutes * MINUTE_MS);
    expect(found.due?.at ?? null).toBe(due === null ? null : OPENED_AT + due * MINUTE_MS);
    expect(found.nextAt).toBe(OPENED_AT + next * MINUTE_MS);
  });

  test("a rhythm that changes tells of no age twice, and skips none that is new", () => {
    const key = (every: number, at: number) =>
      reminder(anIncident(), every * MINUTE_MS, OPENED_AT + at * MINUTE_MS).due?.key;
    expect(key(5, 15)).toBe(key(15, 15));
    expect(key(15, 30)).not.toBe(key(5, 20));
  });
});

test("pauses between attempts never get shorter, bridge three days, and end", () => {
  const pauses: number[] = [];
  for (let attempts = 1; ; attempts++) {
    const pauseMs = pauseAfter(attempts);
    if (pauseMs === null) break;
    pauses.push(pauseMs);
  }
  expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  expect(pauses[0]).toBe(5_000);
  const total = pauses.reduce((sum, each) => sum + each, 0);
  expect(total / (24 * 60 * MINUTE_MS)).toBeCloseTo(3, 1);
});

describe("what Slack reads", () => {
  const reason: Reason = {
    source: "provider",
    provider: "openai",
    kind: "rate_limited",
    httpStatus: 429,
    message: "<!channel> slow & <https://evil.example|click>",
    jobId: null,
    campaignId: null,
  };
  const textOf = (fact: AlertFact | null, origin = "") =>
    fact ? (JSON.parse(alertBody("slack", fact, null, origin)) as { text: string }).text : "";

  test("a service's words call nobody and link nowhere", () => {
    const text = textOf(openingFact(anIncident({ reason }), null));
    expect(text).toContain("&lt;!channel&gt; slow &amp; &lt;https://evil.example|click&gt;");
    expect(text).not.toMatch(/[<>]/);
  });

  test("so do an operator's name and note", () => {
    const text = textOf(closingFact(anIncident({ ...closed, closedBy: "<@U1>", note: "a < b & c" })));
    expect(text.slice("[2026-11-25 12:00 UTC] ".length)).toBe(
      "&lt;@U1&gt; closed the breaker (a &lt; b &amp; c). The paused jobs are being queued again; there is nothing to do.",
    );
  });

  test("a stop by hand is told with the name of who did it, and the console with its host where that is known", () => {
    const byHand = anIncident({ openedBy: "ada", reason: { source: "operator", message: "an audit" } });
    expect(textOf(openingFact(byHand, null), "https://andon.example")).toMatch(
      /The line stopped\. ada stopped it by hand: an audit\. .* When the reason is gone close the breaker: https:\/\/andon\.example\/console\/incidents\//,
    );
  });

  test("each sentence says what happened and what to do", () => {
    const incident = anIncident({ reason, ...closed });
    expect(textOf(openingFact(incident, null))).toMatch(
      /^\[\d{4}-\d\d-\d\d \d\d:\d\d UTC\] The line stopped\. openai failed \(rate_limited, HTTP 429\): .*close the breaker: \/console\/incidents\/incident-3$/,
    );
    expect(textOf(openingFact(incident, aSweep({ state: "superseded" })))).toMatch(/\] The line stopped again/);
    expect(textOf(reminder(incident, 15 * MINUTE_MS, OPENED_AT + 46 * MINUTE_MS).due)).toMatch(
      /\] The line has been stopped for 45 min\. /,
    );
    expect(textOf(reminder(incident, 15 * MINUTE_MS, OPENED_AT + 136 * MINUTE_MS).due)).toMatch(/for 2 h 15 min\. /);
    expect(textOf(resumedFact(incident, aSweep({ done: 4, failed: 1 })))).toMatch(/4 jobs.* 1 could not.*Retry/);
    expect(textOf(resumedFact(incident, aSweep()))).toMatch(/5 jobs.*nothing to do\.$/);
    const failing = { campaignId: "c-1", name: "<!here> & co", reason: "openai refused it", count: 20, since: 0 };
    expect(textOf(failingFact(failing, { state: "closed", epoch: 4, lastIncident: null }, OPENED_AT))).toMatch(
      /\] The last 20 leads of the campaign “&lt;!here&gt; &amp; co” all failed for one reason: openai refused it\. .* mend the cause.*: \/console\/campaigns\/c-1$/,
    );
  });
});
