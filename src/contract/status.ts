import { z } from "zod";
import { CircuitBreaker, Sweep } from "./breaker.ts";
import { CampaignCounts, JobCounts } from "./campaigns.ts";
import { Time } from "./common.ts";

export const QueueManagementStatus = z.object({
  circuit_breaker: CircuitBreaker,
  job_counts: JobCounts,
  campaign_counts: CampaignCounts,
  sweep: Sweep.nullable(),
  queue: z.object({
    backlog_count: z
      .int()
      .nullable()
      .describe(
        "Messages that wait. One names up to ten jobs, so this is no number of jobs. Null when the queues do not tell.",
      ),
    oldest_message_at: Time.nullable(),
  }),
  timestamp: Time,
});

const Check = z.object({ ok: z.boolean(), latency_ms: z.int() });
export const Health = z.object({
  healthy: z.literal(true),
  checks: z.object({ database: Check, breaker: Check, queue: Check }),
  database: z
    .object({ size_bytes: z.int(), limit_bytes: z.int() })
    .describe("A database that has reached its limit stops the line."),
  watchdog: z.object({ healed_at: Time.nullable().describe("When it last looked; null before it ever did.") }),
  breaker: z
    .object({ round_trip_ms: z.int() })
    .describe("From where this request was served; consumers may run elsewhere."),
});
