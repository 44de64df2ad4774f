import { Hono } from "hono";
import type { z } from "zod";
import type { LeadAnswer, LeadList } from "../../contract/leads.ts";
import { LEAD_OUTCOMES } from "../../domain/pipeline.ts";
import type { Console, ConsolePorts } from "../console-env.ts";
import { asTheyAre, campaignChoices, Filters } from "../parts/filters.tsx";
import { List, queryOf } from "../parts/list.tsx";
import { Id, Status, When } from "../parts/words.tsx";
import { show } from "../show.tsx";

type Whole = z.infer<typeof LeadAnswer>["lead"];

export const nameOf = (lead: { first_name: string; last_name: string; email: string | null }) =>
  `${lead.first_name} ${lead.last_name}`.trim() || (lead.email ?? "Lead");

export function leadPages(ports: ConsolePorts) {
  const page = new Hono<Console>();

  page.get("/", (c) =>
    show(c, ports, {
      title: "Leads",
      read: async () => {
        const [list, campaigns] = await Promise.all([
          c.get("api").read<z.infer<typeof LeadList>>(`/leads${queryOf(c.req.url, ["outcome", "campaign_id"])}`),
          campaignChoices(c),
        ]);
        return { list, campaigns };
      },
      live: ({ list }) => <Rows list={list} />,
      above: ({ campaigns }) => (
        <Filters
          fields={[
            { name: "outcome", label: "Outcome", options: asTheyAre(LEAD_OUTCOMES) },
            { name: "campaign_id", label: "Campaign", options: campaigns },
          ]}
        />
      ),
    }),
  );

  page.get("/:id", (c) =>
    show(c, ports, {
      title: ({ lead }) => nameOf(lead),
      read: () => c.get("api").read<z.infer<typeof LeadAnswer>>(`/leads/${c.req.param("id")}`),
      live: ({ lead }) => <OneLead lead={lead} />,
    }),
  );
  return page;
}

const Rows = ({ list }: { list: z.infer<typeof LeadList> }) => (
  <List
    heads={["Name", "Title", "Company", "Address", "Stage", "Outcome", "Changed"]}
    empty="No lead matches."
    next={list.next_cursor}
  >
    {list.leads.map((lead) => (
      <tr>
        <td>
          <a href={`/console/leads/${lead.id}`}>{nameOf(lead)}</a>
        </td>
        <td>{lead.title ?? ""}</td>
        <td>{lead.company ?? ""}</td>
        <td>{lead.email ?? ""}</td>
        <td>{lead.stage}</td>
        <td>
          <Status status={lead.outcome} />
        </td>
        <td>
          <When at={lead.updated_at} />
        </td>
      </tr>
    ))}
  </List>
);

function OneLead({ lead }: { lead: Whole }) {
  const { verification, research, copy, push } = lead.steps;
  const yet = lead.outcome === "open" ? " yet" : "";
  return (
    <>
      <p>
        <Status status={lead.outcome} /> {[lead.title, lead.company, lead.email].filter(Boolean).join(" · ")}
      </p>
      {lead.error ? <p class="notice problem">{lead.error}</p> : null}
      <p>
        Campaign <Id id={lead.campaign_id} href={`/console/campaigns/${lead.campaign_id}`} />
      </p>
      <h2>Address</h2>
      <p>
        {verification
          ? `${verification.verdict}${verification.subresult ? ` (${verification.subresult})` : ""}`
          : `Not checked${yet}.`}
      </p>
      <h2>Research</h2>
      {research ? (
        <>
          <p>{research.summary}</p>
          <p>
            <b>To begin with:</b> {research.hook}
          </p>
          <ul>
            {research.sources.map(({ url, title }) => (
              <li>
                {/^https?:\/\//i.test(url) ? (
                  <a href={url} rel="noreferrer nofollow">
                    {title || url}
                  </a>
                ) : (
                  title
                )}
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p>Not researched{yet}.</p>
      )}
      <h2>Message</h2>
      {copy ? (
        <article class="message">
          <h3>{copy.subject}</h3>
          <p>{copy.body}</p>
        </article>
      ) : (
        <p>Not written{yet}.</p>
      )}
      <h2>Sender</h2>
      <p>
        {push
          ? `Handed to the sender${push.sender_lead_id ? ` as ${push.sender_lead_id}` : ""}.`
          : `Not handed to the sender${yet}.`}
      </p>
    </>
  );
}
