// How fast Andon is on this machine, beside what people would use instead.
//   npm run bench [-- --rounds N] [--jobs N] [--rows N,N,…] [--asked N] [--quick] [--no-peers]
//   Prints tables in Markdown, and writes them and all figures as JSON to .build/bench.
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../scripts/local.mjs";
import { startAndon } from "./andon.mjs";
import { startBullmq } from "./bullmq.mjs";
import { RESULTS, versionOf } from "./common.mjs";
import { faultToStop, jobsASecond, latencies, pauseAndResume } from "./measures.mjs";
import { startPgBoss } from "./pg-boss.mjs";
import { markdown } from "./report.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    jobs: { type: "string", default: "20000" },
    rows: { type: "string", default: "1000,100000,1000000" },
    asked: { type: "string", default: "200" },
    quick: { type: "boolean", default: false },
    peers: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const plan = values.quick
  ? { rounds: 1, jobs: 2_000, rows: [1_000, 20_000], asked: 20 }
  : {
      rounds: Number(values.rounds),
      jobs: Number(values.jobs),
      rows: values.rows.split(",").map(Number),
      asked: Number(values.asked),
    };
const steps = [];
const figures = { at: new Date().toISOString(), plan, machine: machine(), skipped: [] };

const peers = values.peers ? await startPeers() : [];
const andon = await startAndon();
const engines = [{ name: "Andon", jobsASecond: (jobs) => jobsASecond(andon, jobs) }, ...peers];
try {
  // The first of all is thrown away: it warms everything up.
  for (const engine of engines) step(`${engine.name} warms up`, () => engine.jobsASecond(Math.min(plan.jobs, 2_000)));
  figures.jobsASecond = Object.fromEntries(engines.map(({ name }) => [name, []]));
  figures.startsAfterPause = Object.fromEntries(peers.map(({ name }) => [name, []]));
  figures.stops = [];
  figures.sweeps = [];
  // The engines take turns, so that a slow minute of the machine is everybody's.
  for (let round = 1; round <= plan.rounds; round++) {
    for (const engine of engines)
      step(`${engine.name}: ${plan.jobs} jobs, round ${round}`, async () =>
        figures.jobsASecond[engine.name].push(await engine.jobsASecond(plan.jobs)),
      );
    for (const peer of peers)
      step(`${peer.name}: what starts after a pause, round ${round}`, async () =>
        figures.startsAfterPause[peer.name].push(await peer.startsAfterPause(plan.jobs)),
      );
    step(`Andon: from a fault to the stop, round ${round}`, async () =>
      figures.stops.push(await faultToStop(andon, 200)),
    );
  }
  for (const rows of plan.rows)
    for (let round = 1; round <= (rows >= 1_000_000 ? 1 : Math.min(3, plan.rounds)); round++)
      step(`Andon: pause and resume of ${rows} jobs, round ${round}`, async () =>
        figures.sweeps.push(await pauseAndResume(andon, rows)),
      );
  const most = Math.max(...plan.rows);
  step(`Andon: answers of the API with ${most} jobs`, async () => {
    figures.latencies = await latencies(andon, { jobs: most, asked: plan.asked });
  });
  await runSteps();
} finally {
  await andon.stop();
  for (const peer of peers) await peer.stop();
}

const text = markdown(figures);
writeFileSync(join(RESULTS, "results.md"), text);
writeFileSync(join(RESULTS, "results.json"), `${JSON.stringify(figures, null, 2)}\n`);
console.log(`\n${text}\nAlso in ${RESULTS}, with every single figure as JSON.`);

function step(name, work) {
  steps.push({ name, work });
}

async function runSteps() {
  for (const [index, { name, work }] of steps.entries()) {
    const bar = "█".repeat(Math.round((20 * index) / steps.length)).padEnd(20, "░");
    console.error(`${bar} ${index + 1} of ${steps.length}  ${name}`);
    await work();
  }
}

/** Those that are there; what is missing is said and left out. */
async function startPeers() {
  if (!existsSync(join(import.meta.dirname, "node_modules"))) {
    console.error("Installing what Andon is measured beside …");
    const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
      cwd: import.meta.dirname,
      stdio: "ignore",
    });
    if (status !== 0) figures.skipped.push("Both peers: their packages could not be installed.");
  }
  const started = [];
  for (const [start, missing] of [
    [startBullmq, "BullMQ: there is no redis-server (apt-get install redis-server)."],
    [startPgBoss, "pg-boss: there is no PostgreSQL (apt-get install postgresql)."],
  ]) {
    const peer = await start();
    if (peer) started.push(peer);
    else figures.skipped.push(missing);
  }
  for (const text of figures.skipped) console.error(`Left out. ${text}`);
  figures.versions = started.map(({ name, version }) => `${name}: ${version}`);
  return started;
}

function machine() {
  const { model } = cpus()[0] ?? { model: "unknown" };
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${cpus().length} × ${model.trim()}, ${memory}, Node ${process.versions.node}, workerd by wrangler ${versionOf("wrangler", ROOT)}`;
}
