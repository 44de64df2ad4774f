import { numberOf } from "../act.ts";
import { labelOf } from "../api.ts";
import { Field, Form, useTyped } from "./forms.tsx";

/** A campaign that shows everything, on a sandbox, in about a minute. */
export const SAMPLE = {
  name: "Sample: heads of data in Berlin",
  target_leads: 1_000,
  search: { person_titles: ["Head of Data"], person_locations: ["Berlin"] },
  message: { sender_name: "Ada", offer: "reports that write themselves" },
};

const WORDS = [
  ["person_titles", "Head of Data, Data Lead"],
  ["person_locations", "Berlin, Hamburg"],
  ["q_organization_domains_list", "example.com"],
] as const;

/** Apollo's own words for both. */
const SENIORITIES = "owner founder c_suite partner vp head director manager senior entry intern".split(" ");
const SIZES = "1,10 11,20 21,50 51,100 101,200 201,500 501,1000 1001,2000 2001,5000 5001,10000".split(" ");
const CHOICES = [
  ["person_seniorities", SENIORITIES],
  ["organization_num_employees_ranges", SIZES],
] as const;

const nameOf = (filter: string, value: string) => `${filter} ${value}`;

const listOf = (text: string) =>
  text
    .split(/[\n,]/)
    .map((each) => each.trim())
    .filter((each) => each !== "");

/** The form's fields as the API takes them; what is wrong with them the API says. */
export function draftOf(field: (name: string) => string) {
  const written = WORDS.map(([name]) => [name, listOf(field(name))] as const);
  const ticked = CHOICES.map(
    ([name, values]) => [name, values.filter((value) => field(nameOf(name, value)) === "yes")] as const,
  );
  const search = Object.fromEntries([...written, ...ticked].filter(([, values]) => values.length > 0));
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
        <Field label={labelOf("target_leads")}>
          <input name="target_leads" type="number" min={1} max={50000} value={typed("target_leads", "100")} required />
        </Field>
        <fieldset>
          <legend>Whom to find: at least one of these</legend>
          {WORDS.map(([name, example]) => (
            <Field label={labelOf(`search.${name}`)}>
              <textarea name={name} rows={1} placeholder={example}>
                {typed(name)}
              </textarea>
            </Field>
          ))}
          {CHOICES.map(([filter, values]) => (
            <fieldset class="choices">
              <legend>{labelOf(`search.${filter}`)}</legend>
              {values.map((value) => (
                <label>
                  <input
                    type="checkbox"
                    name={nameOf(filter, value)}
                    value="yes"
                    checked={typed(nameOf(filter, value)) === "yes"}
                  />{" "}
                  {value.replace(",", "–").replace("_", " ")}
                </label>
              ))}
            </fieldset>
          ))}
        </fieldset>
        <fieldset>
          <legend>What to say</legend>
          <Field label={labelOf("message.sender_name")}>
            <input name="sender_name" required maxlength={200} value={typed("sender_name")} />
          </Field>
          <Field label={labelOf("message.offer")}>
            <textarea name="offer" rows={3} required maxlength={2000}>
              {typed("offer")}
            </textarea>
          </Field>
          <Field label={labelOf("message.tone")}>
            <input name="tone" maxlength={200} placeholder="friendly and short" value={typed("tone")} />
          </Field>
        </fieldset>
        <Field
          label={labelOf("instantly_campaign_id")}
          hint="Left empty, a draft campaign is made there when this one starts."
        >
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
