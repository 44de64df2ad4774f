import type { Answer } from "../../src/domain/fault.ts";
import type { FoundPerson, HeldLead } from "../../src/domain/lead.ts";
import type { FetchPorts } from "../../src/operations/lead/fetch.ts";
import type { JobStanding, JobStore } from "../../src/ports/jobs.ts";
import type { FetchWork, LeadStore } from "../../src/ports/leads.ts";
import type { Attempt } from "../../src/operations/line/line.ts";
import type { Providers } from "../../src/ports/providers.ts";
import { attemptAt, RUNNING_LINE } from "./attempts.ts";

/** What a search works with in tests: services that answer at once, rows that take everything. */

function answered<T>(value: T, credits = 0): Answer<T> {
  return { outcome: "answered", value, spend: { credits } };
}

export function people(count: number, { from = 0, hasEmail = true } = {}): FoundPerson[] {
  return Array.from({ length: count }, (_, index) => ({ personId: `p${from + index}`, hasEmail }));
}

export function answerOf<T>(answer: Answer<T>) {
  if (answer.outcome === "service_fault") throw new Error("no service fails here");
  return answer;
}

const NOTHING_ELSE = { title: null, headline: null, linkedinUrl: null, company: null, companyWebsite: null };

interface World {
  work: FetchWork;
  /** The search's pages; beyond them it is empty. */
  pages: FoundPerson[][];
  totalEntries: number;
  /** People whom some campaign has already. */
  taken: string[];
  /** People whom a reveal finds no address of. */
  hidden: string[];
  /** Whom the sender has, in which of its campaigns. */
  held: HeldLead[];
}

export function aWorld(changes: Partial<World> = {}) {
  const world: World = {
    work: aSearch(),
    pages: [people(30)],
    totalEntries: 30,
    taken: [],
    hidden: [],
    held: [],
    ...changes,
  };
  const calls: string[] = [];
  const happened: string[] = [];
  const sent: JobStanding[] = [];
  const rejected: string[] = [];
  let made: JobStanding[] = [];
  let ids = 0;
  const tell = <T>(what: string, answer: T) => {
    calls.push(what);
    happened.push(what);
    return Promise.resolve(answer);
  };
  const save = async <T>(what: string, answer: T) => {
    await Promise.resolve();
    happened.push(what);
    return answer;
  };
  const revealed = (personId: string) => ({
    personId,
    email: world.hidden.includes(personId) ? null : `${personId}@a.example`,
    firstName: "Ada",
    lastName: "Byron",
    ...NOTHING_ELSE,
  });
  const ports: FetchPorts = {
    line: {
      ...RUNNING_LINE,
      call: async (_attempt, _provider, makeCall) => answerOf(await makeCall()),
    },
    providers: {
      instantly: {
        lookUpCampaign: async () => answered(null),
        findHolders: (emails: string[]) =>
          tell(`ask for ${emails.map((email) => email.split("@")[0]).join(" ")}`, answered(world.held)),
      },
      apollo: {
        search: (_search: unknown, page: number) =>
          tell(`search ${page}`, answered({ people: world.pages[page - 1] ?? [], totalEntries: world.totalEntries })),
        reveal: (ids: string[]) => tell(`reveal ${ids.join(" ")}`, answered(ids.map(revealed), ids.length)),
      },
    } as unknown as Providers,
    leads: {
      loadFetch: async () => world.work,
      saveProgress: () => save("save page", "RUNNING" as const),
      reserve: (_job, wanted) => {
        return save(
          "save reserved",
          wanted.filter(({ personId }) => !world.taken.includes(personId)),
        );
      },
      reveal: (_job, { people: shown, reserved }) => {
        const each = { dispatch: 1, status: "PENDING" as const, type: "ENRICH_LEAD" as const, priority: 0 };
        const good = new Set(shown.filter(({ email }) => email).map(({ personId }) => personId));
        made = reserved.filter(({ personId }) => good.has(personId)).map(({ jobId }) => ({ ...each, jobId }));
        return save("save revealed", { made, status: "RUNNING" as const });
      },
      addressesOf: async (people) =>
        people
          .filter(({ jobId }) => made.some((job) => job.jobId === jobId))
          .map(({ leadId, personId }) => ({ leadId, email: `${personId}@a.example` })),
      rejectHeld: ({ held }) => {
        rejected.push(...held);
        return save("save asked", made);
      },
    } as Partial<LeadStore> as LeadStore,
    jobs: {} as JobStore,
    queue: {
      async send(jobs) {
        sent.push(...jobs);
        return [];
      },
    },
    now: () => 0,
    newId: () => `id-${++ids}`,
    persist: (write) => write(),
  };
  return { ports, calls, happened, sent, rejected };
}

/** Without the questions to the sender, which follow every reveal. */
export const toApollo = (calls: string[]) => calls.filter((call) => !call.startsWith("ask"));

export function aSearch(changes: Partial<FetchWork> = {}): FetchWork {
  const search = { person_titles: ["CEO"] };
  return { name: "Spring", search, targetLeads: 5, senderCampaignId: "sender-1", found: 0, ...changes };
}

export function anAttempt(): Attempt {
  const job = { id: "job-1", campaignId: "c-1", leadId: null, dispatch: 1, attempts: 1, progress: null };
  return attemptAt({ ...job, type: "FETCH_LEADS" });
}
