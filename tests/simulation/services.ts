import type { Answer, Provider, ServiceFault } from "../../src/domain/fault.ts";
import type { Search } from "../../src/domain/lead.ts";
import type { Providers } from "../../src/ports/providers.ts";
import type { Tables } from "./database.ts";
import { isHeldElsewhere, numberOf, PEOPLE, revealed } from "./people.ts";
import type { Process, World } from "./world.ts";

const TIMEOUT_MS = 10_000;
/** An invocation may wait for six connections; one is the queue's. */
const CONNECTIONS = 5;
/** Why research refuses some people. */
export const NOT_KNOWN = "nothing is known of them";

type Step = "verify" | "research" | "write" | "push";
const STAGE_BEFORE: Record<Step, string> = {
  verify: "found",
  research: "verified",
  write: "researched",
  push: "written",
};

/** The five services, and a ledger of what they did: how often each mailbox was pushed, and what is under way. */
export class Services {
  /** Broken until mended: every call fails. */
  readonly broken = new Set<Provider>();
  readonly senderCampaigns = new Map<string, string>();
  /** Times that mail to a person's mailbox was pushed. */
  readonly #pushes = new Map<number, number>();
  /** Jobs of which somebody was told that they are cancelled, and the addresses of their leads. */
  readonly #withdrawn = new Set<string>();
  calls = 0;
  /** Calls under way of each process. */
  readonly #connections = new Map<Process, number>();
  readonly #world: World;
  readonly #tables: Tables;
  readonly #underWay = new Set<string>();
  readonly #lineStopped: () => boolean;

  /** `lineStopped` tells whether somebody has been told that the breaker is open. */
  constructor(world: World, tables: Tables, lineStopped: () => boolean) {
    this.#world = world;
    this.#tables = tables;
    this.#lineStopped = lineStopped;
  }

  /** Somebody was told that this job is cancelled: no call of it begins any more, even if its row is cleaned up. */
  withdrawn(jobId: string, email: string | null): void {
    this.#withdrawn.add(jobId);
    if (email !== null) this.#withdrawn.add(email);
  }

  /** The services as one process calls them. */
  seenBy(process: Process): Providers {
    const leadStep = <T>(provider: Provider, step: Step, email: string, effect: () => Answer<T>) => {
      this.#checkStep(process, step, email);
      return this.#call(process, provider, `${step} ${email}`, email, effect);
    };
    const check = async () => answered({ proves: [] });
    const checks = { check, tryOut: check };
    return {
      apollo: {
        ...checks,
        search: (search: Search, page: number) =>
          this.#call(process, "apollo", `search page ${page}`, null, () => {
            const [first = 0, last = PEOPLE] = (search.person_titles ?? []).map(Number);
            const found = Array.from({ length: last - first }, (_, i) => first + i).slice((page - 1) * 100, page * 100);
            const people = found.map((n) => ({ personId: `person-${n}`, hasEmail: n % 11 !== 10 }));
            return answered({ people, totalEntries: last - first });
          }),
        reveal: (ids) => {
          this.#checkReveal(process, ids);
          return this.#call(process, "apollo", `reveal ${ids.join(" ")}`, ids.join(" "), () =>
            answered(
              ids.map(revealed).filter((person) => person !== null),
              ids.length,
            ),
          );
        },
      },
      millionverifier: {
        ...checks,
        verify: (email) =>
          leadStep("millionverifier", "verify", email, () =>
            answered({ verdict: numberOf(email) % 9 === 4 ? ("invalid" as const) : ("ok" as const), subresult: null }),
          ),
      },
      perplexity: {
        ...checks,
        research: ({ email }) =>
          leadStep("perplexity", "research", email, () =>
            numberOf(email) % 13 === 5
              ? { outcome: "refused" as const, message: NOT_KNOWN }
              : answered({ summary: "a summary", hook: "a hook", sources: [] }),
          ),
      },
      openai: {
        ...checks,
        write: ({ lead }) =>
          leadStep("openai", "write", lead.email, () =>
            answered({ subject: "Hello", body: `Dear ${lead.firstName}, …` }),
          ),
      },
      instantly: {
        ...checks,
        findCampaign: (name) =>
          this.#call(process, "instantly", `find ${name}`, null, () =>
            answered(this.senderCampaigns.get(name) ?? null),
          ),
        createCampaign: (name) =>
          this.#call(process, "instantly", `create ${name}`, name, () => {
            if (this.senderCampaigns.has(name)) this.#world.violated(`7: the sender's campaign ${name} is made twice`);
            this.senderCampaigns.set(name, `sender of ${name}`);
            return answered(`sender of ${name}`);
          }),
        lookUpCampaign: (id) => this.#call(process, "instantly", `look up ${id}`, null, () => answered(null)),
        findLead: (_campaign, email) =>
          this.#call(process, "instantly", `look up ${email}`, null, () =>
            answered(this.pushesOf(email) > 0 ? { senderLeadId: email } : null),
          ),
        findHolders: (emails) => {
          if (process.alive) emails.forEach((email) => this.#checkStands("asking the sender", email, null));
          return this.#call(process, "instantly", `ask for ${emails.length} addresses`, null, () =>
            answered(emails.filter(isHeldElsewhere).map((email) => ({ email, senderCampaignId: "of somebody else" }))),
          );
        },
        addLead: (_campaign, { email }) =>
          leadStep("instantly", "push", email, () => {
            if (isHeldElsewhere(email))
              return { outcome: "refused" as const, message: "it is in another campaign", rejects: true };
            const times = this.pushesOf(email) + 1;
            this.#pushes.set(numberOf(email), times);
            if (times > 1) this.#world.violated(`7: the mailbox of ${email} is pushed to the sender ${times} times`);
            return answered({ senderLeadId: email });
          }),
      },
    };
  }

  /** How often the mailbox of this address was pushed, however it was spelt. */
  pushesOf(email: string): number {
    return this.#pushes.get(numberOf(email)) ?? 0;
  }

  /** `key` names what must not be under way twice. */
  #call<T>(
    process: Process,
    provider: Provider,
    what: string,
    key: string | null,
    effect: () => Answer<T>,
  ): Promise<Answer<T>> {
    const world = this.#world;
    const { chance } = world;
    if (!process.alive) return new Promise(() => undefined);
    this.calls++;
    world.note(`${process.name} calls ${provider}: ${what}`);
    if (this.#lineStopped())
      world.violated(`2: ${provider} is called (${what}) after it was said that the breaker is open`);
    const connections = (this.#connections.get(process) ?? 0) + 1;
    if (connections > CONNECTIONS)
      world.violated(
        `2: ${process.name} has ${connections} calls under way, of which the platform would hold some back`,
      );
    this.#connections.set(process, connections);
    if (key !== null && this.#underWay.has(key)) world.violated(`7: ${what} is under way twice`);
    if (key !== null) this.#underWay.add(key);
    return new Promise((resolve) => {
      const answer = (value: Answer<T>, ms: number) =>
        world.after(ms, () => {
          this.#connections.set(process, (this.#connections.get(process) ?? 0) - 1);
          if (key !== null) this.#underWay.delete(key);
          if (process.alive) resolve(value);
        });
      const ms = Math.min(TIMEOUT_MS - 1_000, world.latency(`${provider}'s work`, 900, TIMEOUT_MS));
      if (this.broken.has(provider)) return answer(fault(provider, "server_error"), ms);
      if (chance.strikes(`${provider} fails`, 0.01)) return answer(fault(provider, "unreachable"), ms);
      if (chance.strikes(`${provider} is silent and does nothing`, 0.005))
        return answer(fault(provider, "timeout"), TIMEOUT_MS);
      const silent = chance.strikes(`${provider} does its work and its answer is lost`, 0.008);
      world.after(ms, () => {
        const value = effect();
        if (silent) answer(fault(provider, "timeout"), TIMEOUT_MS - ms);
        else answer(value, chance.between("an answer's way", 1, 200));
      });
    });
  }

  /** The step is the lead's next one, and the caller is the one attempt that may work on it. */
  #checkStep(process: Process, step: Step, email: string): void {
    if (!process.alive) return;
    const [row] = this.#tables.all(
      `SELECT leads.stage, leads.outcome, jobs.id, jobs.dispatch, jobs.lease_until AS lease FROM leads LEFT JOIN jobs ON jobs.lead_id = leads.id
       WHERE email = ?1`,
      [email],
    ) as { stage: string; outcome: string; id: string | null; dispatch: number; lease: number | null }[];
    if (!row) return this.#world.violated(`1: ${email} is worked on and is no lead`);
    this.#checkStands(step, email, row.id);
    // Its cancelling was not acknowledged yet, and a clean-up was quicker.
    if (row.id === null && row.outcome === "cancelled") return;
    if (row.id === null) return this.#world.violated(`1: ${email} is worked on and has no job`);
    if (row.stage !== STAGE_BEFORE[step])
      this.#world.violated(`7: ${step} of ${email}, whose lead is ${row.stage} already`);
    if (process.told.has(row.id))
      this.#world.violated(`lease: ${step} of ${email} begins though its job was seen not to run any more`);
    if (row.outcome === "open" && (row.lease ?? 0) < this.#world.now + TIMEOUT_MS)
      this.#world.violated(`lease: ${step} of ${email} begins and may outlast its job's lease`);
    if (process.claims.get(row.id) !== row.dispatch)
      this.#world.violated(
        `lease: ${step} of ${email} begins under dispatch ${process.claims.get(row.id) ?? "of nobody"}, but ${row.dispatch} has the job`,
      );
  }

  #checkStands(what: string, email: string, jobId: string | null): void {
    if (this.#withdrawn.has(email) || this.#withdrawn.has(jobId ?? ""))
      this.#world.violated(`2: ${what} of ${email} begins after it was said that its job is cancelled`);
  }

  #checkReveal(process: Process, ids: string[]): void {
    if (!process.alive) return;
    for (const id of ids) {
      const [row] = this.#tables.all(
        `SELECT stage, jobs.id AS jobId, jobs.dispatch, jobs.lease_until AS lease, jobs.status FROM leads
         LEFT JOIN jobs ON jobs.campaign_id = leads.campaign_id AND type = 'FETCH_LEADS' WHERE person_id = ?1`,
        [id],
      ) as { stage: string; jobId: string | null; dispatch: number; lease: number | null; status: string }[];
      if (row?.stage !== "reserved")
        return this.#world.violated(`7: ${process.name} reveals ${id}, who is ${row?.stage ?? "not reserved"}`);
      if (this.#withdrawn.has(row.jobId ?? ""))
        this.#world.violated(`2: ${id} is revealed after it was said that the search is cancelled`);
      // Its cancelling was not acknowledged yet.
      if (row.jobId === null || row.status === "CANCELLED") continue;
      if (process.claims.get(row.jobId) !== row.dispatch)
        this.#world.violated(`lease: ${id} is revealed under a dispatch that is over`);
      if ((row.lease ?? 0) < this.#world.now + TIMEOUT_MS)
        this.#world.violated(`lease: the reveal of ${id} begins and may outlast its job's lease`);
    }
  }
}

function answered<T>(value: T, credits?: number): Answer<T> {
  return { outcome: "answered", value, spend: credits === undefined ? {} : { credits } };
}

function fault(provider: Provider, kind: ServiceFault["kind"]): { outcome: "service_fault"; fault: ServiceFault } {
  return { outcome: "service_fault", fault: { provider, kind, httpStatus: null, message: "simulated" } };
}
