import { Hono } from "hono";
import type { z } from "zod";
import type { MadeCheck, ServiceCheck } from "../../contract/breaker.ts";
import type { ServiceList } from "../../contract/timeline.ts";
import { PROVIDERS } from "../../domain/fault.ts";
import { problemText } from "../api.ts";
import { fieldsOf, finish, problem } from "../act.ts";
import type { Console, ConsolePorts } from "../console-env.ts";
import { Act, For } from "../parts/forms.tsx";
import { KIND_WORDS, PROVIDER_NAMES, PROVIDER_WORK, When } from "../parts/words.tsx";
import { show } from "../show.tsx";

type Services = z.infer<typeof ServiceList>;

export function providersPage(ports: ConsolePorts) {
  const page = new Hono<Console>();

  page.get("/", (c) =>
    show(c, ports, {
      title: "Providers",
      read: () => c.get("api").read<Services>("/queue-management/services"),
      live: ({ services }) => <Cards services={services} />,
    }),
  );
  return page;
}

/** `/services/:provider/check`: a test from wherever its button stands. */
export function checkAction() {
  const page = new Hono<Console>();
  page.post("/:provider/check", async (c) => {
    const provider = PROVIDERS.find((each) => each === c.req.param("provider"));
    if (!provider) return problem(c, "There is no such service.");
    const answer = await c
      .get("api")
      .ask<z.infer<typeof ServiceCheck>>("POST", `/queue-management/services/${provider}/check`);
    const name = PROVIDER_NAMES[provider];
    if (!answer.ok) return problem(c, problemText(answer.problem));
    const { ok, latency_ms: ms, error } = answer.data;
    if (!ok) {
      const how = error?.kind ? KIND_WORDS[error.kind] : "refused the test";
      return problem(c, `${name} ${how} (after ${ms} ms): ${error?.message ?? ""} The breaker stays as it is.`);
    }
    const field = await fieldsOf(c);
    const then = field("back").startsWith("/console/line/close")
      ? ""
      : " The breaker stays as it is until you close it.";
    return finish(c, answer, { text: () => `${name} works: it answered in ${ms} ms.${then}` });
  });
  return page;
}

const Cards = ({ services }: Services) => (
  <ul class="services">
    {services.map(({ provider, last_check: check }) => (
      <li class="card">
        <h2>{PROVIDER_NAMES[provider]}</h2>
        <p class="quiet">{PROVIDER_WORK[provider]}</p>
        <Checked check={check} />
        <For role="operator">
          <Act action={`/console/services/${provider}/check`} label={`Test ${PROVIDER_NAMES[provider]} now`} />
        </For>
      </li>
    ))}
  </ul>
);

export function Checked({ check }: { check: z.infer<typeof MadeCheck> | null }) {
  if (!check) return <p>Nobody has tested it yet.</p>;
  return (
    <p>
      <span class={`status ${check.ok ? "completed" : "failed"}`}>{check.ok ? "works" : "fails"}</span> tested by{" "}
      {check.by}, <When at={check.at} />, {check.latency_ms} ms
      {check.error ? <>: {check.error.message}</> : null}
    </p>
  );
}
