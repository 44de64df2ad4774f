import { z } from "zod";
import { ALERT_EVENTS, TEST_EVENT } from "../domain/alert.ts";
import { PROVIDERS, STOP_KINDS } from "../domain/fault.ts";
import { Sweep } from "./breaker.ts";
import { Failing, JobCounts } from "./campaigns.ts";
import { Id, Time } from "./common.ts";

/** What a webhook receives. */
export const AlertPayload = z.object({
  type: z.enum([...ALERT_EVENTS, TEST_EVENT]),
  timestamp: Time.describe("When it happened, which may be long before it arrives."),
  data: z.object({
    incident_id: Id.nullable(),
    epoch: z.int(),
    state: z.enum(["open", "closed"]),
    reason: z
      .object({
        source: z.enum(["provider", "operator", "platform"]),
        provider: z.enum(PROVIDERS).nullable(),
        kind: z.enum(STOP_KINDS).nullable(),
        http_status: z.int().nullable(),
        message: z.string(),
      })
      .nullable(),
    opened_at: Time.nullable(),
    closed_at: Time.nullable(),
    closed_by: z.string().nullable(),
    note: z.string().nullable(),
    job_counts: JobCounts.optional(),
    sweep: Sweep.optional(),
    campaign: z.object({ id: Id, name: z.string() }).optional().describe("Only of `campaign.failing`."),
    failing: Failing.optional().describe("Only of `campaign.failing`: what its last leads had in common."),
    stalled: z
      .object({
        since: Time,
        unfinished: z.int(),
        waits_for: z.string().describe("`database`, `queue`, `lease`, or `throttle` and the name of the rate."),
      })
      .optional()
      .describe("Only of `line.stalled`: since when nothing has ended, and what the unfinished jobs wait for."),
    console_path: z.string(),
    console_url: z.string().nullable().describe("The same with its host; null where CONSOLE_ORIGIN is not set."),
  }),
});
export type AlertPayload = z.infer<typeof AlertPayload>;
