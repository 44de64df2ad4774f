import type { z } from "zod";
import type { ClosePreview } from "../../contract/close-preview.ts";
import { type Api, problemText } from "../api.ts";
import type { Notice } from "../console-env.ts";
import { SureButton } from "../parts/forms.tsx";
import { adviceText, realTestLabel, testLabel } from "../parts/proof.tsx";
import { CANCEL_WARNING, type Repeated, RepeatedText } from "../parts/repeated.tsx";
import { PROVIDER_NAMES } from "../parts/words.tsx";
import { Checked, testNow } from "./providers.tsx";

// What stands in the form before the close itself: tests of the failed service, and the job that stops the line again and
// again. Their buttons send the whole form, so that what is typed stays.

type Preview = z.infer<typeof ClosePreview>;

/** The form's other buttons: what was done, with the breaker as it is. Null when the form is to close it. */
export async function didFirst(api: Api, act: string, preview: Preview): Promise<Notice | null> {
  const { failed_provider: failed, repeated_job: repeated } = preview;
  if ((act === "test" || act === "try") && failed) return testNow(api, failed, act === "try");
  if (act !== "cancel" || !repeated) return null;
  const answer = await api.ask("DELETE", `/jobs/${repeated.job_id}`);
  return answer.ok
    ? { kind: "done", text: "The job is cancelled. What it had done is kept. The breaker is still open." }
    : { kind: "problem", text: problemText(answer.problem) };
}

export function Tested({ preview }: { preview: Preview }) {
  const { failed_provider: provider, last_check: check, proven, circuit_breaker: breaker } = preview;
  if (provider === null) return null;
  const failed = { source: "provider", kind: breaker.reason?.kind ?? null };
  return (
    <>
      <h2>Does {PROVIDER_NAMES[provider]} work again?</h2>
      <Checked check={check} />
      {check?.ok ? <p>{adviceText(provider, failed, check)}</p> : null}
      <div class="acts">
        <button name="do" value="test" formnovalidate class={check?.ok ? "plain" : "main"}>
          {testLabel(provider)}
        </button>
        <button name="do" value="try" formnovalidate class={check?.ok && !proven ? "main" : "plain"}>
          {realTestLabel(provider)}
        </button>
      </div>
    </>
  );
}

export const RepeatedHere = ({ repeated }: { repeated: Repeated }) => (
  <>
    <RepeatedText repeated={repeated} />
    {repeated.unfinished ? (
      <SureButton name="do" value="cancel" label="Cancel this job" warning={CANCEL_WARNING} />
    ) : null}
  </>
);
