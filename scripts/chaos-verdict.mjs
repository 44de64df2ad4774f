// What chaos compares when all is finished: the rows, the ledger of the services, and what the sender holds.

export const KINDS = ["lost", "doubled", "stuck", "calls after an acknowledged open", "closed by itself"];

/** A call whose answer the killed process could not save yet arrived at most this long before the kill. */
const UNSAVED_MS = 15_000;

/**
 * @param call the API
 * @param done what chaos did: campaign ids, times of kills (begun, ended, …), spans of acknowledged opens, closes
 * @returns a list of findings for each kind, and a summary
 */
export async function compare(call, { campaigns, kills, opens, closes }) {
  const lost = [];
  const doubled = [];
  const ledger = await ledgerOf(call);
  const pushed = new Map();
  let leadsSeen = 0;
  for (const id of campaigns) {
    const { campaign } = await call("GET", `/campaigns/${id}`);
    const [jobs, leads] = await Promise.all([
      all(call, `/jobs?campaign_id=${id}`, "jobs"),
      all(call, `/campaigns/${id}/leads`, "leads"),
    ]);
    leadsSeen += leads.length;
    for (const status of Object.keys(campaign.progress.jobs)) {
      const rows = jobs.filter((job) => job.status === status).length;
      if (rows !== campaign.progress.jobs[status])
        lost.push(`${id}: ${rows} rows ${status}, counted ${campaign.progress.jobs[status]}`);
    }
    const working = new Set(jobs.map((job) => job.lead_id));
    for (const lead of leads) {
      if (lead.outcome === "open") lost.push(`lead ${lead.id} is open at ${lead.stage}`);
      if (!working.has(lead.id)) lost.push(`lead ${lead.id} has no job`);
      if (lead.outcome === "pushed") pushed.set(lead.email, campaign.instantly_campaign_id);
    }
    for (const job of jobs)
      if (job.status === "FAILED" && job.type === "FETCH_LEADS") lost.push(`search ${job.id} failed: ${job.error}`);
    const held = leads.filter((lead) => lead.outcome === "pushed").length;
    if (held !== campaign.progress.leads.pushed)
      lost.push(`${id}: ${held} leads pushed, counted ${campaign.progress.leads.pushed}`);
  }
  const { pushed: sender } = await call("GET", "/sandbox/summary");
  for (const [campaign, count] of Object.entries(sender)) {
    const rows = [...pushed.values()].filter((id) => id === campaign).length;
    if (rows > count) lost.push(`${rows} rows say pushed to ${campaign}, which holds ${count}`);
    if (rows < count) doubled.push(`${campaign} holds ${count} leads, of which ${rows} rows know`);
  }
  doubled.push(...boughtTwice(ledger, kills));
  const late = ledger.filter(({ at }) => opens.some(({ from, to }) => Date.parse(at) > from && Date.parse(at) < to));
  const { incidents } = await call("GET", "/queue-management/incidents?limit=200");
  const closed = incidents.filter(({ closed_at: at }) => at !== null);
  const byItself = closed
    .filter(({ closed_by: by }) => !/^(token|sandbox)/.test(by ?? ""))
    .map(({ id, closed_by: by }) => `${id}: ${by}`);
  if (incidents.length < 200 && closed.length > closes)
    byItself.push(`${closed.length} incidents are closed, by ${closes} closes`);
  return {
    lost,
    doubled,
    "calls after an acknowledged open": late.map(({ seq, provider, at }) => `call ${seq} to ${provider} at ${at}`),
    "closed by itself": byItself,
    summary: `${campaigns.length} campaigns, ${leadsSeen} leads, ${ledger.length} calls, ${pushed.size} pushed, ${incidents.length} incidents`,
  };
}

/** All calls that the sandbox's services have seen. @param call the API */
export const ledgerOf = (call) =>
  pages(
    (at) => call("GET", `/sandbox/calls?limit=1000&after=${at ?? 0}`),
    "calls",
    (rows) => rows.at(-1)?.seq,
  );

/** Pages of any list, each read from where `cursorOf` says the one before it ended. */
async function pages(read, name, cursorOf) {
  const rows = [];
  for (let cursor = null; ;) {
    const page = (await read(cursor))[name];
    rows.push(...page);
    cursor = cursorOf(page);
    if (page.length < 1000 || cursor === undefined) return rows;
  }
}

async function all(call, path, name) {
  const rows = [];
  for (let cursor = ""; ;) {
    const page = await call("GET", `${path}${path.includes("?") ? "&" : "?"}limit=200${cursor && `&cursor=${cursor}`}`);
    rows.push(...page[name]);
    if (!page.next_cursor) return rows;
    cursor = encodeURIComponent(page.next_cursor);
  }
}

/**
 * The same work done twice for one subject. A kill may take the answer of a call with it, and so may a service whose
 * answer is lost: such work is bought again, except for a push, which is looked up.
 */
function boughtTwice(ledger, kills) {
  const last = new Map();
  const found = [];
  for (const { provider, path, subject, outcome, at } of ledger) {
    if (outcome !== "ok" && outcome !== "timeout_after_effect") continue;
    const push = provider === "instantly" && path.includes("/leads/add");
    const paid =
      push ||
      provider === "perplexity" ||
      provider === "openai" ||
      provider === "millionverifier" ||
      path.includes("match");
    if (!paid) continue;
    const key = `${provider} ${subject}`;
    const before = last.get(key);
    last.set(key, { at: Date.parse(at), outcome });
    if (!before) continue;
    const answerLost =
      before.outcome === "timeout_after_effect" ||
      kills.some((kill) => kill >= before.at && kill - before.at < UNSAVED_MS);
    if (push || !answerLost)
      found.push(`${provider} ${path} twice for ${subject}, at ${new Date(before.at).toISOString()} and ${at}`);
  }
  return found;
}
