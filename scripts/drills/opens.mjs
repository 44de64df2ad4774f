import { sleep, unfinished } from "./instance.mjs";

/** Jobs of a campaign, and at least so many are unfinished at each opening. */
const SHARE = 250;

/** Under load, no call to a service begins after an acknowledged opening. */
export async function opens({ newInstance, judge, say }, { times }) {
  const instance = await newInstance("state");
  const { call, done, status } = instance;
  await instance.start();
  await call("PUT", "/sandbox/latency", { ms: 50 });
  const answered = [];
  for (let time = 1; time <= times; time++) {
    while (unfinished(await status()) < SHARE) await instance.startCampaign(SHARE);
    await sleep(300 + ((time * 379) % 900));
    const askedAt = Date.now();
    await call("POST", "/queue-management/pause", { reason: "a drill" });
    answered.push(Date.now() - askedAt);
    const from = Date.now();
    await sleep(600);
    done.opens.push({ from, to: Date.now() });
    await instance.close();
    if (time % 10 === 0) say(`${time} of ${times} opened and closed, ${unfinished(await status())} jobs unfinished`);
  }
  await instance.untilFinished();
  const sorted = answered.toSorted((a, b) => a - b);
  say(`an opening was acknowledged after ${sorted[0]} to ${sorted.at(-1)} ms, median ${sorted[sorted.length >> 1]} ms`);
  await judge(instance);
}
