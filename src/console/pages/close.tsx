import { type Context, Hono } from "hono";
import type { z } from "zod";
import type { BreakerChanged, ResumePace } from "../../contract/breaker.ts";
import type { ClosePreview } from "../../contract/close-preview.ts";
import { PROVIDERS } from "../../domain/fault.ts";
import { fieldsOf, finish, numberOf, refuse } from "../act.ts";
import { labelOf } from "../api.ts";
import type { Console, ConsolePorts } from "../console-env.ts";
import { Field, Form, useTyped } from "../parts/forms.tsx";
import { readRepeated, type Repeated } from "../parts/repeated.tsx";
import { goOn, number, plural, PROVIDER_NAMES, stepsText } from "../parts/words.tsx";
import { show } from "../show.tsx";
import { didFirst, RepeatedHere, Tested } from "./before-close.tsx";

type Preview = z.infer<typeof ClosePreview>;
type Pace = z.infer<typeof ResumePace>;
const PREVIEW = "/queue-management/circuit-breaker/close/preview";

/** Before the button: what will happen when it is pressed. And the pace at which it happens. */
export function closePages(ports: ConsolePorts) {
  const page = new Hono<Console>();

  const form = (c: Context<Console>) =>
    show(c, ports, {
      title: "Close the breaker",
      read: async () => {
        const preview = await c.get("api").read<Preview>(PREVIEW);
        return { preview, repeated: await readRepeated(c.get("api"), preview.repeated_job) };
      },
      still: ({ preview, repeated }) =>
        preview.circuit_breaker.state === "closed" ? (
          <p>The breaker is closed already: the line runs.</p>
        ) : (
          <>
            <Waiting preview={preview} />
            <CloseForm preview={preview} repeated={repeated} />
          </>
        ),
    });
  page.get("/close", form);

  page.post("/close", async (c) => {
    const api = c.get("api");
    const field = await fieldsOf(c);
    const preview = await api.read<Preview>(PREVIEW);
    const notice = await didFirst(api, field("do"), preview);
    if (notice) {
      c.set("notice", notice);
      c.set("typed", field);
      return form(c);
    }
    const { override_needed: needed } = preview;
    if (needed && field("override") !== "yes")
      return refuse(
        c,
        "The breaker is still open: test the service first, or tick that you want to close it without a good test.",
        form,
      );
    if (field("sure") !== "yes")
      return refuse(c, "The breaker is still open: tick that the line may start again.", form);
    if (field("how") === "all" && field("pace"))
      return refuse(c, "The breaker is still open: you named a pace. Choose “Gently”, or empty the pace.", form);
    const paced = field("how") === "paced" ? { pace_per_second: numberOf(field("pace")) } : {};
    const note = field("note") ? { note: field("note") } : {};
    const answer = await api.ask<z.infer<typeof BreakerChanged>>("POST", "/queue-management/circuit-breaker/close", {
      ...note,
      ...paced,
    });
    return finish(c, answer, {
      text: ({ changed, sweep }) =>
        changed ? `The breaker is closed. ${goOn(sweep?.total ?? 0)}.` : "It was closed already.",
      to: "/console",
      page: form,
    });
  });

  const paceForm = (c: Context<Console>) =>
    show(c, ports, {
      title: "Pace of the resume",
      read: () => c.get("api").read<Pace>("/queue-management/resume/pace"),
      live: ({ sweep }) =>
        sweep ? (
          <p>
            {number(sweep.done)} of {plural(sweep.total, "paused job")} queued again.
          </p>
        ) : (
          <p>No resume is running now.</p>
        ),
      still: (pace) => <PaceForm pace={pace} />,
    });
  page.get("/resume", paceForm);

  page.post("/resume", async (c) => {
    const field = await fieldsOf(c);
    const pace_per_second = field("how") === "paced" ? numberOf(field("pace")) : null;
    const answer = await c.get("api").ask<Pace>("PUT", "/queue-management/resume/pace", { pace_per_second });
    return finish(c, answer, {
      text: (now) =>
        now.pace_per_second === null
          ? "All that still waits is queued at once."
          : `From now on ${plural(now.pace_per_second, "job")} a second.`,
      page: paceForm,
    });
  });
  return page;
}

function Waiting({ preview: { jobs, calls_needed: calls, spent } }: { preview: Preview }) {
  const needed = PROVIDERS.filter((provider) => calls[provider] > 0);
  return (
    <>
      <h2>What will go on</h2>
      <p>
        <b>{plural(jobs.total, "job")}</b>, each where it stopped. No finished step is done or paid for again.
      </p>
      <dl class="facts">
        <dt>By step</dt>
        <dd>{stepsText(jobs.by_step, jobs.total) || "–"}</dd>
        <dt>By campaign</dt>
        <dd>
          {jobs.by_campaign.map(({ campaign_id: id, name, count }) => (
            <div>
              <a href={`/console/campaigns/${id}`}>{name}</a>: {number(count)}
            </div>
          ))}
          {jobs.more_campaigns > 0 ? `and ${plural(jobs.more_campaigns, "more campaign")}` : ""}
        </dd>
        <dt>Calls that the rest needs, if no lead is turned down</dt>
        <dd>
          {needed.map((provider) => `${PROVIDER_NAMES[provider]} ${number(calls[provider])}`).join(", ") || "none"}
        </dd>
        <dt>Spent by these campaigns</dt>
        <dd>{spentText(spent)}</dd>
      </dl>
    </>
  );
}

function spentText({ apollo, ...models }: Preview["spent"]): string {
  const parts = Object.entries(models).map(([name, spent]) => {
    const tokens = (spent?.input_tokens ?? 0) + (spent?.output_tokens ?? 0);
    const usd = spent?.usd === undefined ? "" : `${spent.usd.toFixed(2)} USD`;
    return `${PROVIDER_NAMES[name as keyof typeof models]} ${[usd, tokens > 0 ? `${number(tokens)} tokens` : ""].filter(Boolean).join(", ")}`;
  });
  return (
    [...(apollo ? [`Apollo ${plural(apollo.credits, "credit")}`] : []), ...parts].join("; ") || "nothing that is known"
  );
}

function CloseForm({ preview, repeated }: { preview: Preview; repeated: Repeated | null }) {
  const { override_needed: needed, failed_provider: provider, last_check: check } = preview;
  const { typed } = useTyped();
  return (
    <Form action="/console/line/close">
      <Tested preview={preview} />
      {repeated && <RepeatedHere repeated={repeated} />}
      <h2>Start the line again</h2>
      <Pacing pace={null} />
      <Field label="Note" hint="What was wrong and what was done. It stays with the incident.">
        <textarea name="note" rows={2} maxlength={1000}>
          {typed("note")}
        </textarea>
      </Field>
      {needed && provider ? (
        <label class="check warning">
          <input type="checkbox" name="override" value="yes" required checked={typed("override") === "yes"} /> Close it
          although{" "}
          {check
            ? `the last test of ${PROVIDER_NAMES[provider]} failed`
            : `nobody has tested ${PROVIDER_NAMES[provider]} since it failed`}
          . If it still fails, the line stops again at its next call.
        </label>
      ) : null}
      <label class="check">
        <input type="checkbox" name="sure" value="yes" required checked={typed("sure") === "yes"} />{" "}
        {plural(preview.jobs.total, "job")} may go on
      </label>
      <button class="main">Close the breaker</button>
    </Form>
  );
}

function Pacing({ pace }: { pace: number | null }) {
  const { typed } = useTyped();
  const how = typed("how", pace === null ? "all" : "paced");
  return (
    <fieldset>
      <legend>How fast</legend>
      <label class="check">
        <input type="radio" name="how" value="all" checked={how !== "paced"} /> All at once
      </label>
      <label class="check">
        <input type="radio" name="how" value="paced" checked={how === "paced"} /> Gently, this many jobs a second, from
        1 to 5,000: {/* No number field: the browser would hold the form up for it when all go at once. */}
        <input
          name="pace"
          inputmode="numeric"
          size={5}
          value={typed("pace", pace === null ? "" : String(pace))}
          placeholder="10"
          aria-label={labelOf("pace_per_second")}
        />
      </label>
      <p class="quiet">
        Leads that searches find meanwhile wait their turn too: with a pace, until the searches have ended.
      </p>
    </fieldset>
  );
}

const PaceForm = ({ pace: { pace_per_second: pace, sweep } }: { pace: Pace }) =>
  sweep === null ? null : (
    <Form action="/console/line/resume">
      <Pacing pace={pace} />
      <button class="main">Set the pace</button>
    </Form>
  );
