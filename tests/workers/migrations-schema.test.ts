import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { ALERT_KINDS, DELIVERY_STATUSES } from "../../src/domain/alert.ts";
import { CAMPAIGN_STATUSES } from "../../src/domain/campaign.ts";
import { JOB_STATUSES, JOB_TYPES } from "../../src/domain/job.ts";
import { LEAD_OUTCOMES, LEAD_STAGES } from "../../src/domain/pipeline.ts";

type Row = Record<string, string | number | null>;

const NOW = 1;
const UNFINISHED: readonly string[] = ["PENDING", "RUNNING", "PAUSED"];
const rows: Record<string, () => Row> = {
  campaigns: () => ({
    id: crypto.randomUUID(),
    name: "n",
    target_leads: 1,
    search: "{}",
    message: "{}",
    refuse_catch_all: 0,
    status: "CREATED",
    created_at: NOW,
  }),
  job_rows: () => ({
    id: crypto.randomUUID(),
    campaign_id: "c",
    type: "ENRICH_LEAD",
    status: "PENDING",
    priority: 0,
    dispatch: 1,
    created_at: NOW,
  }),
  leads: () => ({
    id: crypto.randomUUID(),
    campaign_id: "c",
    person_id: crypto.randomUUID(),
    stage: "found",
    outcome: "open",
    created_at: NOW,
    updated_at: NOW,
  }),
  alert_targets: () => ({
    id: crypto.randomUUID(),
    name: "n",
    kind: "slack",
    url: "u",
    events: "[]",
    still_open_after_minutes: 15,
    created_at: NOW,
  }),
  alert_deliveries: () => ({
    id: crypto.randomUUID(),
    target_id: "t",
    event: "alert.test",
    event_key: crypto.randomUUID(),
    payload: "{}",
    status: "PENDING",
    next_attempt_at: NOW,
    created_at: NOW,
  }),
  tokens: () => ({ id: crypto.randomUUID(), name: "n", role: "viewer", hash: "h", created_at: NOW }),
};

async function insert(table: string, changed: Row = {}): Promise<void> {
  const row = { ...rows[table]?.(), ...changed };
  const columns = Object.keys(row);
  await env.DB.prepare(
    `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map((_, at) => `?${at + 1}`).join(", ")})`,
  )
    .bind(...Object.values(row))
    .run();
}

test("the schema takes every status of the domain", async () => {
  for (const status of CAMPAIGN_STATUSES) await insert("campaigns", { status });
  for (const status of JOB_STATUSES)
    await insert("job_rows", { status, finished_at: UNFINISHED.includes(status) ? null : NOW });
  for (const type of JOB_TYPES) await insert("job_rows", { type });
  for (const stage of LEAD_STAGES) await insert("leads", { stage });
  for (const outcome of LEAD_OUTCOMES) await insert("leads", { outcome });
  for (const kind of ALERT_KINDS) await insert("alert_targets", { kind, secret: kind === "webhook" ? "s" : null });
  for (const status of DELIVERY_STATUSES) await insert("alert_deliveries", { status });
  for (const role of ["viewer", "operator", "admin"]) await insert("tokens", { role });
});

test.each<[string, Row, string]>([
  ["campaigns", { status: "PAUSED" }, "campaign_status"],
  ["campaigns", { status: "running" }, "campaign_status"],
  ["campaigns", { target_leads: 0 }, "campaign_target"],
  ["campaigns", { target_leads: 50_001 }, "campaign_target"],
  ["job_rows", { status: "QUEUED" }, "job_status"],
  ["job_rows", { type: "SEND_MAIL" }, "job_type"],
  ["job_rows", { status: "PAUSED", finished_at: NOW }, "job_finished"],
  ["job_rows", { status: "COMPLETED" }, "job_finished"],
  ["leads", { stage: "sent" }, "lead_stage"],
  ["leads", { outcome: "paused" }, "lead_outcome"],
  ["alert_targets", { kind: "email" }, "alert_kind"],
  ["alert_targets", { kind: "webhook" }, "alert_secret"],
  ["alert_targets", { kind: "slack", secret: "s" }, "alert_secret"],
  ["alert_deliveries", { status: "SENT" }, "delivery_status"],
  ["tokens", { role: "owner" }, "token_role"],
])("the schema refuses a row of %s with %j", async (table, changed, constraint) => {
  await expect(insert(table, changed)).rejects.toThrow(constraint);
});

test("a target is told of an occurrence once", async () => {
  await insert("alert_deliveries", { target_id: "t", event_key: "opened:1" });
  await insert("alert_deliveries", { target_id: "u", event_key: "opened:1" });
  await expect(insert("alert_deliveries", { target_id: "t", event_key: "opened:1" })).rejects.toThrow("UNIQUE");
});

test("a target that had chosen every event is told of failing campaigns from then on, and one that chose is not", async () => {
  const stops = ["breaker.opened", "breaker.reopened", "breaker.still_open", "breaker.closed"];
  const chosen = { all: [...stops, "resume.finished"], some: stops };
  for (const [id, events] of Object.entries(chosen))
    await insert("alert_targets", { id, events: JSON.stringify(events) });
  const { MIGRATIONS } = env as unknown as { MIGRATIONS: D1Migration[] };
  const { queries = [] } = MIGRATIONS.find(({ name }) => name.endsWith("campaign_failing.sql")) ?? {};
  await env.DB.prepare(queries.at(-1) ?? "").run();
  const { results } = await env.DB.prepare("SELECT id, events FROM alert_targets WHERE id IN ('all', 'some')").all();
  expect(Object.fromEntries(results.map(({ id, events }) => [id, JSON.parse(String(events))]))).toEqual({
    all: [...chosen.all, "campaign.failing"],
    some: chosen.some,
  });
});

test("a person and an address belong to one lead", async () => {
  await insert("leads", { person_id: "p", email: "a@x.example" });
  await expect(insert("leads", { person_id: "p" })).rejects.toThrow("UNIQUE");
  await expect(insert("leads", { email: "a@x.example" })).rejects.toThrow("UNIQUE");
});

test("jobs and leads lie by campaign, and an id is one row's among all of them", async () => {
  for (const table of ["job_rows", "leads"]) {
    await expect(env.DB.prepare(`SELECT rowid FROM ${table}`).all()).rejects.toThrow("rowid");
    const id = crypto.randomUUID();
    await insert(table, { id, campaign_id: "a" });
    await expect(insert(table, { id, campaign_id: "b" })).rejects.toThrow("UNIQUE");
  }
});

test("there is one gate, and it knows no state but open and closed", async () => {
  const { results } = await env.DB.prepare("SELECT * FROM breaker_gate").all();
  expect(results).toMatchObject([{ id: 1, state: "closed" }]);
  await expect(
    env.DB.prepare("INSERT INTO breaker_gate (id, state, epoch) VALUES (2, 'closed', 0)").run(),
  ).rejects.toThrow("gate_single");
  await expect(env.DB.prepare("UPDATE breaker_gate SET state = 'ajar'").run()).rejects.toThrow("gate_state");
  // Applied once more, as by the next deploy, the migrations change nothing.
  await applyD1Migrations(env.DB, (env as unknown as { MIGRATIONS: D1Migration[] }).MIGRATIONS);
  expect((await env.DB.prepare("SELECT * FROM breaker_gate").all()).results).toEqual(results);
});
