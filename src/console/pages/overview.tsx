import { Hono } from "hono";
import type { z } from "zod";
import type { CampaignsStatus } from "../../contract/campaigns.ts";
import type { LineState } from "../line.ts";
import type { Console, ConsolePorts } from "../console-env.ts";
import { Act, For } from "../parts/forms.tsx";
import { Counts, Percent } from "../parts/progress.tsx";
import { plural, Short, Status, When } from "../parts/words.tsx";
import { show } from "../show.tsx";

type State = LineState["status"];
type Running = z.infer<typeof CampaignsStatus>["running"];

/** The first page: how the line stands, in numbers. */
export function overviewPage(ports: ConsolePorts) {
  const page = new Hono<Console>();

  page.get("/", (c) => {
    const api = c.get("api");
    return show(c, ports, {
      title: "Line",
      read: async () => {
        const [status, { running }] = await Promise.all([
          api.read<State>("/queue-management/status"),
          api.read<z.infer<typeof CampaignsStatus>>("/campaigns/status"),
        ]);
        return { status, running };
      },
      live: (data) => (
        <>
          {ports.isSandbox(c.env) ? (
            <For role="operator">
              <Story {...data} />
            </For>
          ) : null}
          <Numbers {...data} />
          {data.status.circuit_breaker.state === "closed" ? (
            <For role="operator">
              <p>
                <a class="button danger" href="/console/line/stop">
                  Stop the line by hand …
                </a>
              </p>
            </For>
          ) : null}
        </>
      ),
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
        {backlog === null
          ? "The queues do not tell how many messages wait"
          : `${plural(backlog, "message")} in the queues, of up to ten jobs each`}
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
              <a href={`/console/campaigns/${campaign.id}`}>
                <Short text={campaign.name} />
              </a>{" "}
              <Status status={campaign.status} /> <Percent campaign={campaign} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** What a newcomer does next, from an empty sandbox to the end of the story. */
function Story({ status, running }: { status: State; running: Running }) {
  const { state, closed_at: closed } = status.circuit_breaker;
  if (state === "open" || closed !== null) return null;
  return (
    <section class="card">
      <h2>See the whole story in a minute</h2>
      {running.length === 0 ? (
        <>
          <p>
            Start a sample campaign. Then break a service on the Sandbox page, watch the line stop, mend the service,
            test it and close the breaker: every lead goes on where it stopped, and nobody is contacted twice.
          </p>
          <Act action="/console/campaigns/sample" label="Start a sample campaign" kind="main" />
        </>
      ) : (
        <p>
          A campaign runs. Now break a service <a href="/console/sandbox">on the Sandbox page</a> (as admin), and see
          what becomes of the line.
        </p>
      )}
    </section>
  );
}
