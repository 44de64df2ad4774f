// Two drills on a local instance of their own, each with a figure to hold:
//   npm run drill -- opens --times 50      under load, no call to a service begins after an acknowledged opening
//   npm run drill -- restart --jobs 2000   after a SIGKILL with that many jobs queued, all finish by themselves
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compare, KINDS } from "./chaos-verdict.mjs";
import { apiAt, applyMigrations, freePort, startWorkers, waitUntilReady } from "./local.mjs";

const SHARE = 250;
const PATIENCE_MS = 600_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { times: { type: "string", default: "50" }, jobs: { type: "string", default: "2000" } },
});
const startedAt = Date.now();
const say = (text) => console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${text}`);
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));
const folder = mkdtempSync(join(tmpdir(), "andon-drill-"));
const port = await freePort();
const call = apiAt(`http://localhost:${port}`);
const done = { campaigns: [], kills: [], opens: [], closes: 0 };
let workers = null;

async function start() {
  workers = startWorkers({ port, state: folder, quiet: true });
  await waitUntilReady(port);
}

async function leave(code) {
  await workers?.kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(code);
}
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => void leave(130));

async function startCampaign(leads) {
  const name = `Drill ${done.campaigns.length + 1}`;
  const message = { sender_name: "Ada", offer: "a line that stops when it should" };
  const { campaign } = await call("POST", "/campaigns", {
    name,
    target_leads: leads,
    search: { person_titles: [name] },
    message,
  });
  done.campaigns.push(campaign.id);
  await call("POST", `/campaigns/${campaign.id}/start`);
}

const status = () => call("GET", "/queue-management/status");
const unfinished = ({ job_counts: jobs }) => jobs.PENDING + jobs.RUNNING + jobs.PAUSED;

async function untilFinished() {
  for (const endAt = Date.now() + PATIENCE_MS; Date.now() < endAt; await sleep(300)) {
    const now = await status();
    if (unfinished(now) + now.campaign_counts.RUNNING === 0) return;
  }
  throw new Error(`Not finished: ${JSON.stringify(await status())}`);
}

async function opens(times) {
  await call("PUT", "/sandbox/latency", { ms: 50 });
  const answered = [];
  for (let time = 1; time <= times; time++) {
    while (unfinished(await status()) < SHARE) await startCampaign(SHARE);
    await sleep(300 + ((time * 379) % 900));
    const askedAt = Date.now();
    await call("POST", "/queue-management/pause", { reason: "a drill" });
    answered.push(Date.now() - askedAt);
    const from = Date.now();
    await sleep(600);
    done.opens.push({ from, to: Date.now() });
    await call("POST", "/queue-management/circuit-breaker/close", { note: "a drill" });
    done.closes++;
    if (time % 10 === 0) say(`${time} of ${times} opened and closed, ${unfinished(await status())} jobs unfinished`);
  }
  await untilFinished();
  const sorted = answered.toSorted((a, b) => a - b);
  say(`an opening was acknowledged after ${sorted[0]} to ${sorted.at(-1)} ms, median ${sorted[sorted.length >> 1]} ms`);
}

async function restart(jobs) {
  // So slow that they queue up.
  await call("PUT", "/sandbox/latency", { provider: "millionverifier", ms: 2_000 });
  for (let left = jobs * 1.2; left > 0; left -= SHARE) await startCampaign(SHARE);
  while (unfinished(await status()) < jobs) await sleep(200);
  await call("PUT", "/sandbox/latency", { ms: 0 });
  const before = await status();
  say(`${unfinished(before)} jobs unfinished, ${before.queue.backlog_count} messages queued; SIGKILL`);
  done.kills.push(Date.now());
  await workers.kill();
  done.kills.push(Date.now());
  await start();
  const restartedAt = Date.now();
  say("restarted; nobody helps");
  await untilFinished();
  say(`all finished ${((Date.now() - restartedAt) / 1000).toFixed(1)} s after the restart`);
}

try {
  const drills = { opens: () => opens(Number(values.times)), restart: () => restart(Number(values.jobs)) };
  const drill = drills[positionals[0] ?? ""];
  if (!drill) throw new Error("Which drill? npm run drill -- opens, or npm run drill -- restart");
  await applyMigrations(folder);
  await start();
  await drill();
  const found = await compare(call, done);
  say(found.summary);
  for (const kind of KINDS)
    console.log(`${String(found[kind]?.length ?? 0).padStart(6)} ${kind} ${found[kind]?.[0] ?? ""}`);
  await leave(KINDS.every((kind) => (found[kind]?.length ?? 0) === 0) ? 0 : 1);
} catch (error) {
  console.error(`The drill could not go on: ${error.message}`);
  await leave(1);
}
