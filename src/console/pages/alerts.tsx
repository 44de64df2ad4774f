import { type Context, Hono } from "hono";
import type { z } from "zod";
import type {
  AlertDelivery,
  AlertDeliveryAnswer,
  AlertDeliveryList,
  AlertTarget,
  AlertTargetList,
  AlertTargetMade,
} from "../../contract/alerts.ts";
import { ALERT_EVENTS, ALERT_KINDS } from "../../domain/alert.ts";
import { fieldsOf, finish, numberOf, refuse } from "../act.ts";
import { labelOf, problemText } from "../api.ts";
import type { Console, ConsolePorts } from "../console-env.ts";
import { Act, Field, Form, SureAct, useTyped } from "../parts/forms.tsx";
import { List, queryOf } from "../parts/list.tsx";
import { EVENT_WORDS, plural, Status, When } from "../parts/words.tsx";
import { show } from "../show.tsx";

type Target = z.infer<typeof AlertTarget>;
type Deliveries = z.infer<typeof AlertDeliveryList>;

/** Who is called when the line stops. Only for admins: the API refuses all others. */
export function alertPages(ports: ConsolePorts) {
  const page = new Hono<Console>();

  const list = (c: Context<Console>) => {
    const api = c.get("api");
    return show(c, ports, {
      title: "Alerts",
      read: async () => {
        const [{ targets }, deliveries] = await Promise.all([
          api.read<z.infer<typeof AlertTargetList>>("/alerts/targets"),
          api.read<Deliveries>(`/alerts/deliveries${queryOf(c.req.url, ["target_id"])}`),
        ]);
        return { targets, deliveries };
      },
      live: ({ targets, deliveries }) => (
        <>
          <Targets targets={targets} />
          <h2>Deliveries</h2>
          <Log list={deliveries} targets={targets} />
        </>
      ),
      still: () => <NewTarget />,
    });
  };
  page.get("/", list);

  page.post("/", async (c) => {
    const field = await fieldsOf(c);
    const events = ALERT_EVENTS.filter((event) => field(event) === "yes");
    const minutes = field("still_open_after_minutes");
    const answer = await c.get("api").ask<z.infer<typeof AlertTargetMade>>("POST", "/alerts/targets", {
      name: field("name"),
      kind: field("kind"),
      url: field("url"),
      events,
      ...(minutes ? { still_open_after_minutes: numberOf(minutes) } : {}),
    });
    if (!answer.ok) return refuse(c, problemText(answer.problem), list);
    // Shown by this very answer, which nobody keeps; a notice would put it into a cookie.
    return show(c, ports, {
      title: "A new target",
      read: async () => answer.data,
      still: (made) => <Made {...made} />,
    });
  });

  page.post("/:id/test", async (c) =>
    finish(
      c,
      await c.get("api").ask<z.infer<typeof AlertDeliveryAnswer>>("POST", `/alerts/targets/${c.req.param("id")}/test`),
      { text: () => "A test is on its way: the list of deliveries shows what becomes of it." },
    ),
  );

  page.post("/:id/switch", async (c) => {
    const disabled = (await fieldsOf(c))("to") === "off";
    return finish(c, await c.get("api").ask("PATCH", `/alerts/targets/${c.req.param("id")}`, { disabled }), {
      text: () => (disabled ? "The target is switched off: nothing is sent there." : "The target is switched on."),
    });
  });

  page.post("/:id/delete", async (c) =>
    finish(c, await c.get("api").ask("DELETE", `/alerts/targets/${c.req.param("id")}`), {
      text: () => "The target is deleted.",
    }),
  );
  return page;
}

const Targets = ({ targets }: { targets: Target[] }) => (
  <List
    heads={["Name", "Kind", "Where", "Told of", "Reminded", "Actions"]}
    empty="Nobody is called yet: a stopped line that nobody notices stays stopped."
    next={null}
  >
    {targets.map((target) => (
      <tr>
        <td>
          {target.name} {target.disabled_at ? <span class="quiet">(off)</span> : null}
        </td>
        <td>{target.kind}</td>
        <td>{target.url}</td>
        <td class="words">{target.events.map((event) => EVENT_WORDS[event]).join(", ")}</td>
        <td>every {plural(target.still_open_after_minutes, "minute")}</td>
        <td>
          <span class="inline">
            <Act action={`/console/alerts/${target.id}/test`} label="Test" of={target.name} />
            <Act
              action={`/console/alerts/${target.id}/switch`}
              label={target.disabled_at ? "Switch on" : "Switch off"}
              of={target.name}
              fields={{ to: target.disabled_at ? "on" : "off" }}
            />
            <SureAct
              action={`/console/alerts/${target.id}/delete`}
              label="Delete"
              of={target.name}
              warning="It is told of nothing any more, and its address and secret are gone."
            />
          </span>
        </td>
      </tr>
    ))}
  </List>
);

const DELIVERY_STATUS: Record<z.infer<typeof AlertDelivery>["status"], string> = {
  PENDING: "PENDING",
  DELIVERED: "COMPLETED",
  FAILED: "FAILED",
};

const Log = ({ list, targets }: { list: Deliveries; targets: Target[] }) => (
  <List
    heads={["When", "Event", "To", "Status", "Attempts", "Next try", "Problem"]}
    numbers={["Attempts"]}
    empty="Nothing was sent yet."
    next={list.next_cursor}
  >
    {list.deliveries.map((delivery) => (
      <tr>
        <td>
          <When at={delivery.created_at} />
        </td>
        <td title={delivery.event}>{EVENT_WORDS[delivery.event]}</td>
        <td>{targets.find(({ id }) => id === delivery.target_id)?.name ?? "a deleted target"}</td>
        <td>
          <Status status={delivery.status} like={DELIVERY_STATUS[delivery.status]} />
        </td>
        <td class="number">{delivery.attempts}</td>
        <td>
          <When at={delivery.next_attempt_at} ago={false} />
        </td>
        <td class="words">{delivery.last_error ?? ""}</td>
      </tr>
    ))}
  </List>
);

function NewTarget() {
  const { typed, wasRefused } = useTyped();
  return (
    <details class="card" open={wasRefused}>
      <summary>Add a target</summary>
      <Form action="/console/alerts">
        <Field label="Name">
          <input name="name" required maxlength={200} value={typed("name")} />
        </Field>
        <Field
          label="Kind"
          hint="A webhook is signed as Standard Webhooks says; slack is for incoming webhooks of Slack and its like."
        >
          <select name="kind">
            {ALERT_KINDS.map((kind) => (
              <option value={kind} selected={typed("kind") === kind}>
                {kind}
              </option>
            ))}
          </select>
        </Field>
        <Field label={labelOf("url")} hint="It is not shown again.">
          <input name="url" type="url" required maxlength={2000} value={typed("url")} />
        </Field>
        <fieldset>
          <legend>{labelOf("events")}</legend>
          {ALERT_EVENTS.map((event) => (
            <label class="check">
              <input type="checkbox" name={event} value="yes" checked={typed(event, "yes") === "yes"} />{" "}
              {EVENT_WORDS[event]} <span class="quiet">({event})</span>
            </label>
          ))}
        </fieldset>
        <Field label="Minutes until, and between, reminders that the line is still stopped">
          <input
            name="still_open_after_minutes"
            type="number"
            min={1}
            max={1440}
            value={typed("still_open_after_minutes", "15")}
          />
        </Field>
        <button class="main">Add</button>
      </Form>
    </details>
  );
}

const Made = ({ target, secret }: z.infer<typeof AlertTargetMade>) => (
  <>
    <p>
      <b>{target.name}</b> will be told when {target.events.map((event) => EVENT_WORDS[event]).join(", ")}.
    </p>
    {secret ? (
      <>
        <p>This is the secret that its messages are signed with. It is shown this once: copy it now.</p>
        <p>
          <code class="secret">{secret}</code>
        </p>
      </>
    ) : null}
    <p>
      <a href="/console/alerts">All targets</a>
    </p>
  </>
);
