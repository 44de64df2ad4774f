import { Hono } from "hono";
import { type Provider, PROVIDERS } from "../../domain/fault.ts";
import { LEADS_OWN, SANDBOX_FAULTS, type SandboxFaults, type SandboxSummary } from "../../contract/sandbox.ts";
import { fieldsOf, finish, problem } from "../act.ts";
import type { Console, ConsolePorts } from "../console-env.ts";
import { Act, Form, SureAct } from "../parts/forms.tsx";
import { number, plural, PROVIDER_NAMES, PROVIDER_WORK, Status } from "../parts/words.tsx";
import { show } from "../show.tsx";

type Faults = SandboxFaults["faults"];

/** Breaks and mends the stand-ins of the services. The API knows these calls in sandbox mode only. */
export function sandboxPage(ports: ConsolePorts) {
  const page = new Hono<Console>();

  page.get("/", (c) =>
    show(c, ports, {
      title: "Sandbox",
      read: async () => {
        const api = c.get("api");
        const [summary, { faults }] = await Promise.all([
          api.read<SandboxSummary>("/sandbox/summary"),
          api.read<SandboxFaults>("/sandbox/faults"),
        ]);
        return { summary, faults };
      },
      above: () => (
        <p>
          Stand-ins answer for the services; the people that they find are invented, whatever is looked for. Break one:
          until it is mended, each call to it fails, and the first stops the line.
        </p>
      ),
      still: () => <BreakOtherwise />,
      live: ({ summary, faults }) => (
        <>
          <ul class="services">
            {PROVIDERS.map((provider) => (
              <Service provider={provider} shows={faults.filter((each) => each.provider === provider)} />
            ))}
          </ul>
          <Summary summary={summary} />
        </>
      ),
    }),
  );

  page.post("/break", async (c) => {
    const field = await fieldsOf(c);
    const order = { provider: field("provider"), kind: field("kind") };
    return finish(c, await c.get("api").ask("POST", "/sandbox/faults", order), {
      text: () => {
        const name = PROVIDER_NAMES[order.provider as keyof typeof PROVIDER_NAMES];
        return LEADS_OWN.some((kind) => kind === order.kind)
          ? `${name} shows ${order.kind} from now on. What it concerns ends by itself; the line goes on.`
          : `${name} is broken (${order.kind}). The next call to it stops the line.`;
      },
    });
  });

  page.post("/mend", async (c) => {
    const asked = (await fieldsOf(c))("provider");
    const provider = PROVIDERS.find((each) => each === asked);
    if (!provider) return problem(c, "There is no such service.");
    return finish(c, await c.get("api").ask("DELETE", `/sandbox/faults?provider=${provider}`), {
      text: () => `${PROVIDER_NAMES[provider]} works again. The breaker stays as it is until somebody closes it.`,
    });
  });

  page.post("/latency", async (c) => {
    const realistic = (await fieldsOf(c))("realistic") === "true";
    return finish(c, await c.get("api").ask("PUT", "/sandbox/latency", { realistic }), {
      text: () =>
        realistic
          ? "The services now take as long as real ones: a lead needs about half a minute."
          : "The services answer at once again, or as slowly as the API was told.",
    });
  });

  page.post("/reset", async (c) =>
    finish(c, await c.get("api").ask("POST", "/sandbox/reset"), {
      text: () => "The services have forgotten everything, and work.",
    }),
  );
  return page;
}

const Service = ({ provider, shows }: { provider: Provider; shows: Faults }) => (
  <li class="card">
    <h2>{PROVIDER_NAMES[provider]}</h2>
    <p class="quiet">{PROVIDER_WORK[provider]}</p>
    {shows.length === 0 ? (
      <>
        <p>
          <Status status="works" like="COMPLETED" />
        </p>
        <Act
          action="/console/sandbox/break"
          label="Break"
          of={PROVIDER_NAMES[provider]}
          kind="danger"
          fields={{ provider, kind: "server_error" }}
        />
      </>
    ) : (
      <>
        <p>
          <Status status="broken" like="FAILED" /> {shows.map(faultText).join("; ")}
        </p>
        <Act
          action="/console/sandbox/mend"
          label="Mend"
          of={PROVIDER_NAMES[provider]}
          kind="main"
          fields={{ provider }}
        />
      </>
    )}
  </li>
);

const faultText = ({ kind, path, begins_after: after, remaining }: Faults[number]) =>
  [
    kind,
    ...(after > 0 ? [`after ${plural(after, "more call")}`] : []),
    ...(remaining === null ? [] : [`for ${plural(remaining, "call")}`]),
    ...(path === null ? [] : [`at ${path}`]),
  ].join(" ");

const BreakOtherwise = () => (
  <>
    <h2>Break one in another way</h2>
    <Form action="/console/sandbox/break" class="inline">
      <select name="provider" aria-label="Which service fails">
        {PROVIDERS.map((provider) => (
          <option value={provider}>{PROVIDER_NAMES[provider]}</option>
        ))}
      </select>
      <select name="kind" aria-label="How it fails">
        {SANDBOX_FAULTS.map((kind) => (
          <option value={kind}>{kind}</option>
        ))}
      </select>
      <button class="danger">Break it</button>
    </Form>
    <h2>Answer times</h2>
    <p>The services answer at once. They can take as long as real ones, whose models think for many seconds a lead.</p>
    <Act action="/console/sandbox/latency" label="As real services" fields={{ realistic: "true" }} />
    <Act action="/console/sandbox/latency" label="At once" fields={{ realistic: "false" }} />
    <h2>Begin anew</h2>
    <SureAct
      action="/console/sandbox/reset"
      label="Empty the ledger"
      warning="The services forget every call, every lead that was handed to them, every breakage and every answer time. Andon’s own campaigns and jobs stay."
    />
  </>
);

const Summary = ({ summary }: { summary: SandboxSummary }) => (
  <div class="scroll" tabindex={0} role="region" aria-label="What the services saw">
    <table>
      <caption>What the services saw, tests by hand among it</caption>
      <thead>
        <tr>
          {["Service", "Asked for (people, addresses, …)", "Failed", "Different ones", "Paid for twice"].map((head) => (
            <th scope="col" class={head === "Service" ? "" : "number"}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {PROVIDERS.map((provider) => {
          const seen = summary.providers[provider];
          return (
            <tr>
              <th scope="row">{PROVIDER_NAMES[provider]}</th>
              {[seen?.calls, seen?.faults, seen?.distinct_subjects, seen?.repeated_subjects_count].map((count) => (
                <td class="number">{number(count ?? 0)}</td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  </div>
);
