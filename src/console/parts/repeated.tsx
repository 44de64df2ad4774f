import type { z } from "zod";
import type { RepeatedJob } from "../../contract/repeated-job.ts";
import { repeatedText } from "../../wording/repeated-job.ts";
import type { Api } from "../api.ts";
import { For, SureAct } from "./forms.tsx";
import { Id } from "./words.tsx";

export const CANCEL_WARNING =
  "It never goes on. What it has done is kept, and a message that was handed to the sender is not taken back.";

/** The job that opened stop after stop, and whether there is still something to cancel. */
export type Repeated = z.infer<typeof RepeatedJob> & { unfinished: boolean };

/** A job that cannot be read is taken for finished: its page tells why. */
export async function readRepeated(api: Api, repeated: z.infer<typeof RepeatedJob> | null): Promise<Repeated | null> {
  if (repeated === null) return null;
  const answer = await api.ask<{ job: { finished_at: string | null } }>("GET", `/jobs/${repeated.job_id}`);
  return { ...repeated, unfinished: answer.ok && answer.data.job.finished_at === null };
}

/** "This job opened three of the last three stops." */
export const RepeatedText = ({ repeated }: { repeated: Repeated }) => (
  <p class="notice problem">
    <b>{repeatedText(repeated)}</b>: <Id id={repeated.job_id} href={`/console/jobs/${repeated.job_id}`} />.{" "}
    {repeated.unfinished
      ? "After a close it makes the same call again. If the service is well, cancel this job, and the others go on."
      : "It does not wait any more."}
  </p>
);

export const CancelRepeated = ({ repeated }: { repeated: Repeated }) =>
  repeated.unfinished ? (
    <For role="operator">
      <SureAct action={`/console/jobs/${repeated.job_id}/cancel`} label="Cancel this job" warning={CANCEL_WARNING} />
    </For>
  ) : null;
