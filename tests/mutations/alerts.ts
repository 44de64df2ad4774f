import type { Mutation } from "./mutation.ts";

/** What makes an alert arrive, and once. */
export const ALERT_MUTATIONS: Mutation[] = [
  {
    name: "a line that stands still is not told of",
    file: "src/domain/stalled.ts",
    find: "export const STALLED_AFTER_MS = 15 * 60_000;",
    replace: "export const STALLED_AFTER_MS = 15 * 60_000_000;",
    test: "tests/workers/silence.test.ts",
  },
  {
    name: "while D1 is away nobody is told",
    file: "durable-objects/breaker/announcements.ts",
    find: "if (this.#failures >= FAILURES_BEFORE_DIRECT) await this.#tellDirectly();",
    replace: "",
    test: "tests/workers/silence.test.ts",
  },
  {
    name: "what was told past the rows is told again",
    file: "durable-objects/breaker/announcements.ts",
    find: "tried: (targetId, key) => this.#direct.tried(targetId, key),",
    replace: "told: () => null,",
    test: "tests/workers/silence.test.ts",
  },
  {
    name: "readiness does not ask after the watchdog",
    file: "src/http/health.ts",
    find: "if (looked.watchdogIsWell) return",
    replace: "if (looked) return",
    test: "tests/workers/silence.test.ts",
  },
  {
    name: "the Breaker counts as announced what is not written yet",
    file: "durable-objects/breaker/announcements.ts",
    find: "    const nextAt = await announce(",
    replace:
      "    this.#sql.exec(SQL.save, settled.changedEpoch, settled.resumedEpoch);\n    const nextAt = await announce(",
  },
  {
    name: "an alert whose message is lost is not sent again",
    file: "src/operations/alert/announce.ts",
    find: "await queue.send(waiting.overdue);",
    replace: "await queue.send(waiting.overdue.slice(waiting.overdue.length));",
  },
  {
    name: "an attempt at an alert does not look whether another one has it",
    file: "src/db/alerts.ts",
    find: "AND status = 'PENDING' AND next_attempt_at <= :early RETURNING id",
    replace: "AND status = 'PENDING' AND :early > 0 RETURNING id",
    test: "tests/workers/alerts-delivery.test.ts",
  },
  {
    name: "an alert that arrives brings those again that are just under way",
    file: "src/db/alerts.ts",
    find: "status = 'PENDING' AND last_error IS NOT NULL AND next_attempt_at > :now",
    replace: "status = 'PENDING' AND next_attempt_at > :now",
    test: "tests/workers/alerts-delivery.test.ts",
  },
  {
    name: "the alarm sleeps while the line stands",
    file: "src/operations/alert/announce.ts",
    find: "now() + (open ? LOOK_MS : Infinity), ...reminders.map((each) => each.nextAt)",
    replace: "now() + (open ? Infinity : LOOK_MS)",
    test: "tests/operations/announce.test.ts",
  },
  {
    name: "a streak of failures is not told",
    file: "durable-objects/breaker/alarm.ts",
    find: "  await alerts.lookForFailing();",
    replace: "  void alerts;",
  },
  {
    name: "a streak of failures is told anew with each failure more",
    file: "src/db/sql.ts",
    find: "WHEN changed.kind IS NULL OR changed.kind = progress.failing_reason THEN progress.failing_since",
    replace: "WHEN changed.kind IS NULL THEN progress.failing_since",
    test: "tests/workers/alerts-failing.test.ts",
  },
  {
    name: "a lead that did not fail does not end a streak of failures",
    file: "src/db/sql.ts",
    find: "WHEN changed.kind = '' THEN 0",
    replace: "WHEN changed.kind = '' THEN progress.failing_count",
    test: "tests/workers/alerts-failing.test.ts",
  },
  {
    name: "an alert counts jobs as they are stored, not as they are",
    file: "src/db/job-counts.ts",
    find: "  PAUSED: kept(progress.paused),",
    replace: "  PAUSED: kept(progress.cancelled),",
    test: "tests/workers/alerts-breaker.test.ts",
  },
];
