import { z } from "zod";
import { recordOf } from "../domain/record.ts";
import type { BreakerState } from "../domain/breaker.ts";
import {
  checkSinceStop,
  failedProvider,
  overrideNeeded,
  provesFailedCall,
  type ServiceCheck,
} from "../domain/check.ts";
import { PROVIDERS } from "../domain/fault.ts";
import { callsNeeded, type RemainingWork } from "../domain/remaining-work.ts";
import type { RepeatedJob as RepeatedJobState } from "../domain/repeated-job.ts";
import { breakerView, checkView, CircuitBreaker, MadeCheck } from "./breaker.ts";
import { Id } from "./common.ts";
import { RepeatedJob, repeatedJobView } from "./repeated-job.ts";

const ModelSpent = z.object({
  usd: z.number().optional(),
  input_tokens: z.int().optional(),
  output_tokens: z.int().optional(),
});

export const ClosePreview = z.object({
  circuit_breaker: CircuitBreaker,
  jobs: z
    .object({
      total: z.int(),
      by_step: z.array(z.object({ step: z.string(), count: z.int() })),
      by_campaign: z.array(z.object({ campaign_id: Id, name: z.string(), count: z.int() })).describe("The 20 largest."),
      more_campaigns: z.int().describe("How many campaigns there are besides these."),
    })
    .describe("What a close would queue again; nothing while the breaker is closed."),
  calls_needed: z
    .object(recordOf(PROVIDERS, () => z.int()))
    .describe("If every lead gets to its end; without leads that are still to be found."),
  spent: z
    .object({
      apollo: z.object({ credits: z.number() }).optional(),
      perplexity: ModelSpent.optional(),
      openai: ModelSpent.optional(),
    })
    .describe("By these campaigns so far; what the rows do not know is absent."),
  failed_provider: z.enum(PROVIDERS).nullable(),
  last_check: MadeCheck.nullable().describe("Of the failed service, since it failed."),
  override_needed: z
    .boolean()
    .describe("The failed service's last check failed, or none was made. Nothing forbids a close."),
  proven: z
    .boolean()
    .describe("That check proves that the call which failed goes well again; false where no service had failed."),
  repeated_job: RepeatedJob.nullable().describe("Cancel it if the next close would only meet it again."),
});

export function closePreview(
  { breaker, repeatedJob }: { breaker: BreakerState; repeatedJob: RepeatedJobState | null },
  work: RemainingWork,
  lastChecks: ServiceCheck[],
): z.infer<typeof ClosePreview> {
  const incident = breaker.state === "open" ? breaker.incident : null;
  const check = incident && checkSinceStop(incident, lastChecks);
  return {
    circuit_breaker: breakerView({ breaker, repeatedJob }),
    jobs: {
      total: work.total,
      by_step: work.bySteps,
      by_campaign: work.campaigns.map(({ campaignId, name, count }) => ({ campaign_id: campaignId, name, count })),
      more_campaigns: work.moreCampaigns,
    },
    calls_needed: callsNeeded(work),
    spent: work.spent,
    failed_provider: incident && failedProvider(incident.reason),
    last_check: check && checkView(check),
    override_needed: incident !== null && overrideNeeded(incident, check),
    proven: incident !== null && check !== null && provesFailedCall(incident.reason, check.proves),
    repeated_job: repeatedJobView(repeatedJob),
  };
}
