// npm run simulate -- [--seed N] [--histories M] [--workers W]
//   Lives M histories, with the seeds N, N+1, …; the first one that violates an invariant is shrunk and printed.
//   --trace prints all that happened in each.
import { fork } from "node:child_process";
import { availableParallelism, constants, setPriority } from "node:os";
import { parseArgs } from "node:util";
import { nameOf } from "./chance.ts";
import { say } from "./runtime.ts";

/** The product's modules find their stand-ins only when the runtime's hooks are there before them. Who only leads needs none. */
const loadRunHistory = async () => (await import("./history.ts")).runHistory;

/** Histories that a worker lives between two reports. */
const SLICE = 50;
const LAST_LINES = 60;
const SHOW_EVERY_MS = 5_000;

interface Report {
  lived: number;
  steps: number;
  calls: number;
  struck: number;
  /** The seed of a history that violated an invariant. */
  failed: number | null;
}

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    histories: { type: "string", default: "2000" },
    workers: { type: "string", default: String(availableParallelism()) },
    trace: { type: "boolean", default: false },
    worker: { type: "boolean", default: false },
  },
});
const wholeNumber = (name: string, text: string): number => {
  if (!/^\d{1,10}$/.test(text)) throw new Error(`--${name} takes a whole number, not "${text}".`);
  return Number(text);
};
const startedAt = performance.now();
const seed =
  values.seed === undefined ? Math.floor(performance.timeOrigin) % 1_000_000_000 : wholeNumber("seed", values.seed);
const histories = wholeNumber("histories", values.histories);
const workers = Math.min(wholeNumber("workers", values.workers), histories);

if (values.worker) await work();
else if (values.trace) for (let each = seed; each < seed + histories; each++) await showWhole(each);
else await lead();

/** Shares the histories out, and shows how far they are. */
async function lead(): Promise<void> {
  say(`${histories} histories from seed ${seed}, ${workers} at a time`);
  const sum: Report = { lived: 0, steps: 0, calls: 0, struck: 0, failed: null };
  let shownAt = startedAt;
  const children = Array.from({ length: workers }, (_, index) => {
    const first = seed + Math.floor((histories * index) / workers);
    const last = seed + Math.floor((histories * (index + 1)) / workers);
    const child = fork(import.meta.filename, [
      "--worker",
      "--seed",
      String(first),
      "--histories",
      String(last - first),
    ]);
    child.on("message", (report: Report) => {
      sum.lived += report.lived;
      sum.steps += report.steps;
      sum.calls += report.calls;
      sum.struck += report.struck;
      sum.failed ??= report.failed;
      if (report.failed !== null) for (const each of children) each.kill();
      if (performance.now() - shownAt < SHOW_EVERY_MS) return;
      shownAt = performance.now();
      say(`  ${sum.lived} of ${histories}, no violation`);
    });
    return child;
  });
  const codes = await Promise.all(
    children.map((child) => new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)))),
  );
  if (sum.failed !== null) return showSmallest(sum.failed);
  if (sum.lived !== histories || codes.some((code) => code !== 0))
    throw new Error("A worker of the simulation ended early.");
  const each = (total: number) => Math.round(total / histories);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  say(
    `${histories} histories, no violation: ${sum.steps} steps, ${sum.calls} calls to services, ${sum.struck} misfortunes`,
  );
  say(`(${each(sum.steps)} steps, ${each(sum.calls)} calls and ${each(sum.struck)} misfortunes each; ${seconds} s)`);
}

async function work(): Promise<void> {
  // Histories have a clock of their own; whoever waits for a real one goes first.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const runHistory = await loadRunHistory();
  for (let done = 0; done < histories; done += SLICE) {
    const report: Report = { lived: 0, steps: 0, calls: 0, struck: 0, failed: null };
    for (let each = seed + done; each < seed + Math.min(histories, done + SLICE) && report.failed === null; each++) {
      const { violation, steps, calls, happened } = await runHistory(each);
      report.lived++;
      report.steps += steps;
      report.calls += calls;
      report.struck += happened.length;
      if (violation !== null) report.failed = each;
    }
    process.send?.(report);
    if (report.failed !== null) break;
  }
  process.disconnect();
}

async function showSmallest(failing: number): Promise<void> {
  const runHistory = await loadRunHistory();
  const { shrink } = await import("./shrink.ts");
  say(`The history of seed ${failing} violates an invariant. Looking for what is needed for it …`);
  const { needed, without } = await shrink(await runHistory(failing), (each) => runHistory(failing, { without: each }));
  const { violation, trace } = await runHistory(failing, { without, trace: true });
  say(`\n${violation}\n\nWhat had to happen for it:`);
  for (const each of needed) say(`  ${nameOf(each)}`);
  say(`\nIts last ${LAST_LINES} lines:`);
  for (const line of trace.slice(-LAST_LINES)) say(line);
  say(`\nAgain: npm run simulate -- --seed ${failing} --histories 1`);
  process.exitCode = 1;
}

async function showWhole(each: number): Promise<void> {
  const runHistory = await loadRunHistory();
  const { violation, trace, happened } = await runHistory(each, { trace: true });
  for (const line of trace) say(line);
  say(`seed ${each}: ${happened.length} misfortunes; ${violation ?? "no violation"}`);
  if (violation !== null) process.exitCode = 1;
}
