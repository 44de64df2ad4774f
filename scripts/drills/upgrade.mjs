import { join } from "node:path";
import { keepFixture } from "./fixture.mjs";
import { sleep, until } from "./instance.mjs";
import { checkOut } from "./revision.mjs";
import { addJobs } from "./rows.mjs";
import { change, lookInto } from "./stored.mjs";
import { campaignsUnderWay } from "./under-way.mjs";

const REASON = "a drill: the next revision comes";

/** What an earlier revision has under way, stopped or not, this one finds as it was and brings to its end. */
export async function upgrade(drill, options) {
  const { folder, say, interrupted } = drill;
  if (!options.from) throw new Error("From which revision? npm run drill -- upgrade --from REV");
  const earlier = await checkOut(options.from, join(folder, "earlier"), interrupted);
  say(`revision ${earlier.hash} is laid out`);
  const runs = options.planned ? { planned } : { underWay, stopped };
  for (const [name, run] of Object.entries(runs)) {
    const instance = await drill.newInstance(name);
    await run({ ...drill, earlier, instance }, options);
  }
}

/** Killed with everything under way: the next revision finishes it by itself. */
async function underWay(drill, options) {
  const { instance, say } = drill;
  await begin(drill, { ...options, waiting: 0 });
  await instance.kill();
  if (options["keep-fixture"]) keepFixture(join(options["keep-fixture"], "under-way"), drill);
  const before = held(instance);
  await startThis(drill);
  await instance.untilFinished();
  say("all finished, with nobody's help");
  await drill.judge(instance, { "missing after the upgrade": missing(before, instance) });
}

/** Killed in the middle of a pause: the next revision is stopped for the same reason, and goes on when it is closed. */
async function stopped(drill, options) {
  const { instance, say } = drill;
  const rows = await begin(drill, options);
  const asked = instance.call("POST", "/queue-management/pause", { reason: REASON }).catch(() => null);
  // The answer comes when no call can begin any more, and the pause may be over by then: what is stored tells sooner.
  const inThePause = () => {
    const seen = sweepOf(instance);
    return seen?.kind === "pause" && (seen.done > 0 || seen.state !== "running" || options.waiting === 0);
  };
  await until("the stop is stored", inThePause, 1);
  await instance.kill();
  const stoppedAt = Date.now();
  await asked;
  const { state } = sweepOf(instance);
  say(`stopped and killed: the pause was ${state}, ${JSON.stringify(statusesOf(instance))}`);
  if (options["keep-fixture"])
    keepFixture(join(options["keep-fixture"], "stopped"), { ...drill, thinned: rows.waiting ?? null });
  const before = held(instance);
  await startThis(drill);
  await closeAsFound(drill, before, stoppedAt);
}

/** As a change of tables is done: stop, wait until no attempt holds a lease, end, migrate, start, close. */
async function planned(drill, options) {
  const { instance, say } = drill;
  await begin(drill, options);
  await instance.call("POST", "/queue-management/pause", { reason: REASON });
  const stoppedAt = Date.now();
  const isQuiet = async () => {
    const { job_counts: jobs, sweep } = await instance.status();
    return jobs.PENDING + jobs.RUNNING === 0 && sweep.state === "done" && leasesOf(instance) === 0;
  };
  await until("no attempt holds a lease", isQuiet, 500);
  say(`all paused and no lease held ${Date.now() - stoppedAt} ms after the stop was acknowledged`);
  await instance.stop();
  const before = held(instance);
  await startThis(drill);
  await closeAsFound(drill, before, stoppedAt);
}

/** The earlier revision, with all that the run needs under way. @returns the campaigns of rows that were put in */
async function begin({ earlier, instance, say }, { leads, waiting, history }) {
  const { call, done, state } = instance;
  await instance.start(earlier.root);
  await instance.startCampaign(leads);
  const rows = {};
  for (const [name, count] of Object.entries({ waiting, history }))
    if (count > 0) rows[name] = await instance.createCampaign();
  if (rows.waiting ?? rows.history) {
    await instance.stop();
    change(state, "d1", (database) => {
      if (rows.waiting) addJobs(database, { campaign: rows.waiting, count: waiting, status: "PENDING" });
      if (rows.history) addJobs(database, { campaign: rows.history, count: history, status: "COMPLETED" });
    });
    if (rows.waiting) done.campaigns.push(rows.waiting);
    await instance.start(earlier.root);
  }
  await call("PUT", "/sandbox/latency", { ms: 0 });
  say(`${earlier.hash}: ${await campaignsUnderWay(instance, leads)}`);
  return rows;
}

async function startThis({ instance, say }) {
  const from = Date.now();
  await instance.start();
  say(`this revision migrated and started in ${((Date.now() - from) / 1000).toFixed(1)} s`);
  await instance.call("PUT", "/sandbox/latency", { ms: 0 });
}

/** Still stopped, for the same reason, until an operator closes: then all finishes. */
async function closeAsFound(drill, before, stoppedAt) {
  const { instance, judge, say } = drill;
  const { done, status } = instance;
  const changed = [];
  await until("all is paused", async () => {
    const { job_counts: jobs } = await status();
    return jobs.PENDING + jobs.RUNNING === 0;
  });
  // As long as a watchdog's look, and longer than a message that somebody kept.
  await sleep(6_000);
  const { circuit_breaker: breaker, job_counts: jobs } = await status();
  if (breaker.state !== "open" || breaker.reason?.message !== REASON) changed.push(`found ${JSON.stringify(breaker)}`);
  if (jobs.PENDING + jobs.RUNNING > 0) changed.push(`jobs go on while the line is stopped: ${JSON.stringify(jobs)}`);
  say(`still stopped (${breaker.reason?.message}), ${jobs.PAUSED} jobs paused`);
  done.opens.push({ from: stoppedAt, to: Date.now() });
  await instance.close();
  await instance.untilFinished();
  say("closed, and all finished");
  await judge(instance, { "changed by the upgrade": changed, "missing after the upgrade": missing(before, instance) });
}

const inD1 = ({ state }, sql) => lookInto(state, "d1", (database) => database.prepare(sql).all());
/** What a copy of files that are just being written does not show is seen at the next look. */
function whileItRuns(look) {
  try {
    return look();
  } catch {
    return null;
  }
}
const sweepOf = ({ state }) =>
  whileItRuns(() =>
    lookInto(state, "breaker", (database) =>
      database.prepare("SELECT * FROM sweeps ORDER BY epoch DESC LIMIT 1").get(),
    ),
  );
const leasesOf = (instance) =>
  whileItRuns(
    () =>
      inD1(instance, `SELECT count(*) AS n FROM jobs WHERE lease_until > ${Date.now()} AND finished_at IS NULL`)[0].n,
  );
const statusesOf = (instance) =>
  Object.fromEntries(
    inD1(instance, "SELECT status, count(*) AS n FROM jobs GROUP BY 1").map(({ status, n }) => [status, n]),
  );
/** What must be there afterwards too: every campaign, job and lead, and that a lead was pushed. */
const held = (instance) =>
  inD1(
    instance,
    `SELECT 'campaign ' || id AS it FROM campaigns UNION ALL SELECT 'job ' || id FROM jobs
     UNION ALL SELECT 'lead ' || id FROM leads UNION ALL SELECT 'push of lead ' || id FROM leads WHERE stage = 'pushed'`,
  ).map(({ it }) => it);
function missing(before, instance) {
  const now = new Set(held(instance));
  return before.filter((it) => !now.has(it));
}
