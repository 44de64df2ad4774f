// Drills on a local instance of their own, each with something to hold:
//   npm run drill -- opens --times 50      under load, no call to a service begins after an acknowledged opening
//   npm run drill -- restart --jobs 2000   after a SIGKILL with that many jobs queued, all finish by themselves
//   npm run drill -- restore               D1 is taken back to an earlier moment; a close is all that is needed
//   npm run drill -- upgrade --from REV    what an earlier revision left in the middle, this one brings to its end
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compare, KINDS } from "./chaos-verdict.mjs";
import { createInstance } from "./drills/instance.mjs";
import { opens } from "./drills/opens.mjs";
import { restart } from "./drills/restart.mjs";
import { restore } from "./drills/restore.mjs";
import { upgrade } from "./drills/upgrade.mjs";

const DRILLS = { opens, restart, restore, upgrade };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    times: { type: "string", default: "50" },
    jobs: { type: "string", default: "2000" },
    from: { type: "string" },
    leads: { type: "string", default: "40" },
    waiting: { type: "string", default: "30000" },
    history: { type: "string", default: "0" },
    planned: { type: "boolean", default: false },
    "keep-fixture": { type: "string" },
  },
});
const startedAt = Date.now();
const say = (text) => console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${text}`);
const folder = mkdtempSync(join(tmpdir(), "andon-drill-"));
const interruption = new AbortController();
const instances = [];
let findings = 0;

async function leave(code) {
  interruption.abort();
  await Promise.all(instances.map(({ end }) => end()));
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(code);
}
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => void leave(130));

async function newInstance(name) {
  const instance = await createInstance(join(folder, name), interruption.signal);
  instances.push(instance);
  return instance;
}

/**
 * Compares rows, ledger and sender when all is finished, and ends the instance.
 * @param seen what the drill itself has found, as lists of texts
 */
async function judge(instance, seen = {}) {
  const found = { ...(await compare(instance.call, instance.done)), ...seen };
  say(found.summary);
  for (const kind of new Set([...KINDS, ...Object.keys(seen)])) {
    const texts = found[kind] ?? [];
    findings += texts.length;
    console.log(`${String(texts.length).padStart(6)} ${kind} ${texts[0] ?? ""}`);
  }
  await instance.end();
}

try {
  const drill = DRILLS[positionals[0] ?? ""];
  if (!drill) throw new Error(`Which drill? npm run drill -- ${Object.keys(DRILLS).join(", or ")}`);
  const { times, jobs, leads, waiting, history, ...words } = values;
  const numbers = Object.entries({ times, jobs, leads, waiting, history }).map(([name, text]) => [name, Number(text)]);
  const unclear = numbers.find(([, number]) => !Number.isInteger(number) || number < 0);
  if (unclear) throw new Error(`--${unclear[0]} is a whole number.`);
  await drill(
    { folder, newInstance, judge, say, interrupted: interruption.signal },
    { ...words, ...Object.fromEntries(numbers) },
  );
  await leave(findings === 0 ? 0 : 1);
} catch (error) {
  if (interruption.signal.aborted) await new Promise(() => {});
  console.error(`The drill could not go on: ${error.message}`);
  await leave(1);
}
