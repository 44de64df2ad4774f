import { describe, expect, test } from "vitest";
import type { Answer } from "../../src/domain/fault.ts";
import type { Copy, Research, Verification } from "../../src/domain/lead.ts";
import type { LeadStage } from "../../src/domain/pipeline.ts";
import type { AttemptPorts } from "../../src/operations/job/attempt.ts";
import { enrichLead } from "../../src/operations/lead/enrich.ts";
import type { JobResult, JobStore } from "../../src/ports/jobs.ts";
import type { LeadStore, LeadWork } from "../../src/ports/leads.ts";
import type { Attempt } from "../../src/operations/line/line.ts";
import type { Providers } from "../../src/ports/providers.ts";
import cases from "../cases/addresses.json" with { type: "json" };
import { attemptAt, RUNNING_LINE } from "./attempts.ts";

const RESEARCH: Research = { summary: "They build engines.", hook: "A second hall.", sources: [] };
const COPY: Copy = { subject: "Your second hall", body: "Hi Ada,\n\nbetter cogs?\n\nCharles" };

function answered<T>(value: T): Answer<T> {
  return { outcome: "answered", value, spend: { credits: 1 } };
}

function answerOf<T>(answer: Answer<T>) {
  if (answer.outcome === "service_fault") throw new Error("no service fails here");
  return answer;
}

interface World {
  verdict: Answer<Verification>;
}

/** Ports that write down what happens, in its order. */
function aWorld(changes: Partial<World> = {}) {
  const world: World = {
    verdict: answered({ verdict: "ok", subresult: null }),
    ...changes,
  };
  const happened: string[] = [];
  const saved: JobResult[] = [];
  const tell = <T>(what: string, answer: T) => {
    happened.push(what);
    return Promise.resolve(answer);
  };
  const ports: AttemptPorts = {
    line: {
      ...RUNNING_LINE,
      call: async (_attempt, _provider, makeCall) => answerOf(await makeCall()),
    },
    providers: {
      millionverifier: { verify: () => tell("verify", world.verdict) },
      perplexity: { research: () => tell("research", answered(RESEARCH)) },
      openai: { write: () => tell("write", answered(COPY)) },
      instantly: {
        findLead: () => tell("look up", answered(null)),
        addLead: () => tell("push", answered({ senderLeadId: "s-1" })),
      },
    } as unknown as Providers,
    jobs: {
      async record(results) {
        await Promise.resolve();
        saved.push(...results);
        happened.push(...results.map(({ lead }) => `save ${lead?.outcome === "open" ? lead.stage : lead?.outcome}`));
        return [{ jobId: "job-1", dispatch: 1, status: "RUNNING", type: "ENRICH_LEAD", priority: 0 }];
      },
    } as Partial<JobStore> as JobStore,
    leads: {} as LeadStore,
    now: () => 0,
    newId: () => "id-1",
    persist: (write) => write(),
  };
  return { ports, happened, saved };
}

function aLeadAt(stage: LeadStage, changes: Partial<LeadWork> = {}): LeadWork {
  const isPast = (...stages: LeadStage[]) => stages.includes(stage);
  return {
    id: "lead-1",
    stage,
    outcome: "open",
    error: null,
    profile: {
      email: "ada@engines.example",
      firstName: "Ada",
      lastName: "Byron",
      title: null,
      headline: null,
      linkedinUrl: null,
      company: "Engines Ltd",
      companyWebsite: null,
    },
    research: isPast("researched", "written") ? RESEARCH : null,
    copy: isPast("written") ? COPY : null,
    message: { sender_name: "Charles", offer: "Better cogs" },
    refuseCatchAll: false,
    senderCampaignId: "sender-1",
    ...changes,
  };
}

function anAttempt(): Attempt {
  const job = { id: "job-1", campaignId: "campaign-1", leadId: "lead-1", dispatch: 1, attempts: 1, progress: null };
  return attemptAt({ ...job, type: "ENRICH_LEAD" });
}

const lastOf = (saved: JobResult[]) => saved.at(-1);

describe("a new lead", () => {
  test("goes through all four steps, each saved before the next call begins", async () => {
    const { ports, happened } = aWorld();
    expect(await enrichLead(ports, anAttempt(), aLeadAt("found"))).toBeNull();
    expect(happened).toEqual([
      "verify",
      "save verified",
      "research",
      "save researched",
      "write",
      "save written",
      "push",
      "save pushed",
    ]);
  });

  test("has each result saved with what it cost, from the stage it was at, under the attempt's own dispatch", async () => {
    const { ports, saved } = aWorld();
    await enrichLead(ports, anAttempt(), aLeadAt("found"));
    const spend = { credits: 1 };
    expect(saved.map(({ lead }) => [lead?.from, lead?.stage, lead?.counter, lead?.result])).toEqual([
      ["found", "verified", "verified", { verification: { verdict: "ok", subresult: null, spend } }],
      ["verified", "researched", "researched", { research: { ...RESEARCH, spend } }],
      ["researched", "written", "written", { copy: { ...COPY, spend } }],
      ["written", "pushed", "pushed", { push: { senderLeadId: "s-1", spend } }],
    ]);
    for (const { jobId, dispatch } of saved) expect([jobId, dispatch]).toEqual(["job-1", 1]);
  });

  test("ends its job in the same write as its push", async () => {
    const { ports, saved } = aWorld();
    await enrichLead(ports, anAttempt(), aLeadAt("found"));
    expect(saved.filter(({ end }) => end)).toHaveLength(1);
    expect(lastOf(saved)?.end).toEqual({ becomes: "COMPLETED", result: { outcome: "pushed" } });
  });
});

describe("a lead that was worked on before", () => {
  test.each([
    ["verified", ["research", "write", "push"]],
    ["researched", ["write", "push"]],
    ["written", ["look up", "push"]],
    ["pushed", []],
  ] as const)("and is %s goes on from there: nothing is paid for twice", async (stage, calls) => {
    const { ports, happened } = aWorld();
    await enrichLead(ports, anAttempt(), aLeadAt(stage));
    expect(happened.filter((what) => !what.startsWith("save"))).toEqual(calls);
  });

  test("and is pushed completes its job without a write to the lead", async () => {
    const { ports, saved } = aWorld();
    const ending = await enrichLead(ports, anAttempt(), aLeadAt("pushed", { outcome: "pushed" }));
    expect(ending).toEqual({ becomes: "COMPLETED", result: { outcome: "pushed" } });
    expect(saved).toEqual([]);
  });

  test("and was rejected completes its job without a call", async () => {
    const { ports, happened } = aWorld();
    const ending = await enrichLead(ports, anAttempt(), aLeadAt("verified", { outcome: "rejected" }));
    expect(ending).toEqual({ becomes: "COMPLETED", result: { outcome: "rejected" } });
    expect(happened).toEqual([]);
  });

  test("and failed keeps its error, without a call", async () => {
    const { ports, happened } = aWorld();
    const lead = aLeadAt("researched", { outcome: "failed", error: "no title" });
    expect(await enrichLead(ports, anAttempt(), lead)).toEqual({ becomes: "FAILED", error: "no title" });
    expect(happened).toEqual([]);
  });
});

describe("an address that is not good enough", () => {
  test.each(cases.no_address)("(%j is none) ends the lead before it is paid for", async (email) => {
    const { ports, happened, saved } = aWorld();
    const lead = aLeadAt("found");
    expect(await enrichLead(ports, anAttempt(), { ...lead, profile: { ...lead.profile, email } })).toBeNull();
    expect(happened).toEqual(["save rejected"]);
    expect(lastOf(saved)).toMatchObject({
      lead: { from: "found", stage: "found", outcome: "rejected", counter: "rejected", error: expect.any(String) },
      end: { becomes: "COMPLETED", result: { outcome: "rejected" } },
    });
  });

  test("(unknown) fails the lead where it stands: a retry by hand checks it again", async () => {
    const { ports, happened, saved } = aWorld({ verdict: answered({ verdict: "unknown", subresult: null }) });
    expect(await enrichLead(ports, anAttempt(), aLeadAt("found"))).toBeNull();
    expect(happened).toEqual(["verify", "save failed"]);
    expect(lastOf(saved)).toMatchObject({
      lead: { stage: "found", outcome: "failed", counter: "failed", result: { verification: { verdict: "unknown" } } },
      end: { becomes: "FAILED", error: expect.stringContaining("a retry checks it again") },
    });
  });

  test.each(["invalid", "disposable"] as const)("(%s) ends the lead before research", async (verdict) => {
    const { ports, happened, saved } = aWorld({ verdict: answered({ verdict, subresult: null }) });
    expect(await enrichLead(ports, anAttempt(), aLeadAt("found"))).toBeNull();
    expect(happened).toEqual(["verify", "save rejected"]);
    expect(lastOf(saved)).toMatchObject({
      lead: { stage: "verified", outcome: "rejected", counter: "rejected", result: { verification: { verdict } } },
      end: { becomes: "COMPLETED", result: { outcome: "rejected", verdict } },
    });
  });

  test("(catch_all) is refused where the campaign refuses it, and only there", async () => {
    const verdict = answered({ verdict: "catch_all" as const, subresult: null });
    const refusing = aWorld({ verdict });
    await enrichLead(refusing.ports, anAttempt(), aLeadAt("found", { refuseCatchAll: true }));
    expect(refusing.happened).toEqual(["verify", "save rejected"]);
    const taking = aWorld({ verdict });
    await enrichLead(taking.ports, anAttempt(), aLeadAt("found", { refuseCatchAll: false }));
    expect(taking.happened.at(-1)).toBe("save pushed");
  });
});
