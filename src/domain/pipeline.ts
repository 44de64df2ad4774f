import type { JobType } from "./job.ts";
import type { Verdict } from "./lead.ts";

/**
 * How far a lead is. `reserved`: a campaign has reserved the person and will reveal them; `dropped`: revealed, and
 * without an address that is new to us. The other stages are the pipeline's, each reached by the step of the same root.
 */
export const LEAD_STAGES = ["reserved", "dropped", "found", "verified", "researched", "written", "pushed"] as const;
export type LeadStage = (typeof LEAD_STAGES)[number];

export const LEAD_OUTCOMES = ["open", "pushed", "rejected", "failed", "cancelled"] as const;
export type LeadOutcome = (typeof LEAD_OUTCOMES)[number];

export const LEAD_STEPS = ["verify", "research", "write", "push"] as const;
export type LeadStep = (typeof LEAD_STEPS)[number];

/** The steps of each kind of job, in their order. */
export const STEPS: Record<JobType, readonly JobStep[]> = {
  FETCH_LEADS: ["search", "reveal"],
  ENRICH_LEAD: LEAD_STEPS,
  CLEANUP_CAMPAIGN: ["delete"],
};
export const JOB_STEPS = ["search", "reveal", ...LEAD_STEPS, "delete"] as const;
export type JobStep = (typeof JOB_STEPS)[number];

/** The step that comes next for a lead of this stage; null when none does. */
export function nextStep(stage: LeadStage): LeadStep | null {
  switch (stage) {
    case "found":
      return "verify";
    case "verified":
      return "research";
    case "researched":
      return "write";
    case "written":
      return "push";
    case "reserved":
    case "dropped":
    case "pushed":
      return null;
  }
}

/**
 * Whether an address is good enough for the costly steps. `undecided`: mostly the mail server's bad hour, so that asking
 * again later may decide it.
 */
export function judgeAddress(verdict: Verdict, refuseCatchAll: boolean): "accepted" | "rejected" | "undecided" {
  switch (verdict) {
    case "ok":
      return "accepted";
    case "catch_all":
      return refuseCatchAll ? "rejected" : "accepted";
    case "unknown":
      return "undecided";
    case "disposable":
    case "invalid":
      return "rejected";
  }
}
