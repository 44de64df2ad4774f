// Ten campaigns at once, a provider that breaks in the middle, an operator who mends and closes: does all hold?
//   npm run smoke                     on an instance of its own, with its own state
//   npm run smoke -- --url http://…   on one that runs already, in sandbox mode
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { apiAt, applyMigrations, freePort, startWorkers, waitUntilReady } from "./local.mjs";

const CAMPAIGNS = 10;
const LEADS = 20;
const PATIENCE_MS = 180_000;

const { values } = parseArgs({ options: { url: { type: "string" } } });
const failures = [];
const startedAt = Date.now();

const say = (text) => console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}`);

function check(claim, holds, seen = "") {
  say(`${holds ? "ok    " : "FAILED"} ${claim}${holds || seen === "" ? "" : `: ${seen}`}`);
  if (!holds) failures.push(claim);
}

async function run(base) {
  const call = apiAt(base);
  const status = () => call("GET", "/queue-management/status");
  const until = async (what, look) => {
    for (let shown = "", endAt = Date.now() + PATIENCE_MS; Date.now() < endAt;) {
      const { done, progress } = await look();
      if (progress !== shown) say(`       ${what}: ${(shown = progress)}`);
      if (done) return;
      await new Promise((wake) => setTimeout(wake, 300));
    }
    throw new Error(`It never happened: ${what}`);
  };

  const before = await call("GET", "/sandbox/summary");
  const round = Date.now();
  const ids = [];
  for (let index = 1; index <= CAMPAIGNS; index++) {
    const { campaign } = await call("POST", "/campaigns", {
      name: `Smoke ${index}`,
      target_leads: LEADS,
      search: { person_titles: [`Smoke ${round} ${index}`] },
      message: { sender_name: "Ada", offer: "a line that stops when it should" },
    });
    ids.push(campaign.id);
  }
  await Promise.all(ids.map((id) => call("POST", `/campaigns/${id}/start`)));
  check(`${CAMPAIGNS} campaigns of ${LEADS} leads started at once`, true);
  const mine = async () =>
    (await Promise.all(ids.map((id) => call("GET", `/campaigns/${id}`)))).map((each) => each.campaign);
  const sum = (campaigns, pick) => campaigns.reduce((total, each) => total + pick(each.progress), 0);

  await until("leads written to", async () => {
    const written = sum(await mine(), (progress) => progress.leads.written);
    return { done: written >= CAMPAIGNS, progress: `${written}` };
  });
  await call("POST", "/sandbox/faults", { provider: "perplexity", kind: "server_error" });
  say("       perplexity breaks");
  await until("breaker", async () => {
    const { circuit_breaker: breaker } = await status();
    return { done: breaker.state === "open", progress: breaker.state };
  });
  const { circuit_breaker: open } = await status();
  check("the breaker names the provider", open.reason.provider === "perplexity" && open.reason.kind === "server_error");
  await until("pausing", async () => {
    const { job_counts: jobs } = await status();
    return {
      done: jobs.PENDING + jobs.RUNNING === 0,
      progress: `${jobs.PAUSED} paused, ${jobs.PENDING + jobs.RUNNING} to go`,
    };
  });
  const stopped = await mine();
  const waiting = stopped.filter(({ progress: { jobs } }) => jobs.PENDING + jobs.RUNNING + jobs.PAUSED > 0);
  const notRunning = waiting.filter((each) => each.status !== "RUNNING");
  check(
    `the ${waiting.length} campaigns with paused jobs are RUNNING`,
    waiting.length > 0 && notRunning.length === 0,
    notRunning.map((each) => each.id).join(),
  );
  const { jobs: paused } = await call("GET", "/jobs?status=PAUSED&limit=200");
  check(
    "paused jobs carry the reason",
    paused.length > 0 && paused.every((job) => job.pause_reason?.includes("perplexity")),
  );

  await call("DELETE", "/sandbox/faults");
  const closed = await call("POST", "/queue-management/circuit-breaker/close", { note: "smoke: mended" });
  check("the close answers with the resume", closed.changed && closed.sweep?.kind === "resume");
  await until("finished", async () => {
    const campaigns = await mine();
    const finished = campaigns.filter((each) => each.status === "COMPLETED").length;
    return {
      done: finished === CAMPAIGNS,
      progress: `${finished} campaigns, ${sum(campaigns, (p) => p.jobs.COMPLETED)} jobs`,
    };
  });

  const ended = await mine();
  const after = await call("GET", "/sandbox/summary");
  check(
    `each campaign found its ${LEADS} leads`,
    ended.every((each) => each.progress.leads.found === LEADS),
  );
  const wrong = ended.filter((each) => after.pushed[each.instantly_campaign_id] !== each.progress.leads.pushed);
  check("the sender holds exactly the leads that were pushed", wrong.length === 0, wrong.map((each) => each.id).join());
  for (const [provider, { repeated_subjects_count: repeated, repeated_subjects: which }] of Object.entries(
    after.providers,
  )) {
    const already = before.providers[provider].repeated_subjects_count;
    check(`${provider}: no finished step was bought twice`, repeated === already, which.slice(0, 3).join());
  }
}

async function runOnOwnInstance() {
  const state = mkdtempSync(join(tmpdir(), "andon-smoke-"));
  const port = await freePort();
  say("       starting an instance of its own");
  await applyMigrations(state);
  const workers = startWorkers({ port, state, quiet: true });
  try {
    await waitUntilReady(port);
    await run(`http://localhost:${port}`);
  } finally {
    await workers.stop();
    rmSync(state, { recursive: true, force: true });
  }
}

try {
  await (values.url ? run(values.url.replace(/\/$/, "")) : runOnOwnInstance());
} catch (error) {
  failures.push(error.message);
  say(`FAILED ${error.message}`);
}
console.log(failures.length === 0 ? "\nSmoke test: all holds." : `\nSmoke test: ${failures.length} FAILED.`);
process.exit(failures.length === 0 ? 0 : 1);
