import type { LineState } from "../line.ts";
import { For, usePage } from "./forms.tsx";
import { adviceText, TestButtons } from "./proof.tsx";
import { CancelRepeated, RepeatedText } from "./repeated.tsx";
import { causeText, CheckText, Id, number, plural, stepsText, When } from "./words.tsx";
import { duration } from "../../wording/duration.ts";

/** Has these acts itself, in a form that keeps what is typed. */
const CLOSE_PAGE = "/console/line/close";

/** On every page: whether the line runs, and if not, why, what it means, and what to do. It renews itself. */
export function Banner({ line, sandbox }: { line: LineState; sandbox: boolean }) {
  const { circuit_breaker: breaker, sweep } = line.status;
  const resuming = sweep?.state === "running" && sweep.kind === "resume";
  const state = breaker.state === "open" ? "open" : resuming ? "resuming" : "closed";
  return (
    <section
      id="line"
      class={`line ${state}`}
      aria-label="The line"
      data-state={state}
      data-live="1500"
      hx-get="/console/line"
      hx-trigger="live"
      hx-target="this"
      hx-swap="outerMorph"
    >
      {state === "open" ? (
        <Stopped line={line} sandbox={sandbox} />
      ) : state === "resuming" ? (
        <Resuming line={line} />
      ) : (
        <Runs line={line} />
      )}
    </section>
  );
}

function Runs({ line }: { line: LineState }) {
  const { closed_at: at, closed_by: by } = line.status.circuit_breaker;
  if (at === null) return <p>The line runs. It has never been stopped.</p>;
  return (
    <p>
      The line runs, since <When at={at} />, when {by} closed the breaker.
    </p>
  );
}

function Resuming({ line }: { line: LineState }) {
  const { sweep } = line.status;
  if (!sweep) return null;
  const { total, done, failed } = sweep;
  const allQueued = done + failed >= total && line.pace !== null;
  return (
    <>
      <h2>The line starts again</h2>
      <p>
        {number(done)} of {plural(total, "paused job")} queued again
        {failed > 0 ? `; ${number(failed)} could not be queued and are FAILED, to be retried by hand` : ""}
        {line.pace === null
          ? `, ${averageRate(sweep)}`
          : allQueued
            ? ""
            : `, ${number(line.pace)} a second as it was set`}
        .{" "}
        {allQueued && line.pace !== null
          ? `What is found meanwhile goes on at the pace too (${number(line.pace)} a second), until no search is under way. `
          : ""}
        A new fault stops it, and what has not started pauses again.
      </p>
      <progress max={Math.max(1, total)} value={done} aria-label="Jobs queued again" />
      <For role="operator">
        <div class="acts">
          <a class="button" href="/console/line/resume">
            Change its pace
          </a>
        </div>
      </For>
    </>
  );
}

/** Of a resume that goes as fast as it can. */
function averageRate({ done, started_at }: { done: number; started_at: string }): string {
  const seconds = Math.max(1, (Date.now() - Date.parse(started_at)) / 1_000);
  return `about ${number(Math.round(done / seconds))} a second`;
}

const TODO = {
  platform: "what it says above; then close the breaker.",
  operator: "close the breaker when the reason is gone.",
};

function Stopped({ line, sandbox }: { line: LineState; sandbox: boolean }) {
  const { circuit_breaker: breaker, job_counts: jobs, campaign_counts: campaigns, sweep } = line.status;
  const reason = breaker.reason;
  const provider = reason?.provider ?? null;
  const left = jobs.PENDING + jobs.RUNNING;
  return (
    <>
      <h2>The line is stopped</h2>
      <p class="why">
        <strong>{reason && causeText(reason, breaker.opened_by)}</strong>: <q>{reason?.message}</q>
      </p>
      <dl class="facts">
        <dt>Stopped since</dt>
        <dd>
          <When at={breaker.opened_at} />
        </dd>
        {reason?.job_id ? (
          <>
            <dt>Set off by</dt>
            <dd>
              job <Id id={reason.job_id} href={`/console/jobs/${reason.job_id}`} />
              {line.campaign ? (
                <>
                  {" "}
                  of <a href={`/console/campaigns/${line.campaign.id}`}>{line.campaign.name}</a>
                </>
              ) : null}
              {(reason.followers ?? 0) > 0 ? `, and ${plural(reason.followers, "call")} that failed right after` : ""}
            </dd>
          </>
        ) : null}
        <dt>Waiting</dt>
        <dd>
          {plural(jobs.PAUSED, "job")} of {plural(campaigns.RUNNING, "running campaign")}
          {left > 0 ? `; ${number(left)} more are just being paused` : ""}
          {line.steps?.length ? <span class="quiet"> ({stepsText(line.steps, jobs.PAUSED + left)})</span> : null}
        </dd>
        {line.check ? (
          <>
            <dt>Last test</dt>
            <dd>
              <CheckText check={line.check} />
            </dd>
          </>
        ) : null}
      </dl>
      {line.repeated && <RepeatedText repeated={line.repeated} />}
      {sweep?.state === "running" ? (
        <progress max={Math.max(1, sweep.total)} value={sweep.done} aria-label="Jobs paused" />
      ) : null}
      <p>
        Nothing is lost: every job keeps what it has done and waits, for as long as it takes. No service is called.
        Nothing starts again until a person closes the breaker; then each job goes on where it stopped.
      </p>
      <p class="todo">
        <b>What to do:</b>{" "}
        {provider === null
          ? TODO[reason?.source === "platform" ? "platform" : "operator"]
          : adviceText(provider, { source: "provider", kind: reason?.kind ?? null }, line.check)}
        {provider !== null && sandbox && !line.check?.ok ? (
          <For role="admin">
            {" "}
            Its stand-in is mended <a href="/console/sandbox">on the Sandbox page</a>.
          </For>
        ) : null}
      </p>
      {usePage().pathname === CLOSE_PAGE ? null : (
        <For role="operator">
          <div class="acts">
            {provider === null ? null : <TestButtons provider={provider} />}
            {line.repeated && <CancelRepeated repeated={line.repeated} />}
            <a class="button main" href={CLOSE_PAGE}>
              Close the breaker …
            </a>
          </div>
        </For>
      )}
    </>
  );
}

/** For how long a stopped line has stood, in the list of incidents. */
export const lasted = (from: string, to: string | null) =>
  duration((to ? Date.parse(to) : Date.now()) - Date.parse(from));
