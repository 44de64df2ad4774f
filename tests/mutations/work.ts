import type { Mutation } from "./mutation.ts";

/** What attempts, the watchdog and the breaker guard. */
export const WORK_MUTATIONS: Mutation[] = [
  {
    name: "the watchdog does not take jobs back",
    file: "src/operations/heal.ts",
    find: "const takenBack = await sweeps.takeBack(range, now());",
    replace: "const takenBack = await sweeps.redispatch(range, { leads: 0, campaigns: 0 }, now());",
  },
  {
    name: "the watchdog does not send lost messages again",
    file: "src/operations/heal.ts",
    find: "sweeps.redispatch(range, queuedBefore, now())",
    replace: "sweeps.redispatch(range, { leads: 0, campaigns: Math.min(0, queuedBefore.campaigns) }, now())",
  },
  {
    name: "the watchdog does not wake campaigns",
    file: "src/operations/heal.ts",
    find: "await campaigns.changed(finished);",
    replace: "await campaigns.changed(finished.slice(finished.length));",
  },
  {
    name: "the watchdog sends again what merely waits in a deep backlog",
    file: "src/operations/heal.ts",
    find: "count > 0 && oldestAt !== null ? Math.min(quietSince, oldestAt - SENDING_MS) : quietSince",
    replace: "count > 0 && oldestAt !== null ? Math.max(quietSince, oldestAt - SENDING_MS) : quietSince",
    test: "tests/operations/heal.test.ts",
  },
  {
    name: "a message is acknowledged with the first of its jobs",
    file: "src/queues/jobs.ts",
    find: "if (each.unsettled.delete(jobId) && each.unsettled.size === 0)",
    replace: "if (each.unsettled.delete(jobId))",
    test: "tests/workers/queues-messages.test.ts",
  },
  {
    name: "a push is not looked up before it is repeated",
    file: "src/operations/enrich-lead.ts",
    find: "if (maybePushed) {",
    replace: "if (maybePushed && senderCampaignId === '') {",
  },
  {
    name: "a sender campaign is not looked up before it is made again",
    file: "src/operations/fetch-leads.ts",
    find: "if (attempts > 1) {",
    replace: "if (attempts > 1_000) {",
  },
  {
    name: "an attempt goes on when its job is no longer its own",
    file: "src/operations/attempt.ts",
    find: 'if (step.end || !standing || standing.dispatch !== job.dispatch) return false;\n  return standing.status === "RUNNING";',
    replace: "if (step.end || !standing) return false;\n  return true;",
  },
  {
    name: "messages are sent before their rows are written",
    file: "src/operations/fetch-leads.ts",
    find: "  const { made, status } = await persist(",
    replace:
      "  await ports.queue.send(reserved.map(({ jobId }) => ({ jobId, dispatch: 0, status: 'PENDING' as const, type: 'ENRICH_LEAD' as const, priority: 0 })));\n  const { made, status } = await persist(",
  },
  {
    name: "a revealed person may be revealed again",
    file: "src/operations/fetch-leads.ts",
    find: "const next = { ...progress, reserved: [], creditsSpent",
    replace: "const next = { ...progress, reserved, creditsSpent",
  },
  {
    name: "leases are not renewed",
    file: "src/operations/run-batch.ts",
    find: "await wait(LEASE_MS / 3);",
    replace: "await wait(LEASE_MS * 100);",
    // Rare in histories: a batch must outlast a lease undisturbed.
    test: "tests/operations/run-batch.test.ts",
  },
  {
    name: "an attempt whose lease was not renewed goes on",
    file: "src/operations/run-batch.ts",
    find: "if (!renewed.has(attempt.job.id)) attempt.leaseUntil = 0;",
    replace: "if (renewed.size < 0) attempt.leaseUntil = 0;",
    test: "tests/operations/run-batch.test.ts",
  },
  {
    name: "a call begins though the lease may run out before it ends",
    file: "src/operations/line.ts",
    find: "now() + timeoutMs(provider) <= attempt.leaseUntil",
    replace: "now() <= attempt.leaseUntil + timeoutMs(provider)",
  },
  {
    name: "the breaker is not asked again after waiting for a permit",
    file: "src/operations/line.ts",
    find: "return go(inTime(attempt, provider));\n    }",
    replace: "return may;\n    }",
  },
  {
    name: "an admission counts from when its answer came",
    file: "src/operations/admissions.ts",
    find: "held.last = { admission: answer, until: askedAt + answer.validForMs };",
    replace: "held.last = { admission: answer, until: now() + answer.validForMs };",
  },
  {
    name: "each batch asks the Breaker for itself",
    file: "src/operations/admissions.ts",
    find: "const anotherAsks = () => !asking && held.askedAt !== null &&",
    replace: "const anotherAsks = () => !asking && held.askedAt === -1 &&",
    test: "tests/operations/line-side-by-side.test.ts",
  },
  {
    name: "an opening is acknowledged while admissions are still valid",
    file: "durable-objects/breaker.ts",
    find: "while (this.#store.isOpen() && Date.now() < this.#admittedUntil) {",
    replace: "while (this.#store.isOpen() && Date.now() < this.#admittedUntil - ADMISSION_GONE_MS) {",
  },
  {
    name: "a Breaker that was put out forgets the admissions it gave",
    file: "durable-objects/breaker.ts",
    find: "    this.#admittedUntil = Date.now() + ADMISSION_GONE_MS;\n  }",
    replace: "    this.#admittedUntil = 0;\n  }",
    test: "tests/workers/actors-eviction.test.ts",
  },
  {
    name: "the breaker closes itself when it is found open after a restart",
    file: "durable-objects/breaker.ts",
    find: "    this.#store = new BreakerStore(ctx.storage.sql);\n",
    replace:
      '    this.#store = new BreakerStore(ctx.storage.sql);\n    const found = this.#store.load();\n    const closed = close(found, { by: "nobody", note: null, now: Date.now() });\n    if (closed) this.#change(closed, "resume");\n',
  },
  {
    name: "a fault from before the last close opens the breaker again",
    file: "src/domain/breaker.ts",
    find: 'if (report.epoch < breaker.epoch && !(breaker.state === "open" && report.epoch === breaker.epoch - 1)) {',
    replace: 'if (report.epoch < 0 && !(breaker.state === "open" && report.epoch === breaker.epoch - 1)) {',
    test: "tests/domain/breaker.test.ts",
  },
  {
    name: "a pause counts as done when the breaker has changed in the middle of it",
    file: "durable-objects/breaker-duties.ts",
    find: "  if (store.epoch() !== breaker.epoch) return 0;\n  if (next) store.saveDuties({ cursor: next });",
    replace: "  if (next) store.saveDuties({ cursor: next });",
  },
  {
    name: "a resume begins before the pause has ended",
    file: "durable-objects/breaker-duties.ts",
    find: "  if (incident && pausedEpoch < incident.epoch)\n    return",
    replace: '  if (incident && pausedEpoch < incident.epoch && breaker.state === "open")\n    return',
  },
  {
    name: "a pause does only its first slice",
    file: "durable-objects/breaker-duties.ts",
    find: "  if (next) store.saveDuties({ cursor: next });\n  else {",
    replace: '  if (next && next.jobId === "") store.saveDuties({ cursor: next });\n  else {',
  },
  {
    name: "a paced resume lets a whole slice go at each step",
    file: "src/operations/sweep.ts",
    find: "const to = limit === null ? end :",
    replace: "const to = limit !== 0 ? end :",
    test: "tests/workers/breaker-pace.test.ts",
  },
  {
    name: "a resume ends while jobs wait for an earlier attempt's lease",
    file: "durable-objects/breaker-duties.ts",
    find: "if ((await sweeps.countPaused()) > 0) return LEASE_WAIT_MS;",
    replace: "if ((await sweeps.countPaused()) < 0) return LEASE_WAIT_MS;",
  },
  {
    name: "more calls of one batch are under way than the platform lets begin",
    file: "src/operations/line.ts",
    find: "const CALLS_AT_ONCE = 5;",
    replace: "const CALLS_AT_ONCE = 10;",
  },
  {
    name: "a resume that a stop cut off fails the jobs that it did not send",
    file: "src/operations/sweep.ts",
    find: "if (!goesOn()) return",
    replace: "if (!goesOn() && epoch < 0) return",
    test: "tests/operations/sweep.test.ts",
  },
];
