// What is measured of Andon. Each measure leaves the line running and the tables as it found them.
import { ledgerOf } from "../scripts/chaos-verdict.mjs";
import { quantile, sleep, until } from "./common.mjs";

const seconds = (sinceMs) => (performance.now() - sinceMs) / 1_000;
const STATUS = "/queue-management/status";
const CLOSE = "/queue-management/circuit-breaker/close";

/** The whole path: message, look at the breaker, claim, result, count. Messages wait before the clock starts. */
export async function jobsASecond({ door }, jobs) {
  await door("mode", { mode: "run" });
  await door("hold");
  await door("fill", { count: jobs });
  await door("send", { from: 0, count: jobs });
  const begunAt = performance.now();
  await door("release");
  await until(async () => (await door("progress")).completed === jobs, 25);
  const perSecond = jobs / seconds(begunAt);
  await door("clear");
  return perSecond;
}

/**
 * Stops and starts again with so many jobs waiting. While both go on, somebody asks for the status again and again.
 * @returns rows a second, how long the answers took, and the runtime's largest size meanwhile
 */
export async function pauseAndResume({ api, door, memoryMb }, jobs) {
  await door("mode", { mode: "drop" });
  await door("fill", { count: jobs });
  const watcher = watch({ api, memoryMb });
  const stopAt = performance.now();
  await api("POST", "/queue-management/pause", { reason: "the bench" });
  const stopAnswerMs = performance.now() - stopAt;
  await sweepEnds(api);
  const pauseSeconds = seconds(stopAt);
  if ((await door("progress")).paused !== jobs) throw new Error("Not all jobs were paused.");
  await sleep(1_000);
  const closeAt = performance.now();
  await api("POST", CLOSE, {});
  const closeAnswerMs = performance.now() - closeAt;
  await sweepEnds(api);
  const resumeSeconds = seconds(closeAt);
  const watched = await watcher.end();
  if ((await door("progress")).paused !== 0) throw new Error("Not all jobs were queued again.");
  await door("clear");
  const rates = { pausedASecond: jobs / pauseSeconds, resumedASecond: jobs / resumeSeconds };
  return { jobs, stopAnswerMs, pauseSeconds, closeAnswerMs, resumeSeconds, ...rates, ...watched };
}

async function sweepEnds(api) {
  await until(async () => (await api("GET", STATUS)).sweep?.state !== "running", 20);
}

/** Asks for the status without a pause until it is told to end. */
function watch({ api, memoryMb }) {
  const answersMs = [];
  const seen = { goesOn: true, mostMb: 0 };
  const watching = (async () => {
    while (seen.goesOn) {
      const askedAt = performance.now();
      await api("GET", STATUS);
      answersMs.push(performance.now() - askedAt);
      if (answersMs.length % 50 === 1) seen.mostMb = Math.max(seen.mostMb, memoryMb() ?? 0);
      await sleep(20);
    }
  })();
  return {
    async end() {
      seen.goesOn = false;
      await watching;
      return { statusP50Ms: quantile(answersMs), statusP99Ms: quantile(answersMs, 0.99), mostMb: seen.mostMb };
    },
  };
}

/** How long the API takes to answer, with so many jobs in the table: at rest, and while jobs run. */
export async function latencies({ api, door }, { jobs, asked }) {
  await door("mode", { mode: "run" });
  await door("fill", { count: jobs });
  const id = `00000000-0000-7000-8000-${Math.floor(jobs / 2)
    .toString(16)
    .padStart(12, "0")}`;
  const paths = {
    status: STATUS,
    "jobs, newest 50": "/jobs?limit=50",
    "jobs that wait, newest 50": "/jobs?limit=50&status=PENDING",
    campaigns: "/campaigns",
    "one job": `/jobs/${id}`,
  };
  const atRest = await askedFor(api, paths, asked);
  await door("hold");
  await door("send", { from: 0, count: Math.min(jobs, asked * 100) });
  await door("release");
  const underLoad = await askedFor(api, paths, asked);
  await door("hold");
  await door("clear");
  await door("mode", { mode: "drop" });
  await door("release");
  return Object.keys(paths).map((name) => ({ name, ...atRest[name], load: underLoad[name] }));
}

async function askedFor(api, paths, times) {
  const all = Object.fromEntries(Object.keys(paths).map((name) => [name, []]));
  for (let n = 0; n < times; n++)
    for (const [name, path] of Object.entries(paths)) {
      const askedAt = performance.now();
      await api("GET", path);
      all[name].push(performance.now() - askedAt);
    }
  return Object.fromEntries(
    Object.entries(all).map(([name, ms]) => [name, { p50Ms: quantile(ms), p99Ms: quantile(ms, 0.99) }]),
  );
}

/**
 * A campaign runs through the sandbox's services, and one of them breaks.
 * @returns from the first failed call to the opening and to its acknowledgement, and how many calls began after that
 */
export async function faultToStop({ api, door }, leads) {
  await door("mode", { mode: "pipeline" });
  const { campaign } = await api("POST", "/campaigns", {
    name: "Bench",
    target_leads: leads,
    search: { person_titles: [`Head of ${Date.now()}`] },
    message: { sender_name: "Ada", offer: "a bench" },
  });
  await api("POST", `/campaigns/${campaign.id}/start`);
  await until(
    async () => (await api("GET", `/campaigns/${campaign.id}`)).campaign.progress.leads.researched > leads / 10,
  );
  await api("POST", "/sandbox/faults", { provider: "openai", kind: "server_error" });
  let acknowledgedAt = 0;
  await until(async () => {
    const { circuit_breaker: breaker } = await api("GET", "/queue-management/circuit-breaker");
    acknowledgedAt = Date.now();
    return breaker.state === "open";
  }, 1);
  await sleep(2_000);
  const { circuit_breaker: breaker } = await api("GET", "/queue-management/circuit-breaker");
  const calls = await ledgerOf(api);
  const failedAt = Math.min(
    ...calls.filter(({ outcome }) => outcome === "server_error").map(({ at }) => Date.parse(at)),
  );
  const begun = calls.map(({ at }) => Date.parse(at));
  await api("DELETE", "/sandbox/faults");
  await api("POST", CLOSE, {});
  await until(async () => (await api("GET", `/campaigns/${campaign.id}`)).campaign.status === "COMPLETED", 100);
  await api("POST", "/sandbox/reset");
  await door("clear");
  return {
    openedMs: Date.parse(breaker.opened_at) - failedAt,
    acknowledgedMs: acknowledgedAt - failedAt,
    lastCallMs: Math.max(...begun) - failedAt,
    callsAfter: begun.filter((at) => at > acknowledgedAt).length,
  };
}
