import { Hono } from "hono";
import { useRequestContext } from "hono/jsx-renderer";
import type { z } from "zod";
import type { CampaignAnswer } from "../../contract/campaigns.ts";
import type { JobTimeline } from "../../contract/job-timeline.ts";
import type { JobAnswer, JobCount, JobList, JobsRetried, JobStatusAnswer } from "../../contract/jobs.ts";
import type { LeadAnswer } from "../../contract/leads.ts";
import { JOB_STATUSES, JOB_TYPES } from "../../domain/job.ts";
import { JOB_STEPS } from "../../domain/pipeline.ts";
import { fieldsOf, finish } from "../act.ts";
import type { Console, ConsolePorts } from "../console-env.ts";
import { JobEvents } from "../parts/job-events.tsx";
import { Act, For, SureAct } from "../parts/forms.tsx";
import { CANCEL_WARNING } from "../parts/repeated.tsx";
import { asTheyAre, campaignChoices, Filters } from "../parts/filters.tsx";
import { chosen, List, queryOf } from "../parts/list.tsx";
import { goOn, Id, number, plural, Short, Status, STEP_WORDS, When } from "../parts/words.tsx";
import { show } from "../show.tsx";
import { nameOf } from "./leads.tsx";

type Timeline = z.infer<typeof JobTimeline>;
type JobView = z.infer<typeof JobAnswer>["job"];

const RETRY_FILTER = ["type", "campaign_id", "step", "error"];
const LIST_FILTER = ["status", ...RETRY_FILTER];
const FINISHED = ["COMPLETED", "FAILED", "CANCELLED"];

export function jobPages(ports: ConsolePorts) {
  const page = new Hono<Console>();

  page.get("/", (c) =>
    show(c, ports, {
      title: "Jobs",
      read: async () => {
        const api = c.get("api");
        const campaigns = campaignChoices(c);
        const asksForFailed = ["", "FAILED"].includes(c.req.query("status") ?? "");
        const [list, failed] = await Promise.all([
          api.read<z.infer<typeof JobList>>(`/jobs${queryOf(c.req.url, LIST_FILTER)}`),
          asksForFailed ? api.read<z.infer<typeof JobCount>>(`/jobs/count?${failedQuery(c.req.url)}`) : { count: 0 },
        ]);
        return { list, failed: failed.count, campaigns: await campaigns };
      },
      live: ({ list, failed }) => (
        <>
          <RetryAll failed={failed} />
          <Rows list={list} />
        </>
      ),
      above: ({ campaigns }) => (
        <Filters
          fields={[
            { name: "status", label: "Status", options: asTheyAre(JOB_STATUSES) },
            { name: "type", label: "Type", options: asTheyAre(JOB_TYPES) },
            { name: "step", label: "Next step", options: JOB_STEPS.map((step) => [step, STEP_WORDS[step] ?? step]) },
            { name: "campaign_id", label: "Campaign", options: campaigns },
            { name: "error", label: "Failed with the words" },
          ]}
        />
      ),
    }),
  );

  page.post("/retry", async (c) => {
    const field = await fieldsOf(c);
    const filter = Object.fromEntries(RETRY_FILTER.flatMap((name) => (field(name) ? [[name, field(name)]] : [])));
    return finish(c, await c.get("api").ask<z.infer<typeof JobsRetried>>("POST", "/jobs/retry", filter), {
      text: ({ retried, remaining }) =>
        `Queued again: ${goOn(retried, "failed")}.` +
        (remaining > 0 ? ` ${plural(remaining, "job")} that match are still FAILED: retry again for those.` : ""),
    });
  });

  page.get("/:id", (c) =>
    show(c, ports, {
      title: "Job",
      read: async () => {
        const [api, path] = [c.get("api"), `/jobs/${c.req.param("id")}`];
        const [answer, timeline] = await Promise.all([
          api.read<z.infer<typeof JobStatusAnswer>>(`${path}/status`),
          api.read<Timeline>(`${path}/timeline`),
        ]);
        const { campaign_id: campaign, lead_id: lead } = answer.job;
        const [campaigns, leads] = await Promise.all([
          api.ask<z.infer<typeof CampaignAnswer>>("GET", `/campaigns/${campaign}`),
          lead ? api.ask<z.infer<typeof LeadAnswer>>("GET", `/leads/${lead}`) : null,
        ]);
        const of = {
          campaign: campaigns.ok ? campaigns.data.campaign.name : null,
          lead: leads?.ok ? nameOf(leads.data.lead) : null,
        };
        return { answer, of, timeline };
      },
      live: ({ answer, of, timeline }) => (
        <>
          <OneJob {...answer} of={of} />
          <JobEvents events={timeline.events} />
        </>
      ),
    }),
  );

  page.post("/:id/cancel", async (c) =>
    finish(c, await c.get("api").ask("DELETE", `/jobs/${c.req.param("id")}`), {
      text: () => "The job is cancelled. What it had done is kept.",
    }),
  );

  page.post("/:id/retry", async (c) =>
    finish(c, await c.get("api").ask("POST", `/jobs/${c.req.param("id")}/retry`), {
      text: () => "The job is queued again and goes on where it failed.",
    }),
  );
  return page;
}

/** What the filter means among the FAILED jobs. */
function failedQuery(url: string): URLSearchParams {
  const query = new URLSearchParams(chosen(url, RETRY_FILTER));
  query.set("status", "FAILED");
  return query;
}

function RetryAll({ failed }: { failed: number }) {
  const { req } = useRequestContext();
  const fields = Object.fromEntries(RETRY_FILTER.map((name) => [name, req.query(name) ?? ""]));
  return failed === 0 ? null : (
    <For role="operator">
      <div class="acts">
        <span>Of those that match, {plural(failed, "job has failed", "jobs have failed")}.</span>
        <Act
          action="/console/jobs/retry"
          label={failed === 1 ? "Retry it" : `Retry all ${number(failed)}`}
          fields={fields}
        />
      </div>
    </For>
  );
}

const Rows = ({ list }: { list: z.infer<typeof JobList> }) => (
  <List
    heads={["Job", "Type", "Status", "Next step", "Attempts", "Why", "Created"]}
    numbers={["Attempts"]}
    empty="No job matches."
    next={list.next_cursor}
  >
    {list.jobs.map((job) => (
      <tr>
        <td>
          <Id id={job.id} href={`/console/jobs/${job.id}`} />
        </td>
        <td>{job.type}</td>
        <td>
          <Status status={job.status} />
        </td>
        <td>{job.step ? (STEP_WORDS[job.step] ?? job.step) : "–"}</td>
        <td class="number">{number(job.attempts)}</td>
        <td class="words">
          <Short text={job.error ?? job.pause_reason ?? ""} />
        </td>
        <td>
          <When at={job.created_at} />
        </td>
      </tr>
    ))}
  </List>
);

/** `of`: what the job is about, by name; null where that is not known. */
function OneJob(props: z.infer<typeof JobStatusAnswer> & { of: { campaign: string | null; lead: string | null } }) {
  const { job, explanation, of } = props;
  return (
    <>
      <p>
        <Status status={job.status} /> {job.type} <span class="quiet id">{job.id}</span>
      </p>
      <p class={job.status === "FAILED" ? "notice problem" : ""}>
        <b>{explanation}</b>
      </p>
      <Commands job={job} />
      <h2>Steps</h2>
      <ol class="steps">
        {job.steps.map(({ step, state }) => (
          <li class={state}>
            {STEP_WORDS[step] ?? step}{" "}
            <span class="quiet">
              {state === "next" && job.status === "FAILED" ? "failed here" : STATE_WORDS[state]}
            </span>
          </li>
        ))}
      </ol>
      <dl class="facts">
        <dt>Campaign</dt>
        <dd>
          {of.campaign} <Id id={job.campaign_id} href={`/console/campaigns/${job.campaign_id}`} />
        </dd>
        {job.lead_id ? (
          <>
            <dt>Lead</dt>
            <dd>
              {of.lead} <Id id={job.lead_id} href={`/console/leads/${job.lead_id}`} />
            </dd>
          </>
        ) : null}
        <dt>Attempts</dt>
        <dd>{number(job.attempts)}</dd>
        <dt>Queue messages</dt>
        <dd>{number(job.dispatch)}</dd>
        <dt>Paused because</dt>
        <dd>{job.pause_reason ?? "–"}</dd>
        <dt>Created</dt>
        <dd>
          <When at={job.created_at} />
        </dd>
        <dt>Started</dt>
        <dd>
          <When at={job.started_at} />
        </dd>
        <dt>Finished</dt>
        <dd>
          <When at={job.finished_at} />
        </dd>
      </dl>
    </>
  );
}

const STATE_WORDS = { done: "done", next: "next", waiting: "waits", not_done: "not done" };

const Commands = ({ job }: { job: JobView }) => (
  <For role="operator">
    <div class="acts">
      {job.status === "FAILED" ? (
        <Act action={`/console/jobs/${job.id}/retry`} label="Retry where it failed" kind="main" />
      ) : null}
      {FINISHED.includes(job.status) ? null : (
        <SureAct action={`/console/jobs/${job.id}/cancel`} label="Cancel this job" warning={CANCEL_WARNING} />
      )}
    </div>
  </For>
);
