import { Hono } from "hono";
import { PROVIDERS } from "../../domain/fault.ts";
import { SANDBOX_FAULTS, type SandboxSummary } from "../../contract/sandbox.ts";
import { fieldsOf, finish } from "../act.ts";
import type { Console, ConsolePorts } from "../console-env.ts";
import { Act, Form } from "../parts/forms.tsx";
import { number, PROVIDER_NAMES, PROVIDER_WORK } from "../parts/words.tsx";
import { show } from "../show.tsx";

/** Breaks and mends the stand-ins of the services. The API knows these calls in sandbox mode only. */
export function sandboxPage(ports: ConsolePorts) {
  const page = new Hono<Console>();

  page.get("/", (c) =>
    show(c, ports, {
      title: "Sandbox",
      read: () => c.get("api").read<SandboxSummary>("/sandbox/summary"),
      live: (summary) => <Summary summary={summary} />,
      still: () => <Breakages />,
    }),
  );

  page.post("/break", async (c) => {
    const field = await fieldsOf(c);
    const order = { provider: field("provider"), kind: field("kind") };
    return finish(c, await c.get("api").ask("POST", "/sandbox/faults", order), {
      text: () => {
        const name = PROVIDER_NAMES[order.provider as keyof typeof PROVIDER_NAMES];
        return order.kind === "bad_lead"
          ? `${name} refuses each lead from now on. Those fail by themselves; the line goes on.`
          : `${name} is broken (${order.kind}). The next call to it stops the line.`;
      },
    });
  });

  page.post("/mend", async (c) =>
    finish(c, await c.get("api").ask("DELETE", "/sandbox/faults"), {
      text: () => "All services work again. The breaker stays as it is.",
    }),
  );

  page.post("/reset", async (c) =>
    finish(c, await c.get("api").ask("POST", "/sandbox/reset"), {
      text: () => "The services have forgotten everything, and work.",
    }),
  );
  return page;
}

const Breakages = () => (
  <>
    <h2>Break a service</h2>
    <p>Until it is mended, each call to it fails in the way that you choose.</p>
    <ul class="services">
      {PROVIDERS.map((provider) => (
        <li class="card">
          <h3>{PROVIDER_NAMES[provider]}</h3>
          <p class="quiet">{PROVIDER_WORK[provider]}</p>
          <Form action="/console/sandbox/break" class="inline">
            <input type="hidden" name="provider" value={provider} />
            <select name="kind" aria-label={`How ${PROVIDER_NAMES[provider]} fails`}>
              {SANDBOX_FAULTS.map((kind) => (
                <option value={kind}>{kind}</option>
              ))}
            </select>
            <button class="danger">Break {PROVIDER_NAMES[provider]}</button>
          </Form>
        </li>
      ))}
    </ul>
    <div class="acts">
      <Act action="/console/sandbox/mend" label="Mend all services" kind="main" />
      <Act action="/console/sandbox/reset" label="Empty the ledger and mend all" />
    </div>
  </>
);

const Summary = ({ summary }: { summary: SandboxSummary }) => (
  <div class="scroll" tabindex={0} role="region" aria-label="What the services saw">
    <table>
      <caption>What the services saw</caption>
      <thead>
        <tr>
          {["Service", "Calls", "Failed", "Different subjects", "Paid for twice"].map((head) => (
            <th scope="col">{head}</th>
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
