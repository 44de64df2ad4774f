import { expect, test } from "vitest";
import { watchdogIsWell } from "../../src/domain/watchdog.ts";

const NOW = 10_000_000;
const ago = (seconds: number) => NOW - seconds * 1_000;

test.each([
  ["has looked a moment ago", ago(5), ago(9_000), true, true, true, true],
  ["has not looked for three minutes though work is due", ago(181), ago(9_000), true, true, false, false],
  ["has not looked for three minutes though a cron runs", ago(181), ago(9_000), false, false, true, false],
  ["sleeps because nothing is unfinished", ago(90_000), ago(9_000), false, false, false, true],
  ["was started just now with work from before", ago(90_000), ago(2), true, true, false, true],
  ["was started just now, and nothing will make it look", ago(90_000), ago(2), false, true, false, false],
  ["was never needed yet", 0, ago(9_000), false, false, true, true],
  ["was just installed and has its first work", 0, ago(2), true, true, true, true],
  ["has never looked though work is due", 0, ago(9_000), true, true, true, false],
] as const)("a watchdog that %s", (_what, healedAt, startedAt, watches, due, cron, well) => {
  expect(watchdogIsWell({ healedAt, startedAt, watches }, { due, cron, now: NOW })).toBe(well);
});
