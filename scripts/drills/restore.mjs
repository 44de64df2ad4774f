import { cpSync, mkdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ledgerOf } from "../chaos-verdict.mjs";
import { until } from "./instance.mjs";
import { filesOf, lookInto } from "./stored.mjs";
import { campaignsUnderWay } from "./under-way.mjs";

/**
 * D1 is taken back to an earlier moment under a Breaker, a sender and services that have gone on. The line stops by itself, and
 * nothing but a close is needed: nobody is pushed twice, and no sender campaign is made twice.
 */
export async function restore({ folder, newInstance, judge, say }, { leads }) {
  const instance = await newInstance("state");
  const { call, state, status } = instance;
  await instance.start();
  await instance.startCampaign(leads);
  say(await campaignsUnderWay(instance, leads));
  await instance.stop();
  const saved = join(folder, "saved");
  copyD1(state, saved);
  const before = looksOf(state);
  await instance.start();
  // A campaign that the saved rows do not know at all.
  await instance.startCampaign(leads);
  await until("the watchdog has noted a look since", () => looksOf(state) > before);
  await call("PUT", "/sandbox/latency", { ms: 0 });
  await instance.untilFinished();
  const { pushed: pushedBefore } = await call("GET", "/sandbox/summary");
  say(`all finished, ${sum(pushedBefore)} leads pushed to ${Object.keys(pushedBefore).length} campaigns at the sender`);
  await instance.stop();
  restoreD1(state, saved);
  await instance.start();
  say("D1 is as it was saved; the Breaker, the sender and the services are not");
  // As the cron does, once a minute in production.
  await fetch(`${instance.base}/cdn-cgi/handler/scheduled`);
  await until("the line stops", async () => (await status()).circuit_breaker.state === "open");
  const { circuit_breaker: breaker } = await status();
  const found = [];
  if (breaker.reason.kind !== "restored") found.push(`stopped for ${JSON.stringify(breaker.reason)}`);
  say(`stopped: ${breaker.reason.message.slice(0, 60)}…`);
  await instance.close();
  await instance.untilFinished();
  say("closed, and all finished");
  const ledger = await ledgerOf(call);
  const twice = (path, what) =>
    repeated(ledger.filter((each) => effective(each) && path(each))).map((of) => `${what} ${of}`);
  found.push(
    ...twice(({ path }) => path.endsWith("/leads/add"), "pushed twice:"),
    ...twice(({ path, method }) => method === "POST" && path.endsWith("/campaigns"), "a second sender campaign:"),
  );
  // What the saved rows did not know is bought again, and the last campaign is not theirs: neither is compared.
  instance.done.campaigns.pop();
  await judge(instance, { doubled: found, lost: await unfinishedLeads(call, instance.done.campaigns) });
}

const effective = ({ provider, outcome }) =>
  provider === "instantly" && ["ok", "timeout_after_effect"].includes(outcome);

function repeated(calls) {
  const seen = new Map();
  for (const { subject } of calls) seen.set(subject, (seen.get(subject) ?? 0) + 1);
  return [...seen].filter(([, times]) => times > 1).map(([subject]) => subject);
}

async function unfinishedLeads(call, campaigns) {
  const all = await Promise.all(campaigns.map((id) => call("GET", `/campaigns/${id}`)));
  return all.filter(({ campaign }) => campaign.status === "RUNNING").map(({ campaign }) => `${campaign.id} still runs`);
}

const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0);
const looksOf = (state) =>
  lookInto(state, "breaker", (database) => database.prepare("SELECT looked_at AS at FROM looks").get()?.at ?? 0);

function copyD1(state, to) {
  mkdirSync(to);
  for (const file of filesOf(state, "d1")) cpSync(file, join(to, basename(file)));
}
function restoreD1(state, from) {
  const now = filesOf(state, "d1");
  for (const file of now) rmSync(file);
  cpSync(from, dirname(now[0]), { recursive: true });
}
