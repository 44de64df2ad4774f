import { z } from "zod";
import { PROVIDERS, STOP_KINDS } from "../domain/fault.ts";
import { BreakerReason, IncidentSummary, IncidentWhole, MadeCheck, ServiceCheck, Sweep } from "./breaker.ts";
import { Time } from "./common.ts";
import { RepeatedJob } from "./repeated-job.ts";

const Swept = Sweep.pick({ state: true, done: true, failed: true, total: true });

const opened = z.object({
  kind: z.literal("opened"),
  at: Time,
  by: z.string(),
  reason: BreakerReason,
  repeated_job: RepeatedJob.nullable(),
});
const follower = z.object({
  kind: z.literal("follower"),
  at: Time.describe("When the first of these faults came."),
  last_at: Time,
  count: z.int(),
  provider: z.enum(PROVIDERS).nullable().describe("Null with faults that were only counted."),
  fault_kind: z.enum(STOP_KINDS).nullable(),
  http_status: z.int().nullable(),
  message: z.string().nullable().describe("The words of the first of them."),
});
const check = z.object({ kind: z.literal("check"), ...MadeCheck.shape, ...ServiceCheck.shape });
const pause = z.object({ kind: z.literal("pause"), at: Time, ...Swept.shape });
const closed = z.object({
  kind: z.literal("closed"),
  at: Time,
  by: z.string(),
  note: z.string().nullable(),
  check_before_close: z
    .enum(["ok", "failed", "none", "not_needed", "unknown"])
    .describe("What the last check of the failed service had shown; `not_needed` after an operator's stop."),
  check: MadeCheck.nullable(),
  proven: z.boolean().describe("That check had proven that the call which failed goes well again."),
});
const pace = z.object({
  kind: z.literal("pace"),
  at: Time,
  by: z.string(),
  pace_per_second: z.int().nullable().describe("null: all at once."),
});
const resume = z.object({
  kind: z.literal("resume"),
  at: Time,
  ...Swept.shape,
  beyond_pause: z
    .int()
    .describe(
      "How many more than the pause had counted: jobs made after it had ended, by a call under way or by people, less those cancelled.",
    ),
});
const reopened = z.object({
  kind: z.literal("reopened"),
  at: Time,
  by: z.string(),
  incident_id: z.string(),
  reason: BreakerReason,
});

/** What happened, before it is put into words. */
const Happening = z.discriminatedUnion("kind", [opened, follower, check, pause, closed, pace, resume, reopened]);
export type Happening = z.infer<typeof Happening>;

const text = { text: z.string().describe("One sentence for a person.") };
export const TimelineEvent = z.discriminatedUnion("kind", [
  opened.extend(text),
  follower.extend(text),
  check.extend(text),
  pause.extend(text),
  closed.extend(text),
  pace.extend(text),
  resume.extend(text),
  reopened.extend(text),
]);
export type TimelineEvent = z.infer<typeof TimelineEvent>;

export const IncidentTimeline = z.object({
  incident: IncidentSummary,
  events: z.array(TimelineEvent).describe("In the order of time."),
});

export const ExportQuery = z.strictObject({ format: z.enum(["markdown", "json"]).default("markdown") });
export const IncidentFile = z.object({ incident: IncidentWhole, events: z.array(TimelineEvent) });

export const ServiceList = z.object({
  services: z.array(
    z.object({
      provider: z.enum(PROVIDERS),
      last_check: MadeCheck.nullable(),
      estimated_cost_usd: z.number().describe("What a check with the smallest real call costs, by the price list."),
    }),
  ),
});
