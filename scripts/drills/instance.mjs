import { apiAt, applyMigrations, freePort, ROOT, startWorkers, waitUntilReady } from "../local.mjs";

const PATIENCE_MS = 600_000;
/** So long a drill waits for the right moment. */
const MOMENT_MS = 120_000;

export const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));

/** Looks again and again until it holds. @throws when it never does */
export async function until(what, look, everyMs = 100) {
  for (const endAt = Date.now() + MOMENT_MS; Date.now() < endAt; await sleep(everyMs)) if (await look()) return;
  throw new Error(`It never happened: ${what}.`);
}

/** What was begun and has not ended. @param status an answer of the status request */
export const unfinished = ({ job_counts: jobs }) => jobs.PENDING + jobs.RUNNING + jobs.PAUSED;

/**
 * An instance of Andon that a drill has to itself.
 * @param {string} state folder of what it stores
 * @param {AbortSignal} interrupted nothing is started any more
 */
export async function createInstance(state, interrupted) {
  const port = await freePort();
  const call = apiAt(`http://localhost:${port}`);
  let workers = null;
  let created = 0;
  let migratedFrom = null;

  async function ends(way) {
    instance.done.kills.push(Date.now());
    if (workers) await way(workers);
    instance.done.kills.push(Date.now());
  }

  const instance = {
    state,
    call,
    base: `http://localhost:${port}`,
    /** What was done, for the comparison: campaign ids, times of kills (begun, ended, …), spans of acknowledged opens, closes. */
    done: { campaigns: [], kills: [], opens: [], closes: 0 },

    /** Starts a revision on the state, after its migrations. @param {string} root the folder of the revision */
    async start(root = ROOT) {
      if (root !== migratedFrom) await applyMigrations(state, root, interrupted);
      migratedFrom = root;
      interrupted.throwIfAborted();
      workers = startWorkers({ port, state, quiet: true, root });
      await waitUntilReady(port);
    },
    /** What a crash does. */
    kill: () => ends((running) => running.kill()),
    /** Asks it to end. An answer may be lost by this as well. */
    stop: () => ends((running) => running.stop()),
    /** When nobody needs it any more. */
    end: async () => workers?.kill(),

    status: () => call("GET", "/queue-management/status"),
    /** @returns its id */
    async createCampaign(leads = 1) {
      const name = `Drill ${++created}`;
      const message = { sender_name: "Ada", offer: "a line that stops when it should" };
      const search = { person_titles: [name] };
      const { campaign } = await call("POST", "/campaigns", { name, target_leads: leads, search, message });
      return campaign.id;
    },
    /** Its work is compared at the end. @returns its id */
    async startCampaign(leads) {
      const id = await instance.createCampaign(leads);
      instance.done.campaigns.push(id);
      await call("POST", `/campaigns/${id}/start`);
      return id;
    },
    async close() {
      await call("POST", "/queue-management/circuit-breaker/close", { note: "a drill" });
      instance.done.closes++;
    },
    async untilFinished() {
      for (const endAt = Date.now() + PATIENCE_MS; Date.now() < endAt; await sleep(300)) {
        const now = await instance.status();
        if (unfinished(now) + now.campaign_counts.RUNNING === 0) return;
      }
      throw new Error(`Not finished: ${JSON.stringify(await instance.status())}`);
    },
  };
  return instance;
}
