import { type Context, Hono } from "hono";
import type { z } from "zod";
import type { CampaignAnswer, CampaignList, StartValidation } from "../../contract/campaigns.ts";
import { CAMPAIGN_STATUSES } from "../../domain/campaign.ts";
import { fieldsOf, finish } from "../act.ts";
import type { Console, ConsolePorts } from "../console-env.ts";
import { For } from "../parts/forms.tsx";
import { asTheyAre, Filters } from "../parts/filters.tsx";
import { List, queryOf } from "../parts/list.tsx";
import { Percent } from "../parts/progress.tsx";
import { number, Short, Status, When } from "../parts/words.tsx";
import { draftOf, NewCampaign, SAMPLE } from "../parts/campaign-form.tsx";
import { show } from "../show.tsx";
import { OneCampaign } from "../parts/one-campaign.tsx";

type Answered = z.infer<typeof CampaignAnswer>;
const pathOf = ({ campaign }: Answered) => `/console/campaigns/${campaign.id}`;

export function campaignPages(ports: ConsolePorts) {
  const page = new Hono<Console>();

  const list = (c: Context<Console>) =>
    show(c, ports, {
      title: "Campaigns",
      read: () => c.get("api").read<z.infer<typeof CampaignList>>(`/campaigns${queryOf(c.req.url, ["status"])}`),
      live: (list) => <Rows list={list} />,
      above: () => <Filters fields={[{ name: "status", label: "Status", options: asTheyAre(CAMPAIGN_STATUSES) }]} />,
      still: () => (
        <For role="operator">
          <NewCampaign />
        </For>
      ),
    });
  page.get("/", list);

  page.post("/", async (c) => {
    const answer = await c.get("api").ask<Answered>("POST", "/campaigns", draftOf(await fieldsOf(c)));
    return finish(c, answer, {
      text: () => "The campaign is created. Nothing has begun yet: start it when it is right.",
      to: pathOf,
      page: list,
    });
  });

  page.post("/sample", async (c) => {
    const api = c.get("api");
    const made = await api.ask<Answered>("POST", "/campaigns", SAMPLE);
    const answer = made.ok ? await api.ask<Answered>("POST", `/campaigns/${made.data.campaign.id}/start`) : made;
    return finish(c, answer, {
      text: () => "The sample campaign runs. Now break a service on the Sandbox page, and come back.",
      to: pathOf,
    });
  });

  const one = (c: Context<Console>) => {
    const id = c.req.param("id") ?? "";
    const api = c.get("api");
    return show(c, ports, {
      title: ({ campaign }) => campaign.name,
      read: async () => {
        const [{ campaign }, start] = await Promise.all([
          api.read<Answered>(`/campaigns/${id}`),
          api.read<z.infer<typeof StartValidation>>(`/campaigns/${id}/start/validate`),
        ]);
        return { campaign, start };
      },
      live: (data) => <OneCampaign {...data} />,
    });
  };
  page.get("/:id", one);

  page.post("/:id/sender", async (c) => {
    const field = await fieldsOf(c);
    const changes = { instantly_campaign_id: field("instantly_campaign_id") };
    const answer = await c.get("api").ask<Answered>("PATCH", `/campaigns/${c.req.param("id")}`, changes);
    return finish(c, answer, {
      text: () => "From now on leads go to that Instantly campaign. Retry the jobs that failed without one.",
      to: pathOf,
      page: one,
    });
  });

  page.post("/:id/start", async (c) =>
    finish(c, await c.get("api").ask<Answered>("POST", `/campaigns/${c.req.param("id")}/start`), {
      text: () => "The campaign runs.",
    }),
  );

  page.post("/:id/delete", async (c) =>
    finish(c, await c.get("api").ask("DELETE", `/campaigns/${c.req.param("id")}`), {
      text: () => "The campaign is deleted. The people whom it contacted stay known.",
      to: "/console/campaigns",
    }),
  );

  page.get("/:id/results.csv", (c) => c.get("api").raw(`/campaigns/${c.req.param("id")}/results.csv`));
  return page;
}

const Rows = ({ list }: { list: z.infer<typeof CampaignList> }) => (
  <List
    heads={["Name", "Status", "Done", "Wanted", "Pushed", "Failed", "Created"]}
    numbers={["Wanted", "Pushed", "Failed"]}
    empty="There is no campaign here yet."
    next={list.next_cursor}
  >
    {list.campaigns.map((campaign) => (
      <tr>
        <td class="words">
          <a href={`/console/campaigns/${campaign.id}`}>
            <Short text={campaign.name} />
          </a>
        </td>
        <td>
          <Status status={campaign.status} />
        </td>
        <td>
          <Percent campaign={campaign} />
        </td>
        <td class="number">{number(campaign.target_leads)}</td>
        <td class="number">{number(campaign.progress.leads.pushed)}</td>
        <td class="number">{number(campaign.progress.leads.failed)}</td>
        <td>
          <When at={campaign.created_at} />
        </td>
      </tr>
    ))}
  </List>
);
