import { z } from "zod";
import { FAULT_KINDS, PROVIDERS } from "../domain/fault.ts";
import { JOB_STATUSES } from "../domain/job.ts";
import { Id, Time } from "./common.ts";

const text = z.string().describe("One sentence for a person.");
const Call = z.object({
  provider: z.enum(PROVIDERS),
  at: Time.describe("When it began."),
  ms: z.int(),
  outcome: z.enum(["answered", "refused", ...FAULT_KINDS]),
});

const JobEvent = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("created"), at: Time, text }),
  z.object({
    kind: z.literal("attempt"),
    at: Time.describe("When it began."),
    text,
    dispatch: z.int(),
    ended_at: Time.nullable().describe(
      "Null while it runs, and for ever when its process died or its job was cancelled.",
    ),
    end: z.enum(JOB_STATUSES).nullable().describe("What the job became by its end."),
    calls: z.array(Call).describe("The last of them, at most 40."),
    earlier_calls: z.int().describe("How many there were before those."),
  }),
  z.object({ kind: z.enum(["retried", "cancelled"]), at: Time, text, by: z.string() }),
  z.object({ kind: z.literal("line_stopped"), at: Time, text, incident_id: Id }),
  z.object({ kind: z.literal("line_started"), at: Time, text, incident_id: Id }),
  z.object({ kind: z.literal("finished"), at: Time, text }),
]);
export type JobEvent = z.infer<typeof JobEvent>;

export const JobTimeline = z.object({
  job_id: Id,
  events: z
    .array(JobEvent)
    .describe("In the order of time. A job remembers the last 50 of its attempts, retries and cancel."),
});
