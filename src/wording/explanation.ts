import { withFullStop } from "../domain/full-stop.ts";
import type { Job } from "../domain/job.ts";

/** One sentence for an operator: why is this job not running, and what will change that? */
export function explain(job: Job, breakerOpen: boolean): string {
  switch (job.status) {
    case "PENDING":
      return breakerOpen
        ? "It waits in the queue, and is paused as soon as the database follows: the breaker is open."
        : "It waits in the queue for its turn.";
    case "RUNNING":
      return breakerOpen
        ? "It finishes the call it has already made, keeps the result, and then pauses."
        : "It is running.";
    case "PAUSED":
      return breakerOpen
        ? `It is paused because the breaker is open (${job.pauseReason ?? "no reason recorded"}); closing the breaker queues it again where it stopped.`
        : "It waits for its turn in the resume that followed the close, and is then queued again where it stopped.";
    case "COMPLETED":
      return "It is finished.";
    case "FAILED":
      return `It failed: ${withFullStop(job.error ?? "no error recorded")} It can be retried by hand.`;
    case "CANCELLED":
      return "An operator cancelled it.";
  }
}
