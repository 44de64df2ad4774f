import { Hono } from "hono";
import { useRequestContext } from "hono/jsx-renderer";
import type { z } from "zod";
import type { ServiceActivity } from "../../contract/activity.ts";
import type { MadeCheck, ServiceCheck } from "../../contract/breaker.ts";
import type { ServiceList } from "../../contract/timeline.ts";
import { type Provider, PROVIDERS } from "../../domain/fault.ts";
import { withFullStop } from "../../domain/full-stop.ts";
import { type Api, problemText } from "../api.ts";
import { back, fieldsOf, problem } from "../act.ts";
import type { Console, ConsolePorts, Notice } from "../console-env.ts";
import { leaveNotice } from "../session.ts";
import { For } from "../parts/forms.tsx";
import { chosen } from "../parts/list.tsx";
import { Plot } from "../parts/plot.tsx";
import { failedTestCost, goodTestText, TestButtons } from "../parts/proof.tsx";
import { CheckText, KIND_WORDS, number, plural, PROVIDER_NAMES, PROVIDER_WORK } from "../parts/words.tsx";
import { duration } from "../../wording/duration.ts";
import { show } from "../show.tsx";

type Called = z.infer<typeof ServiceActivity>;
type Services = z.infer<typeof ServiceList>;

export function providersPage(ports: ConsolePorts) {
  const page = new Hono<Console>();

  page.get("/", (c) =>
    show(c, ports, {
      title: "Providers",
      read: async () => {
        const api = c.get("api");
        const [{ services }, called] = await Promise.all([
          api.read<Services>("/queue-management/services"),
          api.read<Called>(`/queue-management/services/activity${chosen(c.req.url, ["hours"])}`),
        ]);
        return { services, called };
      },
      live: (data) => (
        <>
          <Spans />
          <Cards {...data} />
        </>
      ),
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
    const field = await fieldsOf(c);
    leaveNotice(c, await testNow(c.get("api"), provider, field("paid") === "yes"));
    return c.redirect(await back(c), 303);
  });
  return page;
}

/** Tests a service, for free or with a real call, and says what came of it. */
export async function testNow(api: Api, provider: Provider, paid: boolean): Promise<Notice> {
  const path = `/queue-management/services/${provider}/check`;
  const answer = await api.ask<z.infer<typeof ServiceCheck>>("POST", path, { paid });
  if (!answer.ok) return { kind: "problem", text: problemText(answer.problem) };
  const { ok, latency_ms: ms, error } = answer.data;
  if (ok) return { kind: "done", text: `${goodTestText(answer.data)} The breaker stays as it is.` };
  const how = `${PROVIDER_NAMES[provider]} ${error?.kind ? KIND_WORDS[error.kind] : "refused the test"}`;
  const said = withFullStop(error?.message ?? "It did not say why");
  return {
    kind: "problem",
    text: `${how} (after ${ms} ms): ${said}${failedTestCost(answer.data)} The breaker stays as it is.`,
  };
}

const SPANS = { "1": "last hour", "6": "last 6 hours", "24": "last day" };

function Spans() {
  const chosen = useRequestContext().req.query("hours") ?? "1";
  return (
    <nav class="pages" aria-label="Time shown">
      {Object.entries(SPANS).map(([hours, words]) => (
        <a href={`/console/providers?hours=${hours}`} aria-current={hours === chosen ? "true" : undefined}>
          {words}
        </a>
      ))}
    </nav>
  );
}

const Cards = ({ services, called }: Services & { called: Called }) => (
  <ul class="services">
    {services.map(({ provider, last_check: check }) => (
      <li class="card">
        <h2>{PROVIDER_NAMES[provider]}</h2>
        <p class="quiet">{PROVIDER_WORK[provider]}</p>
        <Checked check={check} />
        <For role="operator">
          <div class="acts">
            <TestButtons provider={provider} />
          </div>
        </For>
        {called.services
          .filter((each) => each.provider === provider)
          .map((each) => (
            <Plots called={each} seconds={called.stretch_seconds} />
          ))}
      </li>
    ))}
  </ul>
);

function Plots({ called: { total, points, rates }, seconds }: { called: Called["services"][number]; seconds: number }) {
  const most = Math.max(...points.map(({ calls }) => calls));
  const [stretch, rate] = [duration(seconds * 1_000), number(Math.round((most / seconds) * 100) / 100)];
  const from = points[0]?.at ?? "";
  const spent = SPENDS.filter(({ of }) => total[of] > 0);
  return (
    <>
      <Plot
        title="Calls"
        says={callsText(total)}
        scale={`at most ${rate} a second over ${stretch}; allowed: ${rates.map(allowedText).join("; ")}`}
        bars={points.map(({ calls }) => calls)}
        bad={points.map(({ faults }) => faults)}
        from={from}
      />
      <Plot
        title="Latency"
        says={
          total.mean_ms === null
            ? "no calls"
            : `${number(total.mean_ms)} ms on average, the slowest ${number(total.slowest_ms ?? 0)} ms`
        }
        bars={points.map((point) => point.mean_ms ?? 0)}
        from={from}
      />
      {spent.map(({ of, words }) => (
        <Plot title="Spend" says={words(total[of])} bars={points.map((point) => point[of])} from={from} />
      ))}
    </>
  );
}

function allowedText({ name, per_second, per_minute, per_hour, at_once }: Called["services"][number]["rates"][number]) {
  const limits = [
    ...(per_second === undefined ? [] : [`${number(per_second)} a second`]),
    ...(per_minute === undefined ? [] : [`${number(per_minute)} a minute`]),
    ...(per_hour === undefined ? [] : [`${number(per_hour)} an hour`]),
    `${number(at_once)} at once`,
  ];
  const [, kind] = name.split(".");
  return `${kind ? `${kind} ` : ""}${limits.join(", ")}`;
}

function callsText({ calls, faults, refused }: Called["services"][number]["total"]): string {
  const parts = [
    ...(faults > 0 ? [plural(faults, "fault")] : []),
    ...(refused > 0 ? [`${number(refused)} refused`] : []),
  ];
  return parts.length === 0 ? number(calls) : `${number(calls)}, of which ${parts.join(" and ")}`;
}

const SPENDS = [
  { of: "usd", words: (sum: number) => `${sum.toFixed(2)} USD` },
  { of: "credits", words: (sum: number) => plural(sum, "credit") },
  { of: "tokens", words: (sum: number) => plural(sum, "token") },
] as const;

export function Checked({ check }: { check: z.infer<typeof MadeCheck> | null }) {
  if (!check) return <p>Nobody has tested it yet.</p>;
  return (
    <p>
      <CheckText check={check} />
    </p>
  );
}
