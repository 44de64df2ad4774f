import { z } from "zod";
import type { RepeatedJob as RepeatedJobState } from "../domain/repeated-job.ts";

export const RepeatedJob = z
  .object({ job_id: z.string(), stops: z.int(), of: z.int() })
  .describe("The job that set off this stop set off `stops` of the last `of`.");

export const repeatedJobView = (repeated: RepeatedJobState | null): z.infer<typeof RepeatedJob> | null =>
  repeated && { job_id: repeated.jobId, stops: repeated.stops, of: repeated.of };
