import type { z } from "zod";
import type { Campaign } from "../../contract/campaigns.ts";
import { number } from "./words.tsx";

type CampaignView = z.infer<typeof Campaign>;

/** How far a campaign's leads are, as one bar a step; each is a part of what was found. */
export function Funnel({ campaign }: { campaign: CampaignView }) {
  const { leads } = campaign.progress;
  const rows = [
    ["found", leads.found, campaign.target_leads],
    ["verified", leads.verified, leads.found],
    ["researched", leads.researched, leads.found],
    ["written", leads.written, leads.found],
    ["pushed", leads.pushed, leads.found],
    ["rejected", leads.rejected, leads.found],
    ["failed", leads.failed, leads.found],
  ] as const;
  return (
    <table class="funnel">
      <caption>Leads by step</caption>
      <tbody>
        {rows.map(([step, count, of]) => (
          <tr>
            <th scope="row">{step}</th>
            <td class="bar">
              <progress class={step} max={Math.max(1, of)} value={count} aria-label={`${step}: ${count} of ${of}`} />
            </td>
            <td class="number">{number(count)}</td>
            <td class="quiet">
              {step === "found" ? `of ${number(of)} wanted` : of > 0 ? `${Math.round((100 * count) / of)} %` : ""}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** One small bar for a row of a list. */
export const Percent = ({ campaign }: { campaign: CampaignView }) => (
  <span class="percent">
    <progress max={100} value={campaign.progress.percent} aria-label={`${campaign.name}: percent done`} />
    {campaign.progress.percent} %
  </span>
);

/** Counts with their names, as cards. */
export const Counts = ({ counts, href }: { counts: Record<string, number>; href: (name: string) => string }) => (
  <ul class="counts">
    {Object.entries(counts).map(([name, count]) => (
      <li class={name.toLowerCase()}>
        <a href={href(name)}>
          <b>{number(count)}</b> {name}
        </a>
      </li>
    ))}
  </ul>
);
