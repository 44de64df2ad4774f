import { describe, expect, test } from "vitest";
import type { Answer, ServiceFault } from "../../src/domain/fault.ts";
import type { Copy, Push, Verification } from "../../src/domain/lead.ts";
import type { LeadStage } from "../../src/domain/pipeline.ts";
import { type AttemptPorts, LET_GO } from "../../src/operations/job/attempt.ts";
import { enrichLead } from "../../src/operations/lead/enrich.ts";
import type { JobResult, JobStanding, JobStore } from "../../src/ports/jobs.ts";
import type { LeadStore, LeadWork } from "../../src/ports/leads.ts";
import type { Attempt } from "../../src/operations/line/line.ts";
import type { Providers } from "../../src/ports/providers.ts";
import { attemptAt, RUNNING_LINE } from "./attempts.ts";

const RESEARCH = { summary: "They build engines.", hook: "A second hall.", sources: [] };
const COPY: Copy = { subject: "Your second hall", body: "Hi Ada,\n\nbetter cogs?\n\nCharles" };
const FAULT: ServiceFault = { provider: "openai", kind: "timeout", httpStatus: null, message: "no answer" };
const STOPPED = { becomes: "PENDING" } as const;
const REFUSED = { outcome: "refused", message: "not this lead" } as const;
const FAULTY = { outcome: "service_fault", fault: FAULT } as const;

function answered<T>(value: T): Answer<T> {
  return { outcome: "answered", value, spend: {} };
}

interface World {
  verdict: Answer<Verification>;
  copy: Answer<Copy>;
  /** Whether the sender has the lead already. */
  known: Answer<Push | null>;
  pushing: Answer<Push>;
  stopsBefore: number;
  standing: Partial<JobStanding>;
}

function aWorld(changes: Partial<World> = {}) {
  const world: World = {
    verdict: answered({ verdict: "ok", subresult: null }),
    copy: answered(COPY),
    known: answered(null),
    pushing: answered({ senderLeadId: "s-1" }),
    stopsBefore: Infinity,
    standing: {},
    ...changes,
  };
  const calls: string[] = [];
  const saved: JobResult[] = [];
  const tell = <T>(what: string, answer: T) => {
    calls.push(what);
    return Promise.resolve(answer);
  };
  const ports: AttemptPorts = {
    line: {
      ...RUNNING_LINE,
      async call(_attempt, _provider, makeCall) {
        if (calls.length + 1 >= world.stopsBefore) return { outcome: "stopped", end: STOPPED };
        const answer = await makeCall();
        return answer.outcome === "service_fault" ? { outcome: "stopped", end: STOPPED } : answer;
      },
    },
    providers: {
      millionverifier: { verify: () => tell("verify", world.verdict) },
      perplexity: { research: () => tell("research", answered(RESEARCH)) },
      openai: { write: () => tell("write", world.copy) },
      instantly: {
        findLead: (campaign: string, email: string) => tell(`look up ${email} in ${campaign}`, world.known),
        addLead: (campaign: string, { email }: { email: string }) =>
          tell(`push ${email} to ${campaign}`, world.pushing),
      },
    } as unknown as Providers,
    jobs: {
      record: async (results) => {
        saved.push(...results);
        return [
          { jobId: "job-1", dispatch: 1, status: "RUNNING", type: "ENRICH_LEAD", priority: 0, ...world.standing },
        ];
      },
    } as Partial<JobStore> as JobStore,
    leads: {} as LeadStore,
    now: () => 0,
    newId: () => "id-1",
    persist: (write) => write(),
  };
  return { ports, calls, saved };
}

function aLeadAt(stage: LeadStage, changes: Partial<LeadWork> = {}): LeadWork {
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
    research: stage === "researched" || stage === "written" ? RESEARCH : null,
    copy: stage === "written" ? COPY : null,
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

const LOOK_UP = "look up ada@engines.example in sender-1";
const PUSH = "push ada@engines.example to sender-1";

describe("a push", () => {
  test("after an earlier attempt looks the lead up first", async () => {
    const { ports, calls } = aWorld();
    await enrichLead(ports, anAttempt(), aLeadAt("written"));
    expect(calls).toEqual([LOOK_UP, PUSH]);
  });

  test("is not made when the sender has the lead already, which then counts as pushed", async () => {
    const { ports, calls, saved } = aWorld({ known: answered({ senderLeadId: "s-0" }) });
    expect(await enrichLead(ports, anAttempt(), aLeadAt("written"))).toBeNull();
    expect(calls).toEqual([LOOK_UP]);
    expect(saved).toMatchObject([
      {
        lead: { from: "written", stage: "pushed", outcome: "pushed", result: { push: { senderLeadId: "s-0" } } },
        end: { becomes: "COMPLETED" },
      },
    ]);
  });

  test("of copy that this very attempt wrote needs no look", async () => {
    const { ports, calls } = aWorld();
    await enrichLead(ports, anAttempt(), aLeadAt("researched"));
    expect(calls).toEqual(["write", PUSH]);
  });

  test("is not made when the look failed", async () => {
    const { ports, calls, saved } = aWorld({ known: FAULTY });
    expect(await enrichLead(ports, anAttempt(), aLeadAt("written"))).toEqual(STOPPED);
    expect(calls).toEqual([LOOK_UP]);
    expect(saved).toEqual([]);
  });

  test("without a sender's campaign is a broken invariant that names its place", async () => {
    const lead = aLeadAt("written", { senderCampaignId: null });
    await expect(enrichLead(aWorld().ports, anAttempt(), lead)).rejects.toThrow("enrich-lead: lead lead-1");
  });
});

describe("the lead's own failure", () => {
  test.each([
    ["found", { verdict: REFUSED }],
    ["researched", { copy: REFUSED }],
    ["written", { pushing: REFUSED }],
  ] as const)("of a lead that is %s fails this job alone and leaves the lead where it is", async (stage, refusing) => {
    const { ports, saved } = aWorld(refusing);
    expect(await enrichLead(ports, anAttempt(), aLeadAt(stage))).toBeNull();
    expect(saved).toMatchObject([
      {
        lead: { from: stage, stage, outcome: "failed", counter: "failed", error: "not this lead" },
        end: { becomes: "FAILED", error: "not this lead" },
      },
    ]);
  });

  test.each([
    ["a placeholder", { subject: "Hello", body: "Hi Ada,\n\ncogs?\n\n[Your Name]" }],
    ["a link that the brief does not hold", { subject: "Hello", body: "Hi Ada,\n\nsee evil.example/cogs\n\nCharles" }],
    ["another name", { subject: "Hello", body: "Hi Bob,\n\ncogs?\n\nCharles" }],
    ["no subject", { subject: "", body: "Hi Ada,\n\ncogs?\n\nCharles" }],
  ])("copy with %s fails the lead, and is neither kept nor pushed", async (_what, copy) => {
    const { ports, calls, saved } = aWorld({ copy: answered(copy) });
    await enrichLead(ports, anAttempt(), aLeadAt("researched"));
    expect(calls).toEqual(["write"]);
    expect(saved).toHaveLength(1);
    expect(saved[0]?.lead).toMatchObject({ stage: "researched", outcome: "failed", counter: "failed" });
    expect(saved[0]?.lead?.result).toBeUndefined();
    expect(saved[0]?.end).toMatchObject({ becomes: "FAILED" });
  });

  test("copy is kept as it is mended, and with a link that the brief holds", async () => {
    const { ports, saved } = aWorld({
      copy: answered({ subject: '"Hello"', body: "Hi Ada,\\n\\nsee cogs.example/demo" }),
    });
    const message = { sender_name: "Charles", offer: "Better cogs: https://cogs.example/demo" };
    await enrichLead(ports, anAttempt(), aLeadAt("researched", { message }));
    expect(saved).toMatchObject([
      { lead: { stage: "written", result: { copy: { subject: "Hello", body: "Hi Ada,\n\nsee cogs.example/demo" } } } },
      { lead: { stage: "pushed" } },
    ]);
  });
});

describe("a stop of the line", () => {
  test.each([1, 2, 3, 4])("before call %i hands the job on, with every earlier step saved", async (stopsBefore) => {
    const { ports, calls, saved } = aWorld({ stopsBefore });
    expect(await enrichLead(ports, anAttempt(), aLeadAt("found"))).toEqual(STOPPED);
    expect(calls).toHaveLength(stopsBefore - 1);
    expect(saved.map(({ lead }) => lead?.stage)).toEqual(
      ["verified", "researched", "written"].slice(0, stopsBefore - 1),
    );
  });

  test("by a fault of this lead's own call saves nothing for that step", async () => {
    const { ports, saved } = aWorld({ verdict: FAULTY });
    expect(await enrichLead(ports, anAttempt(), aLeadAt("found"))).toEqual(STOPPED);
    expect(saved).toEqual([]);
  });
});

describe("a job that was taken away between two steps", () => {
  test.each([
    ["paused by a stop", { status: "PAUSED" }],
    ["cancelled", { status: "CANCELLED" }],
    ["given to another dispatch", { dispatch: 2 }],
  ] as const)("(%s) keeps the result of its last call and makes no other", async (_how, standing) => {
    const { ports, calls, saved } = aWorld({ standing });
    await enrichLead(ports, anAttempt(), aLeadAt("found"));
    expect(calls).toEqual(["verify"]);
    expect(saved.map(({ lead }) => lead?.stage)).toEqual(["verified"]);
  });

  test("lets go of its lease when paused, so that a resume need not wait", async () => {
    const { ports } = aWorld({ standing: { status: "PAUSED" } });
    expect(await enrichLead(ports, anAttempt(), aLeadAt("found"))).toEqual(LET_GO);
  });
});

test("a result is saved through the writer that repeats", async () => {
  const { ports, saved } = aWorld();
  let repeats = 0;
  const persist: AttemptPorts["persist"] = async (write) => {
    repeats++;
    await write();
    return write();
  };
  await enrichLead({ ...ports, persist }, anAttempt(), aLeadAt("written"));
  expect(repeats).toBe(1);
  expect(saved).toHaveLength(2);
});
