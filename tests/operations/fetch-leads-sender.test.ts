import { expect, test } from "vitest";
import type { Answer } from "../../src/domain/fault.ts";
import { fetchLeads, type FetchPorts } from "../../src/operations/lead/fetch.ts";
import type { JobStore } from "../../src/ports/jobs.ts";
import type { LeadStore } from "../../src/ports/leads.ts";
import type { Attempt } from "../../src/operations/line/line.ts";
import type { Providers } from "../../src/ports/providers.ts";
import { attemptAt, RUNNING_LINE } from "./attempts.ts";

const STOPPED = { becomes: "PENDING" } as const;
const NAME = "Spring (Andon c-1)";

interface World {
  /** The campaign's own word for the sender's campaign. */
  named: string | null;
  namedIsKnown: boolean;
  /** The sender's campaign of that name, if it was made before. */
  senderKnows: string | null;
  /** The line stops before this call, counted from 1. */
  stopsBefore: number;
}

/** A campaign whose search finds nobody. */
function aWorld(changes: Partial<World> = {}) {
  const world: World = { named: null, namedIsKnown: true, senderKnows: null, stopsBefore: Infinity, ...changes };
  const happened: string[] = [];
  let calls = 0;
  const tell = async <T>(what: string, value: T): Promise<Answer<T>> => {
    happened.push(what);
    return { outcome: "answered", value, spend: {} };
  };
  const search = { person_titles: ["CEO"] };
  const ports: FetchPorts = {
    line: {
      ...RUNNING_LINE,
      async call(_attempt, _provider, makeCall) {
        const answer = ++calls < world.stopsBefore ? await makeCall() : null;
        return !answer || answer.outcome === "service_fault" ? { outcome: "stopped", end: STOPPED } : answer;
      },
    },
    providers: {
      apollo: { search: () => tell("search", { people: [], totalEntries: 0 }) },
      instantly: {
        findCampaign: (name: string) => tell(`look for ${name}`, world.senderKnows),
        lookUpCampaign: async (id: string): Promise<Answer<null>> => {
          happened.push(`look up ${id}`);
          return world.namedIsKnown
            ? { outcome: "answered", value: null, spend: {} }
            : { outcome: "refused", message: `no campaign ${id}` };
        },
        createCampaign: (name: string) => tell(`make ${name}`, "sender-new"),
      },
    } as unknown as Providers,
    leads: {
      loadFetch: async () => ({ name: "Spring", search, targetLeads: 4, senderCampaignId: world.named, found: 0 }),
      async saveSenderCampaign(campaign, id) {
        happened.push(`save ${id} for ${campaign}`);
        return id;
      },
      saveProgress: async () => "RUNNING" as const,
    } as Partial<LeadStore> as LeadStore,
    jobs: {} as JobStore,
    queue: { send: async () => [] },
    now: () => 0,
    newId: () => "id-1",
    persist: (write) => write(),
  };
  return { ports, happened };
}

function anAttempt({ attempts, progress = null }: { attempts: number; progress?: string | null }): Attempt {
  const job = { id: "job-1", campaignId: "c-1", leadId: null, dispatch: 1, attempts, progress };
  return attemptAt({ ...job, type: "FETCH_LEADS" });
}

test("a first attempt makes the sender's campaign by its name, without a look, and saves it before the search", async () => {
  const { ports, happened } = aWorld();
  await fetchLeads(ports, anAttempt({ attempts: 1 }));
  expect(happened).toEqual([`make ${NAME}`, "save sender-new for c-1", "search"]);
});

test("a later attempt looks for the sender's campaign by its name, and makes it when it is absent", async () => {
  const { ports, happened } = aWorld();
  await fetchLeads(ports, anAttempt({ attempts: 2 }));
  expect(happened).toEqual([`look for ${NAME}`, `make ${NAME}`, "save sender-new for c-1", "search"]);
});

test("a sender's campaign that an earlier attempt made is used, not made again", async () => {
  const { ports, happened } = aWorld({ senderKnows: "sender-old" });
  await fetchLeads(ports, anAttempt({ attempts: 2 }));
  expect(happened).toEqual([`look for ${NAME}`, "save sender-old for c-1", "search"]);
});

test.each([1, 2])(
  "a sender's campaign that is known is looked up before the search, at attempt %i",
  async (attempts) => {
    const { ports, happened } = aWorld({ named: "sender-1" });
    await fetchLeads(ports, anAttempt({ attempts }));
    expect(happened).toEqual(["look up sender-1", "search"]);
  },
);

test("a search that has begun does not look the sender's campaign up again", async () => {
  const { ports, happened } = aWorld({ named: "sender-1" });
  const progress = JSON.stringify({ page: 1, exhausted: false, candidates: [], reserved: [], creditsSpent: 0 });
  await fetchLeads(ports, anAttempt({ attempts: 2, progress }));
  expect(happened).toEqual(["search"]);
});

test("a sender's campaign that the sender does not know fails the search before anyone is searched for", async () => {
  const { ports, happened } = aWorld({ named: "sender-1", namedIsKnown: false });
  const end = await fetchLeads(ports, anAttempt({ attempts: 1 }));
  expect(end).toEqual({ becomes: "FAILED", error: "no campaign sender-1" });
  expect(happened).toEqual(["look up sender-1"]);
});

test("a stop before the sender's campaign is made ends the attempt before anyone is searched for", async () => {
  const first = aWorld({ stopsBefore: 1 });
  expect(await fetchLeads(first.ports, anAttempt({ attempts: 1 }))).toEqual(STOPPED);
  expect(first.happened).toEqual([]);
  const later = aWorld({ stopsBefore: 2 });
  expect(await fetchLeads(later.ports, anAttempt({ attempts: 2 }))).toEqual(STOPPED);
  expect(later.happened).toEqual([`look for ${NAME}`]);
});
