import { copyProblem, mendedCopy } from "../../domain/copy.ts";
import { InvariantError } from "../../domain/invariant.ts";
import { judgeAddress, nextStep } from "../../domain/pipeline.ts";
import type { LeadCounts } from "../../domain/campaign.ts";
import type { Verdict } from "../../domain/lead.ts";
import { addressOf } from "../../domain/mailbox.ts";
import type { AttemptEnd, LeadChange } from "../../ports/jobs.ts";
import { HELD_ELSEWHERE, type LeadWork } from "../../ports/leads.ts";
import { type AttemptPorts, type Ending, LET_GO, saveStep } from "../job/attempt.ts";
import type { Attempt, Called } from "../line/line.ts";

/** What a step did: a result to save and the lead as it is then, or an end without a result. */
type Stepped = { change: Omit<LeadChange, "leadId" | "from">; end?: AttemptEnd; lead: LeadWork } | { end: AttemptEnd };

/** verify → research → write → push, each step's result saved before the next begins, from where the lead stands. */
export async function enrichLead(ports: AttemptPorts, attempt: Attempt, lead: LeadWork): Promise<Ending> {
  const resumed = lead.stage;
  let mayBeKnown = attempt.job.beforeRestore === 1;
  for (let current = lead; ;) {
    if (current.outcome === "rejected") return rejectedEnd(current.error ? { reason: current.error } : {});
    if (current.outcome === "failed") return { becomes: "FAILED", error: current.error ?? "the lead failed" };
    const step = nextStep(current.stage);
    if (step === null) return { becomes: "COMPLETED", result: { outcome: current.outcome } };
    const maybePushed = step === "push" && resumed === "written";
    const known = mayBeKnown ? await askAfterRestore(ports, attempt, current) : null;
    mayBeKnown = false;
    const stepped = known ?? (await STEPS[step](ports, attempt, current, maybePushed));
    if (!("change" in stepped)) return stepped.end;
    const { change, end } = stepped;
    const saved = { lead: { ...change, leadId: current.id, from: current.stage }, ...(end ? { end } : {}) };
    if (!(await saveStep(ports, attempt, saved))) return end ? null : LET_GO;
    current = stepped.lead;
  }
}

const STEPS = { verify, research, write, push };

async function verify({ line, providers }: AttemptPorts, attempt: Attempt, lead: LeadWork): Promise<Stepped> {
  if (addressOf(lead.profile.email) === null) return rejected(lead, NO_ADDRESS);
  const called = await line.call(attempt, "millionverifier", () =>
    providers.millionverifier.verify(lead.profile.email),
  );
  if (called.outcome !== "answered") return notAnswered(called, lead);
  const { verdict } = called.value;
  const verification = { ...called.value, spend: called.spend };
  switch (judgeAddress(verdict, lead.refuseCatchAll)) {
    case "accepted":
      return done("verified", lead, { verification });
    case "undecided":
      return failed(lead, UNDECIDED, { verification });
    case "rejected": {
      const { change, lead: after } = done("verified", lead, { verification });
      return {
        change: { ...change, outcome: "rejected", counter: "rejected" },
        end: rejectedEnd({ verdict }),
        lead: { ...after, outcome: "rejected" },
      };
    }
  }
}

/**
 * Before anything is paid again for a lead that is older than the last restore: it may have been pushed since, and the rows
 * not know it. Null when the sender has it nowhere.
 */
async function askAfterRestore(ports: AttemptPorts, attempt: Attempt, lead: LeadWork): Promise<Stepped | null> {
  const { email } = lead.profile;
  const asked = await ports.line.call(attempt, "instantly", () => ports.providers.instantly.findHolders([email]));
  if (asked.outcome === "stopped") return { end: asked.end };
  // A sender that does not take the question is asked again by the push.
  const holders = asked.outcome === "answered" ? asked.value : [];
  if (holders.length === 0) return null;
  if (holders.some((each) => each.senderCampaignId === lead.senderCampaignId)) return lookUp(ports, attempt, lead);
  return rejected(lead, HELD_ELSEWHERE);
}

/** What a reveal would not keep today, in a row that is older: nobody is paid to say so. */
const NO_ADDRESS = "What stands for its address is none: nothing can be sent to it.";
const UNDECIDED =
  "MillionVerifier could not tell whether the address exists. Mostly its mail server had a bad hour: a retry checks it again.";

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
  if (!lead.research) throw new InvariantError(`enrich-lead: lead ${lead.id} is researched but holds no research`);
  const brief = { lead: lead.profile, research: lead.research, message: lead.message };
  const called = await line.call(attempt, "openai", () => providers.openai.write(brief));
  if (called.outcome !== "answered") return notAnswered(called, lead);
  const copy = mendedCopy(called.value);
  const problem = copyProblem(copy, lead.profile, lead.message);
  if (problem) return failed(lead, `The written message cannot be sent: ${problem}.`);
  return done("written", { ...lead, copy }, { copy: { ...copy, spend: called.spend } });
}

/** After an earlier attempt that may have pushed, the sender is asked first: a push cannot be taken back. */
async function push(ports: AttemptPorts, attempt: Attempt, lead: LeadWork, maybePushed: boolean): Promise<Stepped> {
  const { line, providers } = ports;
  const { copy, senderCampaignId, profile } = lead;
  if (!copy || !senderCampaignId)
    throw new InvariantError(`enrich-lead: lead ${lead.id} is written but cannot be pushed`);
  const found = maybePushed ? await lookUp(ports, attempt, lead) : null;
  if (found) return found;
  const called = await line.call(attempt, "instantly", () =>
    providers.instantly.addLead(senderCampaignId, profile, copy),
  );
  if (called.outcome === "answered") return pushed(lead, { ...called.value, spend: called.spend });
  // What the sender skips may be in this campaign all the same: its word for that and its documents disagree.
  const skipped = called.outcome === "refused" && called.rejects && !maybePushed;
  return (skipped ? await lookUp(ports, attempt, lead) : null) ?? notAnswered(called, lead);
}

/** Null when the sender's campaign does not have the lead. */
async function lookUp({ line, providers }: AttemptPorts, attempt: Attempt, lead: LeadWork): Promise<Stepped | null> {
  const { senderCampaignId, profile } = lead;
  const found = await line.call(attempt, "instantly", () =>
    providers.instantly.findLead(senderCampaignId ?? "", profile.email),
  );
  if (found.outcome !== "answered") return notAnswered(found, lead);
  return found.value && pushed(lead, found.value);
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
  if (called.outcome === "stopped") return { end: called.end };
  return called.rejects ? rejected(lead, called.message) : failed(lead, called.message);
}

/** Not to be worked on, and no retry would change that. It stays at its stage: what it has brought is kept. */
function rejected(lead: LeadWork, error: string): Stepped {
  return {
    change: { stage: lead.stage, outcome: "rejected", counter: "rejected", error },
    end: rejectedEnd({ reason: error }),
    lead: { ...lead, outcome: "rejected", error },
  };
}

const rejectedEnd = (why: { verdict?: Verdict; reason?: string }): AttemptEnd => ({
  becomes: "COMPLETED",
  result: { outcome: "rejected", ...why },
});

/** The lead's own failure: it stays at its stage, so that a retry by hand goes on from there. */
function failed(lead: LeadWork, error: string, result?: LeadChange["result"]): Stepped {
  return {
    change: { stage: lead.stage, outcome: "failed", counter: "failed", error, ...(result && { result }) },
    end: { becomes: "FAILED", error },
    lead: { ...lead, outcome: "failed", error },
  };
}
