import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, test } from "vitest";
import type { z } from "zod";
import { IncidentList } from "../../src/contract/breaker.ts";
import { IncidentFile, IncidentTimeline, ServiceList } from "../../src/contract/timeline.ts";
import {
  allPaused,
  breaker,
  breakerOpens,
  breakProvider,
  call,
  close,
  dataOf,
  eventually,
  failureOf,
  mendProviders,
  request,
  startedCampaign,
} from "./line.ts";
import { gateCloses, theBreaker } from "./rows.ts";

beforeEach(async () => {
  await mendProviders();
  await close();
  await gateCloses();
});

const check = (provider: string) => call("POST", `/queue-management/services/${provider}/check`);
const SHOWN = { proves: ["reachable" as const], paid: false, costUsd: 0 };
const viewer = (path: string) => request("GET", `/queue-management${path}`, { token: "sandbox-viewer" });
const lastCheckOf = async (provider: string) =>
  (await dataOf(await viewer("/services"), 200, ServiceList)).services.find((each) => each.provider === provider)
    ?.last_check;
const stopped = () => call("POST", "/queue-management/pause", { reason: "a look at the line" });
async function newestId(): Promise<string> {
  const { incidents } = await dataOf(await viewer("/incidents?limit=1"), 200, IncidentList);
  return incidents[0]?.id ?? "";
}
const timeline = async (id?: string) =>
  dataOf(await viewer(`/incidents/${id ?? (await newestId())}/timeline`), 200, IncidentTimeline);
const eventsOf = async <Kind extends string>(kind: Kind) =>
  (await timeline()).events.filter((event) => event.kind === kind) as Extract<
    z.infer<typeof IncidentTimeline>["events"][number],
    { kind: Kind }
  >[];

/** The line stands because this service failed. */
async function stoppedBy(provider: "millionverifier" | "apollo") {
  await breakProvider({ provider, kind: "server_error" });
  await startedCampaign({ target_leads: 1 });
  await breakerOpens();
  await allPaused();
}

describe("the last check of each service", () => {
  test("is remembered, with who made it and what it showed, and outlives the Breaker's instance", async () => {
    await check("openai");
    expect(await lastCheckOf("openai")).toMatchObject({ by: "sandbox-admin", ok: true, error: null });
    await breakProvider({ provider: "openai", kind: "rate_limited" });
    await request("POST", "/queue-management/services/openai/check", { token: "sandbox-operator" });
    const last = await lastCheckOf("openai");
    expect(last).toMatchObject({
      by: "sandbox-operator",
      ok: false,
      error: { kind: "rate_limited", http_status: 429 },
    });
    await evictDurableObject(theBreaker());
    expect(await lastCheckOf("openai")).toEqual(last);
  });

  test("is null for a service that nobody has checked, and all five are listed", async () => {
    await runInDurableObject(theBreaker(), (_, { storage }) => void storage.sql.exec("DELETE FROM last_checks"));
    const { services } = await dataOf(await viewer("/services"), 200, ServiceList);
    expect(services).toEqual(
      ["apollo", "millionverifier", "perplexity", "openai", "instantly"].map((provider) => ({
        provider,
        last_check: null,
        estimated_cost_usd: { apollo: 0.02, millionverifier: 0.0005, perplexity: 0.007, openai: 0.002, instantly: 0 }[
          provider
        ],
      })),
    );
  });

  test("is not replaced by one that began before it and was told later", async () => {
    const result = { provider: "apollo" as const, ok: true, ...SHOWN, error: null };
    await theBreaker().checked({ ...result, by: "quick", latencyMs: 1 });
    await theBreaker().checked({ ...result, by: "slow", latencyMs: 60_000 });
    expect(await lastCheckOf("apollo")).toMatchObject({ by: "quick" });
  });
});

describe("the checks of an incident", () => {
  test("are those that began while it was open", async () => {
    const result = { provider: "openai" as const, ok: true, ...SHOWN, error: null };
    await check("openai");
    await stopped();
    await theBreaker().checked({ ...result, by: "began before", latencyMs: 600_000 });
    await check("openai");
    await check("apollo");
    const id = await newestId();
    await close();
    await check("openai");
    const checks = (await timeline(id)).events.filter((event) => event.kind === "check");
    expect(checks).toMatchObject([
      { provider: "openai", by: "sandbox-admin", ok: true },
      { provider: "apollo", by: "sandbox-admin", ok: true },
    ]);
  });

  test("are the last hundred", async () => {
    await stopped();
    const one = { provider: "openai" as const, ok: true, ...SHOWN, error: null, latencyMs: 0 };
    for (let n = 1; n <= 103; n++) await theBreaker().checked({ ...one, by: `check ${n}` });
    const checks = await eventsOf("check");
    expect(checks.map(({ by }) => by)).toEqual(Array.from({ length: 100 }, (_, i) => `check ${i + 4}`));
  });

  test("open and close nothing, whatever they show", async () => {
    await stopped();
    const before = await breaker();
    await check("openai");
    await breakProvider({ provider: "openai", kind: "server_error" });
    await check("openai");
    expect(await breaker()).toEqual(before);
  });
});

describe("the close of an incident", () => {
  test("tells that the failed service's last check had succeeded, though others were checked later", async () => {
    await stoppedBy("millionverifier");
    await check("millionverifier");
    await mendProviders();
    await check("millionverifier");
    for (let n = 0; n < 3; n++) await check("apollo");
    await close();
    await gateCloses();
    await breakProvider({ provider: "millionverifier", kind: "server_error" });
    await check("millionverifier");
    expect(await eventsOf("closed")).toMatchObject([
      { by: "sandbox-admin", note: "mended", check_before_close: "ok", check: { by: "sandbox-admin", ok: true } },
    ]);
  });

  test("tells that it had failed", async () => {
    await stoppedBy("millionverifier");
    await check("millionverifier");
    await close();
    expect(await eventsOf("closed")).toMatchObject([{ check_before_close: "failed", check: { ok: false } }]);
  });

  test("tells that none was made, where one before the stop or of another service does not count", async () => {
    await check("apollo");
    await stoppedBy("apollo");
    await check("openai");
    await close();
    expect(await eventsOf("closed")).toMatchObject([{ check_before_close: "none", check: null }]);
  });

  test("by an operator of an operator's stop needed none", async () => {
    await stopped();
    await close();
    expect(await eventsOf("closed")).toMatchObject([{ check_before_close: "not_needed", check: null }]);
  });

  test("from before the Breaker took note of checks is told without a claim, on its storage as it was", async () => {
    await stoppedBy("apollo");
    const id = await newestId();
    await close();
    await runInDurableObject(theBreaker(), (_, { storage }) => {
      for (const table of ["last_checks", "incident_checks", "closing_checks"]) storage.sql.exec(`DROP TABLE ${table}`);
    });
    await evictDurableObject(theBreaker());
    const closed = expect.objectContaining({ kind: "closed", check_before_close: "unknown" });
    expect((await timeline(id)).events).toContainEqual(closed);
    await check("apollo");
    expect(await lastCheckOf("apollo")).toMatchObject({ ok: false });
  });
});

test("a storage of before checks told what they prove is taken in as it is", async () => {
  await stoppedBy("apollo");
  await runInDurableObject(theBreaker(), (_, { storage: { sql } }) => {
    for (const table of ["last_checks", "incident_checks"]) {
      for (const column of ["proves", "paid", "cost_usd"]) sql.exec(`ALTER TABLE ${table} DROP COLUMN ${column}`);
    }
    const { epoch } = sql.exec<{ epoch: number }>("SELECT epoch FROM breaker").one();
    const now = Date.now();
    sql.exec("INSERT OR REPLACE INTO last_checks VALUES ('apollo', ?, 'ada', 1, 5, NULL)", now);
    sql.exec("INSERT INTO incident_checks VALUES (?, 'apollo', ?, 'ada', 1, 5, NULL)", epoch, now);
    const kept = { provider: "apollo", at: now, by: "ada", ok: true, latencyMs: 5, error: null };
    sql.exec("INSERT OR REPLACE INTO closing_checks VALUES (?, ?)", epoch, JSON.stringify(kept));
  });
  await evictDurableObject(theBreaker());
  const untold = { by: "ada", ok: true, proves: [], paid: false, cost_usd: 0 };
  expect(await lastCheckOf("apollo")).toMatchObject(untold);
  expect(await eventsOf("check")).toMatchObject([{ ...untold, text: "ada checked apollo: it answered well in 5 ms." }]);
  await close();
  expect(await eventsOf("closed")).toMatchObject([{ check_before_close: "ok", check: untold, proven: false }]);
  await mendProviders();
  await check("apollo");
  await evictDurableObject(theBreaker());
  expect(await lastCheckOf("apollo")).toMatchObject({ ok: true, proves: ["reachable", "key", "credit"] });
});

describe("a timeline", () => {
  test("goes from the stop over the pause and the close to the resume, in order of time", async () => {
    await stoppedBy("apollo");
    await eventually("the pause was over", async () => (await eventsOf("pause"))[0]?.state === "done");
    await mendProviders();
    await close();
    const { incident, events } = await eventually("the resume was over", async () => {
      const seen = await timeline();
      return seen.events.some((event) => event.kind === "resume" && event.state === "done") && seen;
    });
    expect(incident).toMatchObject({ state: "closed", opened_by: "apollo" });
    // Calls that were under way at the stop may have failed too.
    const kinds = events.map(({ kind }) => kind).filter((kind) => kind !== "follower");
    expect(kinds).toEqual(["opened", "pause", "closed", "resume"]);
    expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted());
    for (const { text } of events) expect(text).toMatch(/^\S.*\.$/);
  });
});

describe("an exported incident", () => {
  test("is a Markdown file by itself, and JSON when asked", async () => {
    await stopped();
    const id = await newestId();
    const day = (await breaker()).opened_at?.slice(0, 10);
    for (const path of [`/incidents/${id}/export`, `/incidents/${id}/export?format=markdown`]) {
      const response = await viewer(path);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("text/markdown; charset=utf-8");
      expect(response.headers.get("content-disposition")).toBe(`attachment; filename="incident-${day}-${id}.md"`);
      expect(await response.text()).toContain(`# Incident ${id}\n`);
    }
    const response = await viewer(`/incidents/${id}/export?format=json`);
    expect(response.headers.get("content-disposition")).toBe(`attachment; filename="incident-${day}-${id}.json"`);
    const file: unknown = await response.json();
    expect(IncidentFile.parse(file)).toStrictEqual(file);
    expect(file).toMatchObject({ incident: { id, sweeps: [{ kind: "pause" }] }, events: [{ kind: "opened" }, {}] });
  });

  test("has no other format", async () => {
    const id = await newestId();
    for (const format of ["pdf", "", "json&format=markdown"]) {
      await failureOf(await viewer(`/incidents/${id}/export?format=${format}`), 400, "invalid_request");
    }
  });
});
