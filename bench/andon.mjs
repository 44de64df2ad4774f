// Andon under measurement: a real local instance with the bench's door.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiAt, applyMigrations, freePort, ROOT, startWorkers, waitUntilReady } from "../scripts/local.mjs";
import { RESULTS } from "./common.mjs";

/** What differs from the product's configuration: the bench's door, and batches as large as a queue allows, 100 messages of ten jobs. */
const CHANGED = [
  ['main = "src/index.ts"', 'main = "../../bench/worker.ts"'],
  ['directory = ".build/assets"', 'directory = "../assets"'],
  ['migrations_dir = "migrations"', 'migrations_dir = "../../migrations"'],
  ['andon-lead-jobs"\nmax_batch_size = 5', 'andon-lead-jobs"\nmax_batch_size = 100'],
];

/** Starts one. @returns its API, its door, the memory of its runtime, and how to stop it */
export async function startAndon() {
  const state = mkdtempSync(join(tmpdir(), "andon-bench-"));
  const port = await freePort();
  await applyMigrations(state);
  const workers = startWorkers({ port, state, quiet: true, config: configuration() });
  await waitUntilReady(port);
  const base = `http://localhost:${port}`;
  return {
    api: apiAt(base),
    base,
    /** Asks the bench's door. */
    async door(path, parameters = {}) {
      const answer = await fetch(`${base}/bench/${path}?${new URLSearchParams(parameters)}`);
      if (!answer.ok) throw new Error(`/bench/${path}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    },
    /** Resident memory of the runtime in MB, or null where /proc does not tell. */
    memoryMb: () => memoryOf(workers.pid),
    async stop() {
      await workers.stop();
      rmSync(state, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The product's own, with the changes. @returns its path */
function configuration() {
  let text = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
  for (const [from, to] of CHANGED) {
    if (!text.includes(from))
      throw new Error(`wrangler.toml holds no \`${from}\` any more: change bench/andon.mjs too.`);
    text = text.replaceAll(from, to);
  }
  mkdirSync(RESULTS, { recursive: true });
  const path = join(RESULTS, "wrangler.toml");
  writeFileSync(path, text);
  return path;
}

/** Of the largest process among those that one has started. */
function memoryOf(pid) {
  try {
    const parents = execFileSync("ps", ["-eo", "pid=,ppid=,rss="], { encoding: "utf8" }).trim().split("\n");
    const rows = parents.map((line) => line.trim().split(/\s+/).map(Number));
    const family = new Set([pid]);
    for (let size = 0; size !== family.size;) {
      size = family.size;
      for (const [child, parent] of rows) if (family.has(parent)) family.add(child);
    }
    const sizes = rows.filter(([child]) => family.has(child) && nameOf(child) === "workerd").map(([, , rss]) => rss);
    return sizes.length === 0 ? null : Math.round(Math.max(...sizes) / 1024);
  } catch {
    return null;
  }
}

const nameOf = (pid) => readFileSync(`/proc/${pid}/comm`, "utf8").trim();
