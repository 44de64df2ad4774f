import { expect, test } from "vitest";
import type { Reason } from "../../src/domain/breaker.ts";
import { incidentMarkdown } from "../../src/wording/incident-markdown.ts";
import { aCheck, aHistory, anIncident, BY_HAND, BY_SERVICE, closedIncident, iso } from "./histories.ts";

test("a post-mortem tells when, why, how long, and the timeline", () => {
  const text = incidentMarkdown(aHistory({ incident: closedIncident(), closing: { check: aCheck(200) } }));
  expect(text.split("\n")).toEqual([
    "# Incident 0199aaaa-bbbb-7ccc-8ddd-eeeeffff0001",
    "",
    `- Opened: ${iso(0)} by \`openai\``,
    "- Why: openai failed (server_error, HTTP 500): `try later`.",
    "- Later faults of the same stop: 0",
    `- Closed: ${iso(300)} by \`ada\`, after 5 min`,
    "- Note: `mended`",
    "",
    "## Timeline",
    "",
    `- ${iso(0)}: openai failed (server_error, HTTP 500): \`try later\`.`,
    `- ${iso(300)}: \`ada\` closed the breaker: \`mended\`. The failed service had answered well to the last check (${iso(200)} by \`bob\`), which had not proven that the failed call goes well again.`,
    "",
  ]);
});

test("a post-mortem names the job and the campaign that set the stop off", () => {
  const incident = anIncident({ reason: { ...BY_SERVICE, jobId: "a-job", campaignId: "a-campaign" } as Reason });
  expect(incidentMarkdown(aHistory({ incident }))).toContain("\n- Set off by: job a-job of campaign a-campaign\n");
});

test("a stop that lasts is not closed yet", () => {
  expect(incidentMarkdown(aHistory({ incident: anIncident() }))).toContain("- Closed: not yet\n");
});

const HOSTILE = [
  "# a heading\n\n- [link](http://evil.example) <script>alert(1)</script>",
  "`",
  "``` fence\n```\n<b>bold</b>",
  "a `code` and ``more`` |table| *stars* &amp; @everyone",
  "\u2028<img src=x>\u0000\u0085\r\n\t",
];

test.each(HOSTILE)("what others wrote stays words: %j", (words) => {
  const incident = closedIncident({
    note: words,
    closedBy: words,
    openedBy: words,
    reason: { ...BY_HAND, message: words },
  });
  const checks = [aCheck(5, { by: words, ok: false, error: { kind: null, httpStatus: null, message: words } })];
  const text = incidentMarkdown(aHistory({ incident, checks, closing: { check: checks[0] ?? null } }));
  for (const line of text.split("\n")) expect(line).toMatch(/^($|# Incident |## Timeline$|- [A-Z2])/);
  // Without its code spans, read as CommonMark reads them, nothing of theirs is left.
  const outside = text.split("\n").map(withoutSpans).join("\n");
  expect(outside).not.toMatch(/[<>[\]`*@|&]|evil|fence|heading/);
});

test("an empty word does not become an empty span", () => {
  const incident = anIncident({ reason: { ...BY_SERVICE, message: " \n " } });
  expect(incidentMarkdown(aHistory({ incident }))).toContain("(nothing)");
});

/** Takes the code spans out of a line: a run of backticks, up to the next run of the same length. */
function withoutSpans(line: string): string {
  let rest = line;
  for (let from = 0; ;) {
    const open = /`+/.exec(rest.slice(from));
    if (!open) return rest;
    const start = from + open.index;
    const close = [...rest.slice(start + open[0].length).matchAll(/`+/g)].find(([run]) => run === open[0]);
    if (!close) from = start + open[0].length;
    else {
      rest = rest.slice(0, start) + rest.slice(start + open[0].length + close.index + open[0].length);
      from = start;
    }
  }
}
