import { sleep, unfinished } from "./instance.mjs";

/** Jobs of a campaign. */
const SHARE = 250;

/** After a SIGKILL with that many jobs queued, all finish by themselves. */
export async function restart({ newInstance, judge, say }, { jobs }) {
  const instance = await newInstance("state");
  const { call, status } = instance;
  await instance.start();
  // So slow that they queue up.
  await call("PUT", "/sandbox/latency", { provider: "millionverifier", ms: 2_000 });
  for (let left = jobs * 1.2; left > 0; left -= SHARE) await instance.startCampaign(SHARE);
  while (unfinished(await status()) < jobs) await sleep(200);
  await call("PUT", "/sandbox/latency", { ms: 0 });
  const before = await status();
  say(`${unfinished(before)} jobs unfinished, ${before.queue.backlog_count} messages queued; SIGKILL`);
  await instance.kill();
  await instance.start();
  const restartedAt = Date.now();
  say("restarted; nobody helps");
  await instance.untilFinished();
  say(`all finished ${((Date.now() - restartedAt) / 1000).toFixed(1)} s after the restart`);
  await judge(instance);
}
