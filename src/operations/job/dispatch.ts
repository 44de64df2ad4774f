import type { BreakerActor } from "../../ports/breaker.ts";
import type { JobQueue } from "../../ports/job-queue.ts";
import type { JobStanding } from "../../ports/jobs.ts";

export interface DispatchPorts {
  breaker: Pick<BreakerActor, "watch">;
  queue: Pick<JobQueue, "send">;
}

/** What cannot be sent now is sent by the watchdog: the row is there. */
export async function dispatchNew({ breaker, queue }: DispatchPorts, job: JobStanding): Promise<void> {
  await breaker.watch();
  await queue.send([job]);
}
