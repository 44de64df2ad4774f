import { copyProblem, mendedCopy } from "../domain/copy.ts";
import { accepts, nextStep } from "../domain/pipeline.ts";
import type { LeadCounts } from "../domain/campaign.ts";
import type { AttemptEnd, LeadChange } from "./jobs.ts";
import type { LeadWork } from "./leads.ts";
import { type AttemptPorts, type Ending, LET_GO, saveStep } from "./attempt.ts";
import type { Attempt, Called } from "./line.ts";

/** What a step did: a result to save and the lead as it is then, or an end without a result. */
type Stepped = { change: Omit<LeadChange, "leadId" | "from">; end?: AttemptEnd; lead: LeadWork } | { end: AttemptEnd };

/** verify → research → write → push, each step's result saved before the next begins, from where the lead stands. */
export async function enrichLead(ports: AttemptPorts, attempt: Attempt, lead: LeadWork): Promise<Ending> {
  const resumed = lead.stage;
  for (let current = lead; ;) {
    if (current.outcome === "rejected") return { becomes: "COMPLETED", result: { outcome: "rejected" } };
    if (current.outcome === "failed") return { becomes: "FAILED", error: current.error ?? "the lead failed" };
    const step = nextStep(current.stage);
    if (step === null) return { becomes: "COMPLETED", result: { outcome: current.outcome } };
    const maybePushed = step === "push" && resumed === "written";
    const stepped = await STEPS[step](ports, attempt, current, maybePushed);
    if (!("change" in stepped)) return stepped.end;
    const { change, end } = stepped;
    const saved = { lead: { ...change, leadId: current.id, from: current.stage }, ...(end ? { end } : {}) };
    if (!(await saveStep(ports, attempt, saved))) return end ? null : LET_GO;
    current = stepped.lead;
  }
}

const STEPS = { verify, research, write, push };

async function verify({ line, providers }: AttemptPorts, attempt: Attempt, lead: LeadWork): Promise<Stepped> {
  const called = await line.call(attempt, "millionverifier", () =>
    providers.millionverifier.verify(lead.profile.email),
  );
  if (called.outcome !== "answered") return notAnswered(called, lead);
  const verification = { ...called.value, spend: called.spend };
  if (accepts(called.value.verdict, lead.refuseCatchAll)) return done("verified", lead, { verification });
  const { change, lead: rejected } = done("verified", lead, { verification });
  return {
    change: { ...change, outcome: "rejected", counter: "rejected" },
    end: { becomes: "COMPLETED", result: { outcome: "rejected", verdict: called.value.verdict } },
    lead: { ...rejected, outcome: "rejected" },
  };
}

async function research({ line, providers }: AttemptPorts, attempt: Attempt, lead: LeadWork): Promise<Stepped> {
  const called = await line.call(attempt, "perplexity", () => providers.perplexity.research(lead.profile));
  if (called.outcome !== "answered") return notAnswered(called, lead);
  return done(
    "researched",
    { ...lead, research: called.value },
    { research: { ...called.value, spend: called.spend } },
  );
}

async function write({ line, providers }: AttemptPorts, attempt: Attempt, lead: LeadWork): Promise<Stepped> {
  if (!lead.research) throw new Error(`enrich-lead: lead ${lead.id} is researched but holds no research`);
  const brief = { lead: lead.profile, research: lead.research, message: lead.message };
  const called = await line.call(attempt, "openai", () => providers.openai.write(brief));
  if (called.outcome !== "answered") return notAnswered(called, lead);
  const copy = mendedCopy(called.value);
  const problem = copyProblem(copy, lead.profile, lead.message);
  if (problem) return failed(lead, `The written message cannot be sent: ${problem}.`);
  return done("written", { ...lead, copy }, { copy: { ...copy, spend: called.spend } });
}

/** After an earlier attempt that may have pushed, the sender is asked first: a push cannot be taken back. */
async function push(
  { line, providers }: AttemptPorts,
  attempt: Attempt,
  lead: LeadWork,
  maybePushed: boolean,
): Promise<Stepped> {
  const { copy, senderCampaignId, profile } = lead;
  if (!copy || !senderCampaignId) throw new Error(`enrich-lead: lead ${lead.id} is written but cannot be pushed`);
  if (maybePushed) {
    const found = await line.call(attempt, "instantly", () =>
      providers.instantly.findLead(senderCampaignId, profile.email),
    );
    if (found.outcome !== "answered") return notAnswered(found, lead);
    if (found.value) return pushed(lead, found.value);
  }
  const called = await line.call(attempt, "instantly", () =>
    providers.instantly.addLead(senderCampaignId, profile, copy),
  );
  if (called.outcome !== "answered") return notAnswered(called, lead);
  return pushed(lead, { ...called.value, spend: called.spend });
}

function pushed(lead: LeadWork, push: unknown): Stepped {
  const { change, lead: after } = done("pushed", lead, { push });
  return {
    change: { ...change, outcome: "pushed" },
    end: { becomes: "COMPLETED", result: { outcome: "pushed" } },
    lead: { ...after, outcome: "pushed" },
  };
}

function done<Stage extends "verified" | "researched" | "written" | "pushed">(
  stage: Stage,
  lead: LeadWork,
  result: NonNullable<LeadChange["result"]>,
) {
  const counter: keyof LeadCounts = stage;
  return { change: { stage, outcome: "open" as const, counter, result }, lead: { ...lead, stage } };
}

function notAnswered(called: Exclude<Called<unknown>, { outcome: "answered" }>, lead: LeadWork): Stepped {
  return called.outcome === "stopped" ? { end: called.end } : failed(lead, called.message);
}

/** The lead's own failure: it stays at its stage, so that a retry by hand goes on from there. */
function failed(lead: LeadWork, error: string): Stepped {
  return {
    change: { stage: lead.stage, outcome: "failed", counter: "failed", error },
    end: { becomes: "FAILED", error },
    lead: { ...lead, outcome: "failed", error },
  };
}
