// Campaigns under load on a real local instance that is killed, restarted, stopped and broken at random moments. Then:
// is anything lost, doubled or stuck, and did the breaker ever close by itself?
//   npm run chaos -- --rounds N --seed S
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compare, KINDS } from "./chaos-verdict.mjs";
import { apiAt, applyMigrations, freePort, startWorkers, waitUntilReady } from "./local.mjs";

const PROVIDERS = ["apollo", "millionverifier", "perplexity", "openai", "instantly"];
const FAULTS = ["server_error", "rate_limited", "malformed", "connection_reset", "timeout_after_effect", "timeout"];
/** After so many rounds everything is mended and closed, and must finish by itself. */
const SETTLE_EVERY = 20;
const PATIENCE_MS = 240_000;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
  },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed);
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(seed)) {
  console.error("npm run chaos -- --rounds N --seed S: both are whole numbers, and N is at least 1.");
  process.exit(2);
}

const startedAt = Date.now();
const say = (text) => console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${text}`);
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));

/** The same seed makes the same plan; what meets what in time is the machine's. */
let state = seed;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let bits = Math.imul(state ^ (state >>> 15), 1 | state);
  bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
  return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
}
const between = (least, most) => least + Math.floor(random() * (most - least + 1));
const pick = (items) => items[between(0, items.length - 1)];

const folder = mkdtempSync(join(tmpdir(), "andon-chaos-"));
const port = await freePort();
const call = apiAt(`http://localhost:${port}`);
/** What was done, for the comparison: times are this machine's, as the ledger's are. */
const done = { campaigns: [], kills: [], opens: [], closes: 0 };
let workers = null;
const ending = { asked: false };
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => ((ending.asked = true), void leave(130)));

async function start() {
  workers = startWorkers({ port, state: folder, quiet: true });
  await waitUntilReady(port);
}

async function killAndRestart() {
  done.kills.push(Date.now());
  await workers.kill();
  done.kills.push(Date.now());
  await start();
}

async function leave(code) {
  await workers?.kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(code);
}

/** Null when the request met a runtime that is just being killed, or the breaker as it must not stand for it. */
async function ask(method, path, body) {
  try {
    return await call(method, path, body);
  } catch (error) {
    const expected = error.status === undefined || error.status === 409 || error.status >= 500;
    if (expected) return null;
    throw error;
  }
}

async function open() {
  const opened = await ask("POST", "/queue-management/pause", { reason: "chaos" });
  if (opened) done.opens.push({ from: Date.now(), to: Infinity });
}

async function close() {
  // From here on calls may begin again, whether the answer arrives or not.
  for (const each of done.opens) each.to = Math.min(each.to, Date.now());
  const closed = await ask("POST", "/queue-management/circuit-breaker/close", { note: "chaos" });
  if (closed?.changed ?? true) done.closes++;
}

async function startCampaign(name) {
  const created = await ask("POST", "/campaigns", {
    name,
    target_leads: between(10, 40),
    // A third of them look for the same people.
    search: { person_titles: [random() < 0.33 ? "Chaos" : name] },
    message: { sender_name: "Ada", offer: "a line that stops when it should" },
  });
  if (!created) return;
  done.campaigns.push(created.campaign.id);
  await ask("POST", `/campaigns/${created.campaign.id}/start`);
}

const DEEDS = {
  open,
  close,
  kill: killAndRestart,
  break: () =>
    ask("POST", "/sandbox/faults", {
      provider: pick(PROVIDERS),
      kind: pick(FAULTS),
      after: between(0, 5),
      count: between(1, 4),
    }),
  mend: () => ask("DELETE", "/sandbox/faults"),
  slow: () => ask("PUT", "/sandbox/latency", { ms: between(0, 400) }),
};

/** What happens in a round, in the order of its times. */
function plan() {
  const deeds = [
    "break",
    "close",
    "mend",
    "close",
    ...(random() < 0.6 ? ["kill"] : []),
    ...(random() < 0.4 ? ["open"] : []),
  ];
  if (random() < 0.15) deeds.push("kill");
  if (random() < 0.3) deeds.push("slow");
  return deeds.map((deed) => ({ deed, at: between(200, 7_000) })).toSorted((a, b) => a.at - b.at);
}

async function round(number) {
  const deeds = plan();
  const starts = between(1, 2);
  const beganAt = Date.now();
  for (let n = 1; n <= starts; n++) await startCampaign(`Chaos ${seed} ${number} ${n}`);
  let late = 0;
  for (const { deed, at } of deeds) {
    // A restart takes its time; what was planned meanwhile comes after it.
    await sleep(Math.max(0, beganAt + at + late - Date.now()));
    const before = Date.now();
    await DEEDS[deed]();
    if (deed === "kill") late += Date.now() - before;
  }
  say(`round ${number} of ${rounds}: ${starts} campaigns, ${deeds.map(({ deed }) => deed).join(", ")}`);
}

/** Mends all, closes, and waits until nothing is left to do. Returns what is not finished in time. */
async function settle() {
  await call("DELETE", "/sandbox/faults");
  await call("PUT", "/sandbox/latency", { ms: 50 });
  // What was not heard to start is started now.
  for (const id of done.campaigns) {
    const { campaign } = await call("GET", `/campaigns/${id}`);
    if (campaign.status !== "CREATED") continue;
    await close();
    await call("POST", `/campaigns/${id}/start`);
  }
  const endAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const {
      circuit_breaker: breaker,
      job_counts: jobs,
      campaign_counts: campaigns,
      sweep,
    } = await call("GET", "/queue-management/status");
    if (breaker.state === "open") await close();
    const left = jobs.PENDING + jobs.RUNNING + jobs.PAUSED + campaigns.RUNNING + campaigns.CREATED;
    if (left === 0 && breaker.state === "closed" && sweep?.state !== "running") return [];
    if (Date.now() > endAt) return [JSON.stringify({ breaker: breaker.state, jobs, campaigns, sweep })];
    await sleep(500);
  }
}

say(`${rounds} rounds from seed ${seed}`);
const verdict = Object.fromEntries(KINDS.map((kind) => [kind, []]));
try {
  await applyMigrations(folder);
  await start();
  await call("PUT", "/sandbox/latency", { ms: 100 });
  for (let number = 1; number <= rounds && !ending.asked; number++) {
    await round(number);
    if (number % SETTLE_EVERY !== 0 && number !== rounds) continue;
    const settledAt = Date.now();
    verdict.stuck.push(...(await settle()));
    const found = await compare(call, done);
    for (const kind of KINDS)
      verdict[kind].push(...(found[kind] ?? []).filter((text) => !verdict[kind].includes(text)));
    say(`all finished after ${((Date.now() - settledAt) / 1000).toFixed(0)} s; ${found.summary}`);
  }
  const kills = done.kills.length / 2;
  console.log(
    `\n${rounds} rounds, ${kills} kills, ${done.opens.length} opens by hand, ${done.closes} closes, ${done.campaigns.length} campaigns\n`,
  );
  for (const kind of KINDS) {
    console.log(`${String(verdict[kind].length).padStart(6)} ${kind}`);
    for (const text of verdict[kind].slice(0, 10)) console.log(`         ${text}`);
  }
  console.log(`\nAgain: npm run chaos -- --rounds ${rounds} --seed ${seed}`);
  await leave(KINDS.every((kind) => verdict[kind].length === 0) ? 0 : 1);
} catch (error) {
  if (ending.asked) await new Promise(() => {});
  console.error(`Chaos could not go on: ${error.stack}`);
  await leave(1);
}
