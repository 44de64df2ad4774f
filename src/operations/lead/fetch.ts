import { senderCampaignName } from "../../domain/campaign.ts";
import { type AttemptPorts, type Ending, LET_GO, saving } from "../job/attempt.ts";
import type { AttemptEnd } from "../../ports/jobs.ts";
import { type FetchProgress, type FetchWork, HELD_ELSEWHERE, type Reservation } from "../../ports/leads.ts";
import type { Attempt, Called } from "../line/line.ts";
import type { JobQueue } from "../../ports/job-queue.ts";

export type FetchPorts = AttemptPorts & { queue: Pick<JobQueue, "send"> };

/** Apollo reveals at most ten people a call. */
const REVEAL_AT_ONCE = 10;
/** …and shows at most 50,000 of a search, 100 a page. */
const PAGE = 100;
const LAST_PAGE = 500;

/**
 * So many calls an attempt: then it hands its job on. One makes up to fourteen statements of D1 and six further requests, of
 * 1,000 and 10,000 that an invocation has.
 */
const MOST_TURNS = 60;

/**
 * A search reveals so many people at the most: enough for a search in which every other person is of no use, and an end
 * for one whose people have no addresses, or all the same.
 */
const mostReveals = (targetLeads: number) => 2 * targetLeads + 100;

const BEGIN: FetchProgress = { page: 0, exhausted: false, candidates: [], reserved: [], creditsSpent: 0 };

/**
 * Finds a campaign's people: search by page, reserve those whom no campaign has, reveal them by tens, one ENRICH_LEAD
 * job each. Every step is saved with where it stands, so a new attempt goes on there.
 */
export async function fetchLeads(ports: FetchPorts, attempt: Attempt): Promise<Ending> {
  const { leads } = ports;
  const { id: jobId, dispatch, campaignId } = attempt.job;
  const fetch = await leads.loadFetch(campaignId);
  if (!fetch) return { becomes: "FAILED", error: "The campaign of this job no longer exists." };
  const sender = await senderCampaignOf(ports, attempt, fetch);
  if ("end" in sender) return sender.end;

  let progress: FetchProgress = attempt.job.progress ? (JSON.parse(attempt.job.progress) as FetchProgress) : BEGIN;
  let found = fetch.found;
  for (let turns = 0; ;) {
    const wanted = fetch.targetLeads - found;
    // At a pace each queueing is worth one call of a service: the rest waits for its turn. So does what an invocation has no room for.
    const waits = turns >= MOST_TURNS || (turns > 0 && ports.line.isPaced());
    if (progress.unasked && progress.unasked.length > 0) {
      if (waits) return LET_GO;
      const end = await askSender(ports, attempt, { unasked: progress.unasked, senderCampaignId: sender.id });
      if (end) return end;
      progress = { ...progress, unasked: [] };
      // Else saved with the next write: an attempt that dies before asks again, which changes nothing.
      if (ports.line.isPaced() && (await save(ports, attempt, progress)) !== "RUNNING") return LET_GO;
      turns++;
    } else if (progress.reserved.length > 0) {
      if (waits) return LET_GO;
      const revealed = await revealReserved(ports, attempt, progress);
      if ("end" in revealed) return revealed.end;
      found += revealed.found;
      progress = revealed.progress;
      turns++;
    } else if (wanted <= 0 || (progress.exhausted && progress.candidates.length === 0)) {
      return { becomes: "COMPLETED", result: { found, pages: progress.page, credits: progress.creditsSpent } };
    } else if (progress.candidates.length > 0 && (progress.revealed ?? 0) >= mostReveals(fetch.targetLeads)) {
      return { becomes: "FAILED", error: tooManyReveals(fetch, progress, found) };
    } else if (progress.candidates.length > 0) {
      const next = progress.candidates.slice(0, Math.min(REVEAL_AT_ONCE, wanted));
      const rest = { ...progress, candidates: progress.candidates.slice(next.length) };
      const reservations = next.map((personId) => ({ leadId: ports.newId(), jobId: ports.newId(), personId }));
      const job = { jobId, dispatch, campaignId };
      const reserved = await ports.persist(() => leads.reserve(job, reservations, rest, ports.now()));
      if (reserved === null) return LET_GO;
      progress = { ...rest, reserved };
    } else {
      if (waits) return LET_GO;
      const searched = await readPage(ports, attempt, { fetch, progress });
      if ("end" in searched) return searched.end;
      progress = searched.progress;
      turns++;
    }
  }
}

type Sender = { end: Ending } | { id: string };

/** Before anything is paid: a campaign that the sender does not know would take none of the leads. */
async function senderCampaignOf(ports: FetchPorts, attempt: Attempt, fetch: FetchWork): Promise<Sender> {
  const { line, providers } = ports;
  const { senderCampaignId: id } = fetch;
  if (!id) return makeSenderCampaign(ports, attempt, fetch);
  if (attempt.job.progress) return { id };
  const known = await line.call(attempt, "instantly", () => providers.instantly.lookUpCampaign(id));
  return known.outcome === "answered" ? { id } : { end: notAnswered(known) };
}

async function makeSenderCampaign(ports: FetchPorts, attempt: Attempt, fetch: FetchWork): Promise<Sender> {
  const { line, providers, leads } = ports;
  const { campaignId, attempts, beforeRestore } = attempt.job;
  const name = senderCampaignName({ id: campaignId, name: fetch.name });
  let senderId: string | null = null;
  if (attempts > 1 || beforeRestore === 1) {
    // The answer to an earlier attempt's making may have been lost, or what was saved of it taken back.
    const known = await line.call(attempt, "instantly", () => providers.instantly.findCampaign(name));
    if (known.outcome !== "answered") return { end: notAnswered(known) };
    senderId = known.value;
  }
  if (senderId === null) {
    const made = await line.call(attempt, "instantly", () => providers.instantly.createCampaign(name));
    if (made.outcome !== "answered") return { end: notAnswered(made) };
    senderId = made.value;
  }
  const id = senderId;
  return { id: await saving(ports, attempt, () => leads.saveSenderCampaign(campaignId, id)) };
}

async function readPage(
  ports: FetchPorts,
  attempt: Attempt,
  { fetch, progress }: { fetch: FetchWork; progress: FetchProgress },
): Promise<{ end: Ending } | { progress: FetchProgress }> {
  const { line, providers } = ports;
  const page = progress.page + 1;
  const called = await line.call(attempt, "apollo.search", () => providers.apollo.search(fetch.search, page));
  if (called.outcome !== "answered") return { end: notAnswered(called) };
  const { people, totalEntries } = called.value;
  const candidates = people.filter((person) => person.hasEmail).map((person) => person.personId);
  const exhausted = people.length === 0 || page * PAGE >= totalEntries || page >= LAST_PAGE;
  const next = { ...progress, page, exhausted, candidates };
  return (await save(ports, attempt, next)) === "RUNNING" ? { progress: next } : { end: LET_GO };
}

function save(ports: FetchPorts, attempt: Attempt, progress: FetchProgress) {
  const { id: jobId, dispatch } = attempt.job;
  return saving(ports, attempt, () => ports.leads.saveProgress({ jobId, dispatch }, progress));
}

async function revealReserved(
  ports: FetchPorts,
  attempt: Attempt,
  progress: FetchProgress,
): Promise<{ end: Ending } | { progress: FetchProgress; found: number }> {
  const { line, providers, leads, now } = ports;
  const { reserved } = progress;
  const called = await line.call(attempt, "apollo.reveal", () =>
    providers.apollo.reveal(reserved.map((each) => each.personId)),
  );
  if (called.outcome !== "answered") return { end: notAnswered(called) };
  const next: FetchProgress = {
    ...progress,
    reserved: [],
    unasked: reserved,
    creditsSpent: progress.creditsSpent + (called.spend.credits ?? 0),
    revealed: (progress.revealed ?? 0) + reserved.length,
  };
  const job = { jobId: attempt.job.id, dispatch: attempt.job.dispatch, campaignId: attempt.job.campaignId };
  const revealed = { reserved, people: called.value, progress: next };
  const { made, status } = await saving(ports, attempt, () => leads.reveal(job, revealed, now()));
  // Their messages wait until the sender was asked: the watchdog sends what is forgotten, and a push asks again.
  return status === "RUNNING" ? { progress: next, found: made.length } : { end: LET_GO };
}

/** Before research and a message are paid for: whom another campaign of the sender's workspace has, it would not take. */
async function askSender(
  ports: FetchPorts,
  attempt: Attempt,
  { unasked, senderCampaignId }: { unasked: Reservation[]; senderCampaignId: string },
): Promise<AttemptEnd | null> {
  const { line, providers, leads, queue, persist, now } = ports;
  const held: string[] = [];
  let people = await persist(() => leads.addressesOf(unasked));
  // Those whose jobs are withdrawn while the call waits for its turn are not asked for.
  attempt.whenWithdrawn = async () => {
    people = await leads.addressesOf(unasked);
  };
  if (people.length > 0) {
    const called = await line.call(attempt, "instantly", () =>
      providers.instantly.findHolders(people.map(({ email }) => email)),
    );
    if (called.outcome === "stopped") return called.end;
    // A sender that does not take the question is asked again by each push.
    const holders = Map.groupBy(called.outcome === "answered" ? called.value : [], ({ email }) => email);
    for (const { leadId, email } of people) {
      const holding = holders.get(email) ?? [];
      if (holding.length > 0 && holding.every((each) => each.senderCampaignId !== senderCampaignId)) held.push(leadId);
    }
  }
  delete attempt.whenWithdrawn;
  const asked = { campaignId: attempt.job.campaignId, people: unasked, held, reason: HELD_ELSEWHERE };
  const jobs = await saving(ports, attempt, () => leads.rejectHeld(asked, now()));
  // What cannot be sent now is sent by the watchdog: the rows are there.
  await queue.send(jobs);
  return null;
}

function tooManyReveals(
  { targetLeads }: FetchWork,
  { revealed = 0, creditsSpent }: FetchProgress,
  found: number,
): string {
  return `The search ended at its limit: ${revealed} people were revealed (${creditsSpent} credits) for a target of ${targetLeads} leads, and only ${found} had an address that is new. The leads that it found go on. Start a campaign with narrower filters for more.`;
}

function notAnswered(called: Exclude<Called<unknown>, { outcome: "answered" }>): AttemptEnd {
  return called.outcome === "stopped" ? called.end : { becomes: "FAILED", error: called.message };
}
