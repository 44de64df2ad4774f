import type { z } from "zod";
import type { Campaign, StartValidation } from "../../contract/campaigns.ts";
import { labelOf } from "../api.ts";
import { Act, Field, For, Form, SureAct, useTyped } from "./forms.tsx";
import { Counts, Funnel, Percent } from "./progress.tsx";
import { number, plural, Status, When } from "./words.tsx";

/** One campaign: what it looks for, how far it is, and what may be done with it now. */
export function OneCampaign(props: { campaign: z.infer<typeof Campaign>; start: z.infer<typeof StartValidation> }) {
  const { campaign, start } = props;
  const path = `/console/campaigns/${campaign.id}`;
  return (
    <>
      <p>
        <Status status={campaign.status} /> <Percent campaign={campaign} />
      </p>
      {campaign.error ? <p class="notice problem">{campaign.error}</p> : null}
      {campaign.description ? <p>{campaign.description}</p> : null}
      <For role="operator">
        {campaign.status === "CREATED" ? (
          start.can_start ? (
            <div class="acts">
              <Act action={`${path}/start`} label="Start" kind="main" />
            </div>
          ) : (
            <p>It cannot be started now: {start.errors.join("; ")}</p>
          )
        ) : null}
      </For>
      {campaign.failing ? (
        <p class="notice problem">
          Its last {number(campaign.failing.count)} leads all failed for one reason: <b>{campaign.failing.reason}</b>{" "}
          (since <When at={campaign.failing.since} />
          ). Nothing stops by itself: look at one of them, and mend the cause before you retry them.
        </p>
      ) : null}
      {campaign.progress.jobs.FAILED > 0 ? (
        <p class="notice problem">
          {plural(campaign.progress.jobs.FAILED, "job")} of this campaign failed.{" "}
          <a href={`/console/jobs?campaign_id=${campaign.id}&status=FAILED`}>See why, and retry them</a>
        </p>
      ) : null}
      <Funnel campaign={campaign} />
      <h2>Jobs</h2>
      <Counts
        counts={campaign.progress.jobs}
        href={(status) => `/console/jobs?campaign_id=${campaign.id}&status=${status}`}
      />
      <div class="acts">
        <a href={`/console/leads?campaign_id=${campaign.id}`}>Leads</a>
        <a href={`/console/jobs?campaign_id=${campaign.id}`}>Jobs</a>
        <a href={`${path}/results.csv`} download>
          Results as CSV
        </a>
      </div>
      <h2>What it is about</h2>
      <dl class="facts">
        <dt>Wanted</dt>
        <dd>{number(campaign.target_leads)} leads</dd>
        {Object.entries(campaign.search).map(([name, values]) => (
          <>
            <dt>{labelOf(`search.${name}`)}</dt>
            <dd>{values.join(", ")}</dd>
          </>
        ))}
        <dt>Sender</dt>
        <dd>{campaign.message.sender_name}</dd>
        <dt>Offer</dt>
        <dd>{campaign.message.offer}</dd>
        <dt>At Instantly</dt>
        <dd>{campaign.instantly_campaign_id ?? "made when it starts"}</dd>
        <dt>Created</dt>
        <dd>
          <When at={campaign.created_at} />
        </dd>
        <dt>Started</dt>
        <dd>
          <When at={campaign.started_at} />
        </dd>
        <dt>Ended</dt>
        <dd>
          <When at={campaign.completed_at ?? campaign.failed_at} />
        </dd>
      </dl>
      <For role="operator">
        <OtherSender campaign={campaign} />
        {campaign.status === "RUNNING" ? null : (
          <SureAct
            action={`${path}/delete`}
            label="Delete"
            warning="Its jobs and leads are deleted with it, and do not come back. Whom it contacted stays known, so that nobody is contacted twice."
          />
        )}
      </For>
    </>
  );
}

/** Somebody may delete the sender campaign in Instantly while this one runs, or after. */
function OtherSender({ campaign }: { campaign: z.infer<typeof Campaign> }) {
  const { typed, wasRefused } = useTyped();
  if (campaign.status === "CREATED" && campaign.instantly_campaign_id === null) return null;
  return (
    <details open={wasRefused}>
      <summary>Use another Instantly campaign</summary>
      <Form action={`/console/campaigns/${campaign.id}/sender`}>
        <Field
          label={labelOf("instantly_campaign_id")}
          hint="Messages that are written go there from now on. Leads that failed because the old one is gone are pushed when you retry their jobs; nothing is written again."
        >
          <input
            name="instantly_campaign_id"
            required
            maxlength={200}
            value={typed("instantly_campaign_id", campaign.instantly_campaign_id ?? "")}
          />
        </Field>
        <button>Use it</button>
      </Form>
    </details>
  );
}
