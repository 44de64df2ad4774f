import type { JobType } from "./job.ts";
import type { Copy, LeadProfile, Verdict } from "./lead.ts";

/**
 * How far a lead is. `reserved`: a campaign has laid hand on the person and will reveal them; `dropped`: revealed, and
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

/** A word in braces, or one in brackets that speaks of what is to be filled in, also as `[FirstName]` or `[first_name]`. */
const PLACEHOLDER =
  /\{\{|\}\}|\[[^\]\n]{0,40}(?:name|company|insert|your|\b(?:title|position|link|date|number)\b)[^\]\n]{0,40}\](?!\()|<[^>\n]{0,20}(?:name|company)[^>\n]{0,20}>/i;

/** What is wrong with a message, or null. It must be sendable as it is: whole, without blanks to fill, to this person. */
export function copyProblem(copy: Copy, lead: LeadProfile): string | null {
  if (copy.subject.trim() === "") return "the subject is empty";
  if (copy.body.trim() === "") return "the body is empty";
  const blank = PLACEHOLDER.exec(`${copy.subject}\n${copy.body}`);
  if (blank) return `it holds the placeholder ${blank[0].slice(0, 40)}`;
  const firstName = fold(lead.firstName);
  if (firstName !== "" && !holdsWord(fold(copy.body), firstName)) return "it does not name the person";
  return null;
}

/** Scripts that part their words; 太郎さん names 太郎 without a blank between. */
const PARTED = "[\\p{Script=Latin}\\p{Script=Cyrillic}\\p{Script=Greek}\\p{Script=Arabic}\\p{Script=Hebrew}\\p{N}]";

/** "Ann" is in "Dear Ann," and not in "Hannah". */
function holdsWord(text: string, word: string): boolean {
  const literal = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<!${PARTED})${literal}(?!${PARTED})`, "u").test(text);
}

function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
}
