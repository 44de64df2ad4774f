import { numberOf } from "../act.ts";
import { Field, Form, useTyped } from "./forms.tsx";

/** A campaign that shows everything, on a sandbox, in about a minute. */
export const SAMPLE = {
  name: "Sample: heads of data in Berlin",
  target_leads: 500,
  search: { person_titles: ["Head of Data"], person_locations: ["Berlin"] },
  message: { sender_name: "Ada", offer: "reports that write themselves" },
};

const SIZES = "organization_num_employees_ranges";
const FILTERS = [
  ["person_titles", "Titles", "Head of Data, Data Lead"],
  ["person_locations", "Places", "Berlin, Hamburg"],
  ["person_seniorities", "Seniorities", "director, vp"],
  [SIZES, "Company sizes", "one a line, like 11,50"],
  ["q_organization_domains_list", "Company domains", "example.com"],
] as const;

/** Sizes hold a comma, so they stand one a line; the others may be parted by either. */
const listOf = (name: string, text: string) =>
  text
    .split(name === SIZES ? /\n/ : /[\n,]/)
    .map((each) => each.trim())
    .filter((each) => each !== "");

/** The form's fields as the API takes them; what is wrong with them the API says. */
export function draftOf(field: (name: string) => string) {
  const search = Object.fromEntries(
    FILTERS.map(([name]) => [name, listOf(name, field(name))] as const).filter(([, values]) => values.length > 0),
  );
  return {
    name: field("name"),
    ...(field("description") ? { description: field("description") } : {}),
    target_leads: numberOf(field("target_leads")),
    search,
    message: {
      sender_name: field("sender_name"),
      offer: field("offer"),
      ...(field("tone") ? { tone: field("tone") } : {}),
    },
    ...(field("instantly_campaign_id") ? { instantly_campaign_id: field("instantly_campaign_id") } : {}),
    ...(field("refuse_catch_all") ? { refuse_catch_all: true } : {}),
  };
}

export function NewCampaign() {
  const { typed, wasRefused } = useTyped();
  return (
    <details class="card" open={wasRefused}>
      <summary>Create a campaign</summary>
      <Form action="/console/campaigns">
        <Field label="Name">
          <input name="name" required maxlength={200} value={typed("name")} />
        </Field>
        <Field label="Description" hint="For you and your colleagues.">
          <input name="description" maxlength={2000} value={typed("description")} />
        </Field>
        <Field label="Leads wanted">
          <input name="target_leads" type="number" min={1} max={50000} value={typed("target_leads", "100")} required />
        </Field>
        <fieldset>
          <legend>Whom to find: at least one of these</legend>
          {FILTERS.map(([name, label, example]) => (
            <Field label={label}>
              <textarea name={name} rows={name === SIZES ? 2 : 1} placeholder={example}>
                {typed(name)}
              </textarea>
            </Field>
          ))}
        </fieldset>
        <fieldset>
          <legend>What to say</legend>
          <Field label="Sender’s name">
            <input name="sender_name" required maxlength={200} value={typed("sender_name")} />
          </Field>
          <Field label="Offer">
            <textarea name="offer" rows={3} required maxlength={2000}>
              {typed("offer")}
            </textarea>
          </Field>
          <Field label="Tone">
            <input name="tone" maxlength={200} placeholder="friendly and short" value={typed("tone")} />
          </Field>
        </fieldset>
        <Field label="Instantly’s campaign id" hint="Left empty, a draft campaign is made there when this one starts.">
          <input name="instantly_campaign_id" maxlength={200} value={typed("instantly_campaign_id")} />
        </Field>
        <label class="check">
          <input type="checkbox" name="refuse_catch_all" value="yes" checked={typed("refuse_catch_all") === "yes"} />{" "}
          Reject addresses of domains that accept every address
        </label>
        <button class="main">Create</button>
      </Form>
    </details>
  );
}
