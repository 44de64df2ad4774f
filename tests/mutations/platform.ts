import type { Mutation } from "./mutation.ts";

/** What is guarded against our own platform: full, far, silent, taken back, or not saying the truth. */
export const PLATFORM_MUTATIONS: Mutation[] = [
  {
    name: "the round trip that was measured does not reach the Breaker",
    file: "src/platform/actors.ts",
    find: "breaker().admit(roundTripMs)",
    replace: "breaker().admit(roundTripMs && 0)",
    test: "tests/workers/actors-eviction.test.ts",
  },
  {
    name: "the watchdog sends again what a queue may have that tells no age",
    file: "src/operations/heal.ts",
    find: "if (backlog?.count === 0) return quietSince;",
    replace: "if (!backlog?.oldestAt) return quietSince;",
    test: "tests/operations/heal.test.ts",
  },
  {
    name: "the watchdog sends a message again and again, without growing waits",
    file: "src/db/sweeps.ts",
    find: "`${QUIET_MS} * ((1 <<",
    replace: "`0 * ((1 <<",
  },
  {
    name: "nobody notices that the database was taken back",
    file: "src/domain/reconcile.ts",
    find: "const wentBack = gate.epoch < known.epoch || (gate.lookedAt ?? 0) < known.lookedAt;",
    replace: "const wentBack = gate.epoch < 0;",
    test: "tests/workers/restored.test.ts",
  },
  {
    name: "a new Breaker does not know the stop that the gate shows",
    file: "src/domain/reconcile.ts",
    find: "const isAhead = gate.epoch > breaker.epoch;",
    replace: "const isAhead = gate.epoch > breaker.epoch && breaker.epoch > 0;",
    test: "tests/workers/restored.test.ts",
  },
  {
    name: "after a restore the sender is not asked first",
    file: "src/operations/enrich-lead.ts",
    find: "let mayBeKnown = attempt.job.beforeRestore === 1;",
    replace: "let mayBeKnown = attempt.job.epoch < 0;",
    test: "tests/workers/restored.test.ts",
  },
  {
    name: "what cannot be saved is bought again and again",
    file: "src/domain/own-failure.ts",
    find: "const BOUGHT_WEIGHS = GIVEN_UP_AT / 2;",
    replace: "const BOUGHT_WEIGHS = 1;",
  },
  {
    name: "a job that fails while the line stands leaves its lead open",
    file: "src/db/jobs.ts",
    find: "WHERE ${SAME_DISPATCH} AND jobs.row_status = :status AND leads.id = jobs.lead_id",
    replace: "WHERE ${SAME_DISPATCH} AND jobs.status = :status AND leads.id = jobs.lead_id",
  },
  {
    name: "a database that is full passes for one that is away",
    file: "src/platform/failures.ts",
    find: "if (FULL.test(message)) return",
    replace: 'if (message === "") return',
    test: "tests/workers/storage-failures.test.ts",
  },
  {
    name: "a database that is away passes for one that is damaged",
    file: "src/platform/failures.ts",
    find: "/no such (table|column)|",
    replace: "/no such (table|column)|connection lost|",
  },
  {
    name: "a restart does not know how long admissions hold",
    file: "durable-objects/admissions.ts",
    find: "validForMs > this.#longest() ||",
    replace: "validForMs < 0 ||",
    test: "tests/workers/actors-eviction.test.ts",
  },
  {
    name: "who is far away is given no more time",
    file: "src/operations/admissions.ts",
    find: "await breaker.admit(held.roundTripMs)",
    replace: "await breaker.admit(0)",
    test: "tests/operations/line-admission.test.ts",
  },
];
