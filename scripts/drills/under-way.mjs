import { sleep } from "./instance.mjs";

/** So long the right moment is waited for. */
const PATIENCE_MS = 30_000;
const STAGES = ["found", "verified", "researched", "written", "pushed"];

/**
 * Beside the first campaign two more, and all of it slow: until a search is in its middle, and leads are untouched, under
 * way and done. The leads of a batch go side by side, so they stand at two stages at most. Moments pass: what was really
 * there is told.
 * @returns a sentence
 */
export async function campaignsUnderWay({ call, done, startCampaign }, leads) {
  const first = done.campaigns[0];
  const look = async (id) => (await call("GET", `/campaigns/${id}`)).campaign;
  while ((await look(first)).progress.leads.pushed === 0) await sleep(50);
  await call("PUT", "/sandbox/latency", { ms: 700 });
  await call("PUT", "/sandbox/latency", { provider: "apollo", ms: 2_500 });
  const later = [await startCampaign(leads), await startCampaign(leads)];
  let seen = null;
  for (const endAt = Date.now() + PATIENCE_MS; Date.now() < endAt; await sleep(50)) {
    const campaigns = await Promise.all([first, ...later].map(look));
    seen = momentOf(campaigns);
    const { found, verified, researched, written, pushed } = seen.leads;
    if (seen.searching > 0 && found > 0 && verified + researched + written > 0 && pushed > 0) break;
    // Past it: what is left is under way as well as it will be.
    if (campaigns.slice(1).every(({ progress }) => progress.leads.found >= leads)) break;
  }
  const at = STAGES.map((stage) => `${seen.leads[stage]} ${stage}`).join(", ");
  return `${seen.searching} searches in their middle, ${seen.running} jobs running; leads: ${at}`;
}

/** @returns leads that stand at each stage, jobs that run, and searches that have found some and not all */
function momentOf(campaigns) {
  const sum = (pick) => campaigns.reduce((total, { progress }) => total + pick(progress), 0);
  const reached = (stage) => sum(({ leads }) => leads[stage]);
  const leads = {
    found: reached("found") - reached("verified") - reached("rejected"),
    verified: reached("verified") - reached("researched"),
    researched: reached("researched") - reached("written"),
    written: reached("written") - reached("pushed"),
    pushed: reached("pushed"),
  };
  const searching = campaigns.filter(
    ({ target_leads: target, progress: { leads: of } }) => of.found > 0 && of.found < target,
  ).length;
  return { leads, searching, running: sum(({ jobs }) => jobs.RUNNING) };
}
