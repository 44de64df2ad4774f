// The figures as tables.
import { quantile } from "./common.mjs";

const whole = (value) => Math.round(value).toLocaleString("en");
const short = (value) => (value < 10 ? value.toFixed(1) : whole(value));

const table = (heads, rows) =>
  [heads, heads.map((_, at) => (at === 0 ? "---" : "---:")), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

export function markdown({ at, plan, machine, versions = [], skipped, ...figures }) {
  const { jobsASecond, startsAfterPause, stops, sweeps, latencies } = figures;
  const andon = quantile(jobsASecond.Andon);
  const range = (numbers) => `${whole(Math.min(...numbers))} – ${whole(Math.max(...numbers))}`;
  return [
    `Measured ${at.slice(0, 10)} on ${machine}. Medians of ${plan.rounds} rounds, in which the engines took turns.`,
    ...[...versions, ...skipped.map((text) => `Left out: ${text}`)].map((text) => `- ${text}`),
    `\n**Jobs that do nothing, claimed and finished durably, a stop consulted, each counted for its campaign** (${whole(plan.jobs)} a round)\n`,
    table(
      ["engine", "jobs a second", "lowest – highest", "Andon is"],
      Object.entries(jobsASecond).map(([name, rates]) => [
        name,
        whole(quantile(rates)),
        range(rates),
        name === "Andon" ? "" : `${(andon / quantile(rates)).toFixed(2)} ×`,
      ]),
    ),
    `\n**Work that begins after a stop was acknowledged** (in each round)\n`,
    table(
      ["engine", "begun"],
      [
        ["Andon: calls to services", stops.map(({ callsAfter }) => callsAfter).join(", ")],
        ...Object.entries(startsAfterPause).map(([name, counts]) => [`${name}: handlers`, counts.join(", ")]),
      ],
    ),
    `\n**From a service's first failed call** (ms)\n`,
    table(
      ["", "median", "lowest – highest"],
      [
        ["the breaker is open", "openedMs"],
        ["the last call of all has begun", "lastCallMs"],
        ["the opening is acknowledged", "acknowledgedMs"],
      ].map(([words, of]) => [
        words,
        whole(quantile(stops.map((stop) => stop[of]))),
        range(stops.map((stop) => stop[of])),
      ]),
    ),
    `\n**A stop and a close with so many jobs waiting**, somebody asking for the status all the while\n`,
    sweepTable(sweeps),
    ...(latencies
      ? [
          `\n**Answers of the API with ${whole(Math.max(...plan.rows))} jobs in the table** (ms)\n`,
          latencyTable(latencies),
        ]
      : []),
    "",
  ].join("\n");
}

function sweepTable(sweeps) {
  const sizes = [...new Set(sweeps.map(({ jobs }) => jobs))];
  const heads =
    "jobs,paused in s,jobs a second,close answers in ms,resumed in s,jobs a second,status p99 in ms,memory in MB";
  return table(
    heads.split(","),
    sizes.map((jobs) => {
      const of = (name) => quantile(sweeps.filter((each) => each.jobs === jobs).map((each) => each[name]));
      return [
        whole(jobs),
        of("pauseSeconds").toFixed(2),
        whole(of("pausedASecond")),
        short(of("closeAnswerMs")),
        of("resumeSeconds").toFixed(2),
        whole(of("resumedASecond")),
        short(of("statusP99Ms")),
        whole(of("mostMb")),
      ];
    }),
  );
}

const latencyTable = (latencies) =>
  table(
    ["", "p50 at rest", "p99 at rest", "p50 under load", "p99 under load"],
    latencies.map(({ name, p50Ms, p99Ms, load }) => [name, ...[p50Ms, p99Ms, load.p50Ms, load.p99Ms].map(short)]),
  );
