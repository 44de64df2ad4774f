import { Hono } from "hono";
import type { z } from "zod";
import type { CampaignList, CampaignsStatus } from "../../contract/campaigns.ts";
import type { BreakerChanged } from "../../contract/breaker.ts";
import type { Line } from "../line.ts";
import { fieldsOf, finish } from "../act.ts";
import type { Console, ConsolePorts } from "../console-env.ts";
import { Act, Field, For, Form } from "../parts/forms.tsx";
import { Counts, Percent } from "../parts/progress.tsx";
import { plural, Status, When } from "../parts/words.tsx";
import { show } from "../show.tsx";

type State = Line["status"];
type Running = z.infer<typeof CampaignsStatus>["running"];

/** The first page: how the line stands, in numbers. */
export function overviewPage(ports: ConsolePorts) {
  const page = new Hono<Console>();

  page.get("/", (c) => {
    const api = c.get("api");
    return show(c, ports, {
      title: "Line",
      read: async () => {
        const [{ running }, { campaigns }] = await Promise.all([
          api.read<z.infer<typeof CampaignsStatus>>("/campaigns/status"),
          api.read<z.infer<typeof CampaignList>>("/campaigns?limit=1"),
        ]);
        return { running, isNew: campaigns.length === 0 };
      },
      live: ({ running }, { status }) => <Numbers status={status} running={running} />,
      still: ({ isNew }, { status }) => (
        <For role="operator">
          {isNew && ports.isSandbox(c.env) ? <Sample /> : null}
          {status.circuit_breaker.state === "closed" ? <StopByHand /> : null}
        </For>
      ),
    });
  });

  page.post("/line/stop", async (c) => {
    const reason = (await fieldsOf(c))("reason");
    const answer = await c
      .get("api")
      .ask<z.infer<typeof BreakerChanged>>("POST", "/queue-management/pause", { reason });
    return finish(c, answer, {
      text: ({ changed }) =>
        changed ? "The line is stopped. No call to a service begins any more." : "It was stopped already.",
    });
  });
  return page;
}

function Numbers({ status, running }: { status: State; running: Running }) {
  const { backlog_count: backlog, oldest_message_at: oldest } = status.queue;
  return (
    <>
      <h2>Jobs</h2>
      <Counts counts={status.job_counts} href={(name) => `/console/jobs?status=${name}`} />
      <p class="quiet">
        {plural(backlog, "message")} in the queues
        {oldest ? (
          <>
            , the oldest of <When at={oldest} />
          </>
        ) : null}
        .
      </p>
      <h2>Campaigns</h2>
      <Counts counts={status.campaign_counts} href={(name) => `/console/campaigns?status=${name}`} />
      {running.length === 0 ? (
        <p class="empty">No campaign runs just now.</p>
      ) : (
        <ul class="running">
          {running.slice(0, 20).map((campaign) => (
            <li>
              <a href={`/console/campaigns/${campaign.id}`}>{campaign.name}</a> <Status status={campaign.status} />{" "}
              <Percent campaign={campaign} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const Sample = () => (
  <section class="card">
    <h2>See the whole story in a minute</h2>
    <p>
      Start a sample campaign of 200 leads. Then break a service on the Sandbox page, watch the line stop, mend the
      service, test it and close the breaker: every lead goes on where it stopped, and nobody is contacted twice.
    </p>
    <Act action="/console/campaigns/sample" label="Start the sample campaign" kind="main" />
  </section>
);

const StopByHand = () => (
  <details class="card">
    <summary>Stop the line by hand</summary>
    <Form action="/console/line/stop">
      <Field label="Reason" hint="Everybody who looks at a paused job will read it.">
        <input name="reason" required maxlength={1000} />
      </Field>
      <button class="danger">Stop the line</button>
    </Form>
  </details>
);
