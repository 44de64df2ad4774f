import { Hono } from "hono";
import type { z } from "zod";
import type { IncidentList } from "../../contract/breaker.ts";
import type { IncidentTimeline } from "../../contract/timeline.ts";
import type { Console, ConsolePorts } from "../console-env.ts";
import { lasted } from "../parts/banner.tsx";
import { List, queryOf } from "../parts/list.tsx";
import { CancelRepeated, readRepeated, type Repeated, RepeatedText } from "../parts/repeated.tsx";
import { causeText, Id, Short, When } from "../parts/words.tsx";
import { show } from "../show.tsx";

type Incidents = z.infer<typeof IncidentList>;

type Timeline = z.infer<typeof IncidentTimeline>;

/** What stopped the line, then and now, and what was done about it. */
export function incidentPages(ports: ConsolePorts) {
  const page = new Hono<Console>();

  page.get("/", (c) =>
    show(c, ports, {
      title: "Incidents",
      read: () => c.get("api").read<Incidents>(`/queue-management/incidents${queryOf(c.req.url, [])}`),
      live: (list) => <Rows list={list} />,
    }),
  );

  page.get("/:id", (c) =>
    show(c, ports, {
      title: "Incident",
      read: async () => {
        const api = c.get("api");
        const timeline = await api.read<Timeline>(`/queue-management/incidents/${c.req.param("id")}/timeline`);
        const opened = timeline.events.find((event) => event.kind === "opened");
        return { ...timeline, repeated: await readRepeated(api, opened?.repeated_job ?? null) };
      },
      live: (story) => <OneIncident {...story} />,
    }),
  );

  page.get("/:id/export", (c) => {
    const format = c.req.query("format") === "json" ? "json" : "markdown";
    return c.get("api").raw(`/queue-management/incidents/${c.req.param("id")}/export?format=${format}`);
  });
  return page;
}

const Rows = ({ list }: { list: Incidents }) => (
  <List
    heads={["Opened", "What", "Said", "Lasted", "Closed by", "Note"]}
    empty="The line has never been stopped."
    next={list.next_cursor}
  >
    {list.incidents.map((incident) => (
      <tr>
        <td>
          <a href={`/console/incidents/${incident.id}`}>
            <When at={incident.opened_at} ago={false} />
          </a>
        </td>
        <td>{causeText(incident.reason, incident.opened_by)}</td>
        <td class="words">
          <Short text={incident.reason.message} />
        </td>
        <td>
          {lasted(incident.opened_at, incident.closed_at)}
          {incident.closed_at ? "" : " so far"}
        </td>
        <td>{incident.closed_by ?? "–"}</td>
        <td class="words">
          <Short text={incident.note ?? ""} />
        </td>
      </tr>
    ))}
  </List>
);

function OneIncident({ incident, events, repeated }: Timeline & { repeated: Repeated | null }) {
  const { job_id: job, campaign_id: campaign } = incident.reason;
  return (
    <>
      <p>
        {causeText(incident.reason, incident.opened_by)}, {lasted(incident.opened_at, incident.closed_at)}
        {incident.closed_at ? "" : " so far"}
      </p>
      {job ? (
        <p>
          Set off by job <Id id={job} href={`/console/jobs/${job}`} />
          {campaign ? (
            <>
              {" "}
              of campaign <Id id={campaign} href={`/console/campaigns/${campaign}`} />
            </>
          ) : null}
        </p>
      ) : null}
      {repeated && <RepeatedText repeated={repeated} />}
      {repeated && <CancelRepeated repeated={repeated} />}
      <ol class="timeline">
        {events.map(({ at, kind, text }) => (
          <li class={kind}>
            <When at={at} ago={false} /> <span>{text}</span>
          </li>
        ))}
      </ol>
      <div class="acts">
        <a href={`/console/incidents/${incident.id}/export?format=markdown`} download>
          As Markdown
        </a>
        <a href={`/console/incidents/${incident.id}/export?format=json`} download>
          As JSON
        </a>
      </div>
    </>
  );
}
