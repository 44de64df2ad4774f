import type { AttemptPorts, Ending } from "./attempt.ts";
import { cleanUpCampaign } from "../campaign/clean-up.ts";
import { enrichLead } from "../lead/enrich.ts";
import { type FetchPorts, fetchLeads } from "../lead/fetch.ts";
import type { LeadWork } from "../../ports/leads.ts";
import type { Attempt } from "../line/line.ts";

export type RunPorts = AttemptPorts & FetchPorts;

/** Works on a claimed job until it ends or must stop. `lead` is given for ENRICH_LEAD. */
export async function runJob(ports: RunPorts, attempt: Attempt, lead: LeadWork | undefined): Promise<Ending> {
  switch (attempt.job.type) {
    case "FETCH_LEADS":
      return fetchLeads(ports, attempt);
    case "ENRICH_LEAD":
      return lead
        ? enrichLead(ports, attempt, lead)
        : { becomes: "FAILED", error: "The lead of this job no longer exists." };
    case "CLEANUP_CAMPAIGN":
      return cleanUpCampaign(ports, attempt);
  }
}
