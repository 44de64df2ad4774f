// One command that checks all; CI runs the same.
//   npm run verify                      everything
//   npm run verify -- --without-tests   everything but the tests
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./local.mjs";

const MAX_LINES = 250;
/** Characters of a failed check's output, from its end. */
const OUTPUT_SHOWN = 20_000;
const environment = { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" };

const run =
  ([command, ...words]) =>
  () => {
    const { status, stdout, stderr } = spawnSync(join(ROOT, "node_modules/.bin", command), words, {
      cwd: ROOT,
      env: environment,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    return status === 0 ? null : `${stdout}${stderr}`;
  };

const sources = (folder) =>
  readdirSync(join(ROOT, folder), { recursive: true })
    .map((name) => join(folder, name))
    .filter(
      (path) =>
        /\.(ts|tsx|mjs)$/.test(path) && !/\.d\.ts$|node_modules/.test(path) && statSync(join(ROOT, path)).isFile(),
    );

function smallFiles() {
  const long = ["src", "durable-objects", "sandbox", "scripts", "tests", "bench"]
    .flatMap(sources)
    .map((path) => [path, readFileSync(join(ROOT, path), "utf8").split("\n").length - 1])
    .filter(([, lines]) => lines > MAX_LINES);
  return long.length === 0
    ? null
    : long.map(([path, lines]) => `${path}: ${lines} lines; ${MAX_LINES} at most`).join("\n");
}

const checks = [
  ["format", run(["prettier", "--check", "."])],
  ["lint", run(["oxlint", "--deny-warnings"])],
  ["types", run(["tsc", "--noEmit"])],
  ["types of the guards", run(["tsc", "--noEmit", "-p", "tests/rooms"])],
  ["types of the simulation", run(["tsc", "--noEmit", "-p", "tests/simulation"])],
  ["types of the browser tests", run(["tsc", "--noEmit", "-p", "tests/browser"])],
  ["rooms", run(["depcruise", "src", "durable-objects", "sandbox"])],
  ["dead code", run(["knip"])],
  ["small files", smallFiles],
  ["migrations match the schema", run(["drizzle-kit", "check"])],
  ["production bundle", run(["wrangler", "deploy", "--env=", "--dry-run", "--outdir", ".build/production"])],
  ...(process.argv.includes("--without-tests") ? [] : [["tests", run(["vitest", "run", "--reporter=dot"])]]),
];

let failed = 0;
for (const [name, check] of checks) {
  const startedAt = Date.now();
  const problem = check();
  console.log(`${problem === null ? "ok    " : "FAILED"} ${name} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
  if (problem === null) continue;
  failed++;
  console.log(problem.slice(-OUTPUT_SHOWN));
}
process.exit(failed === 0 ? 0 : 1);
