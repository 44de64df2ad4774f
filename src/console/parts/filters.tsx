import type { Context } from "hono";
import { useRequestContext } from "hono/jsx-renderer";
import type { z } from "zod";
import type { CampaignList } from "../../contract/campaigns.ts";
import type { Console } from "../console-env.ts";

/** Each with the words that stand for it. */
type Choices = (readonly [value: string, words: string])[];

/** Choices that stay in the address, so that a filtered list can be sent to somebody. Without options: free text. */
export function Filters({ fields }: { fields: { name: string; label: string; options?: Choices }[] }) {
  const { searchParams } = new URL(useRequestContext().req.url);
  return (
    <form method="get" class="filters">
      {fields.map(({ name, label, options }) => (
        <label>
          <span>{label}</span>
          {options ? (
            <select name={name}>
              <option value="">any</option>
              {options.map(([value, words]) => (
                <option value={value} selected={searchParams.get(name) === value}>
                  {words}
                </option>
              ))}
            </select>
          ) : (
            <input name={name} value={searchParams.get(name) ?? ""} />
          )}
        </label>
      ))}
      <button>Show</button>
    </form>
  );
}

export const asTheyAre = (values: readonly string[]): Choices => values.map((value) => [value, value]);

/** The newest campaigns, and the one that the address names. None for a part that renews itself: it shows no filter. */
export async function campaignChoices(c: Context<Console>): Promise<Choices> {
  if (c.req.header("hx-request")) return [];
  const { campaigns } = await c.get("api").read<z.infer<typeof CampaignList>>("/campaigns?limit=50");
  const named = c.req.query("campaign_id");
  return [
    ...(named && !campaigns.some(({ id }) => id === named) ? [[named, `…${named.slice(-8)}`] as const] : []),
    ...campaigns.map(({ id, name }) => [id, name] as const),
  ];
}
