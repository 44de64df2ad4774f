// npm run mutations [-- name …]
//   Takes each safeguard away, one at a time, in a copy of the project, and shows what catches it: the simulation, or the
//   test file that the list names. Names (or parts of names) choose some of them.
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MUTATIONS } from "./list.ts";
import { type Mutation, mutated } from "./mutation.ts";

const ROOT = join(import.meta.dirname, "../..");
const COPIED = [
  "src",
  "durable-objects",
  "sandbox",
  "migrations",
  "tests",
  "scripts",
  "docs",
  "package.json",
  "tsconfig.json",
];
const CONFIGURATION = ["vitest.config.ts", "wrangler.toml"];
const HISTORIES = "4000";
const AT_ONCE = 2;
/** A check that could not run, on a busy machine for instance, says nothing, and is tried again. */
const TRIES = 2;
/** Characters of a violation's text; the whole one is printed by the history itself. */
const TEXT_SHOWN = 110;
/** The end of what a check printed that could not run. */
const OUTPUT_SHOWN = 2_000;

const chosen = process.argv.slice(2);
const mutations = MUTATIONS.filter(({ name }) => chosen.length === 0 || chosen.some((part) => name.includes(part)));
const waiting = [...mutations];
const survived: string[] = [];
const unknown: string[] = [];
console.log(`${mutations.length} safeguards, each taken away once`);
await Promise.all(Array.from({ length: AT_ONCE }, work));
for (const [title, names] of Object.entries({ "NOT CAUGHT": survived, "COULD NOT BE TRIED": unknown }))
  if (names.length > 0) console.log(`\n${title}:\n  ${names.join("\n  ")}`);
if (survived.length + unknown.length === 0) console.log("\nAll were caught.");
else process.exitCode = 1;

/** By what it was caught, null for nothing; or what a check printed that could not run. */
type Verdict = { caughtBy: string | null } | { failed: string };

async function work(): Promise<void> {
  for (let mutation = waiting.shift(); mutation; mutation = waiting.shift()) {
    const verdict = await tryOften(mutation);
    if ("failed" in verdict) {
      unknown.push(mutation.name);
      console.error(verdict.failed);
      console.log(`| ${mutation.name} | could not be tried |`);
    } else {
      if (verdict.caughtBy === null) survived.push(mutation.name);
      console.log(`| ${mutation.name} | ${verdict.caughtBy ?? "**nothing**"} |`);
    }
  }
}

async function tryOften(mutation: Mutation): Promise<Verdict> {
  for (let tries = 1; ; tries++) {
    const verdict = await tryOne(mutation);
    if (!("failed" in verdict)) return verdict;
    if (tries < TRIES) continue;
    // It fails each time, by waiting for what never comes: that says something only if it passes with the safeguard.
    const control = await tryOne({ ...mutation, replace: mutation.find });
    return "caughtBy" in control && control.caughtBy === null
      ? { caughtBy: `${mutation.test ?? "simulation"}, which waits in vain` }
      : verdict;
  }
}

async function tryOne(mutation: Mutation): Promise<Verdict> {
  const copy = mkdtempSync(join(tmpdir(), "andon-mutation-"));
  try {
    for (const name of [...COPIED, ...CONFIGURATION]) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
    cpSync(join(ROOT, ".build"), join(copy, ".build"), { recursive: true });
    const path = join(copy, mutation.file);
    writeFileSync(path, mutated(readFileSync(path, "utf8"), mutation));
    return await caught(copy, mutation);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function caught(copy: string, { test }: Mutation): Promise<Verdict> {
  const node = join(ROOT, "node_modules/.bin/node");
  const simulation = ["tests/simulation/main.ts", "--seed", "1", "--histories", HISTORIES, "--workers", "1"];
  const words =
    test === undefined ? simulation : [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--bail=1", test];
  const { code, output } = await run(copy, node, words);
  if (code === 0) return { caughtBy: null };
  const by = test === undefined ? violationIn(output) : /AssertionError/.test(output) ? test : null;
  return by === null ? { failed: output.slice(-OUTPUT_SHOWN) } : { caughtBy: by };
}

function violationIn(output: string): string | null {
  const violation = /^(\w+: .*)\n\nWhat had to happen/m.exec(output)?.[1];
  const seed = /history of seed (\d+)/.exec(output)?.[1];
  if (!violation) return null;
  const text = violation.replace(/[0-9a-f]{8}-[-0-9a-f]+/g, "…");
  return `simulation, history ${seed}: ${text.length > TEXT_SHOWN ? `${text.slice(0, TEXT_SHOWN)}…` : text}`;
}

function run(cwd: string, command: string, words: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, words, { cwd });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (output += data.toString()));
    child.on("close", (code) => resolve({ code, output }));
  });
}
