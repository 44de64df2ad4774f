import { createScheduledController, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { insertions, REPAIRS } from "../../src/db/restore.ts";
import { BACKED_UP, type Backup, pageName, type Row } from "../../src/domain/backup.ts";
import worker from "../../src/index.ts";
import { decidedTitle } from "./decided.ts";
import {
  breaker,
  breakerOpens,
  call,
  campaign,
  campaignEnds,
  close,
  eventually,
  jobsOf,
  ledger,
  startedCampaign,
} from "./line.ts";
import { gateCloses, miscounted, theBreaker } from "./rows.ts";

const bucket = env.BACKUPS;
const tick = () => worker.scheduled(createScheduledController(), env);
const tickWith = (told: (page: string) => void) =>
  worker.scheduled(createScheduledController(), { ...env, BACKUPS: bucketThat(told) });
const newest = async () => (await bucket.get("backups/newest.json"))?.json<Backup>();

/** What lies in the bucket is gone, as if no backup had been made. */
async function forgetBackups() {
  for (const { key } of (await bucket.list()).objects) await bucket.delete(key);
}
beforeEach(forgetBackups);
afterEach(async () => {
  await close();
  await gateCloses();
});

async function backedUp(): Promise<Backup> {
  await tick();
  const backup = await newest();
  expect(backup?.finishedAt).toBeGreaterThan(0);
  return backup as Backup;
}

async function rowsOfPage(name: string): Promise<Row[]> {
  const object = await bucket.get(name);
  const text = await new Response(object?.body.pipeThrough(new DecompressionStream("gzip"))).text();
  return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Row]));
}

/** Everything of D1 is lost, and what the backup holds is put into the empty tables. */
async function restore(backup: Backup) {
  const tables = [...BACKED_UP.map(({ table }) => table), "sessions", "alert_deliveries", "parked_messages"];
  await env.DB.batch(
    tables.filter((table) => table !== "breaker_gate").map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  );
  for (const { table } of BACKED_UP)
    for (let page = 1; page <= (backup.pages[table] ?? 0); page++)
      for (const statement of insertions(table, await rowsOfPage(pageName({ id: backup.id, table, page }))))
        await env.DB.prepare(statement).run();
  for (const statement of REPAIRS) await env.DB.prepare(statement).run();
}

describe("a backup", () => {
  test("holds every table but those that say nothing of the work", async () => {
    const { results } = await env.DB.prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*' AND name <> 'd1_migrations'",
    ).all<{ name: string }>();
    const left = ["sessions", "alert_deliveries", "parked_messages"];
    expect(results.map(({ name }) => name).toSorted()).toEqual(
      [...BACKED_UP.map(({ table }) => table), ...left].toSorted(),
    );
  });

  test("is made once a day, with every row once, and knows its tables' migration", async () => {
    const id = await startedCampaign({ target_leads: 20 });
    await campaignEnds(id);
    const backup = await backedUp();
    const page = await rowsOfPage(pageName({ id: backup.id, table: "leads", page: 1 }));
    const { results } = await env.DB.prepare("SELECT * FROM leads ORDER BY campaign_id, id").all();
    expect(page).toEqual(results);
    expect(backup.schema).toMatch(/^\d{4}_\w+\.sql$/);
    await tick();
    expect(await newest()).toEqual(backup);
    await bucket.put(
      "backups/newest.json",
      JSON.stringify({ ...backup, id: "yesterday", startedAt: backup.startedAt - 25 * 3_600_000 }),
    );
    await tick();
    expect((await newest())?.id).not.toBe("yesterday");
  });

  test("of many pages goes on where it was cut off, and two at once write it once", async () => {
    const id = await startedCampaign({ target_leads: 1, search: { person_titles: [decidedTitle("Backup", 1)] } });
    await campaignEnds(id);
    const filler = env.DB.prepare(
      `INSERT INTO leads (id, campaign_id, person_id, stage, outcome, created_at, updated_at)
       WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 3500)
       SELECT printf('f-%06d', i), ?1, 'filler ' || i, 'dropped', 'rejected', 0, 0 FROM n`,
    );
    await filler.bind(id).run();
    let pagesOfDying = 0;
    await tickWith(() => {
      if (++pagesOfDying === 3) throw new Error("Network connection lost.");
    });
    const cut = await newest();
    expect(cut?.finishedAt).toBeNull();
    // Who died holds it for a while.
    await tick();
    expect(await newest()).toEqual(cut);
    await bucket.put("backups/newest.json", JSON.stringify({ ...cut, claimedUntil: 0 }));
    const written: string[] = [];
    await Promise.all([tickWith((page) => written.push(page)), tickWith((page) => written.push(page))]);
    expect(new Set(written).size).toBe(written.length);
    const backup = await eventually("it is complete", async () => {
      const seen = await newest();
      return seen?.finishedAt ? seen : null;
    });
    const pages = Array.from({ length: backup.pages.leads ?? 0 }, (_, n) =>
      pageName({ id: backup.id, table: "leads", page: n + 1 }),
    );
    const ids = (await Promise.all(pages.map(rowsOfPage))).flat().map((row) => row["id"]);
    const { results } = await env.DB.prepare("SELECT id FROM leads ORDER BY campaign_id, id").all<{ id: string }>();
    expect(ids).toEqual(results.map((row) => row.id));
    await env.DB.prepare("DELETE FROM leads WHERE person_id GLOB 'filler *'").run();
  });
});

/** The bucket, with `put` told of each page before it is written. */
function bucketThat(told: (page: string) => void): R2Bucket {
  return new Proxy(bucket, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name !== "put") return typeof value === "function" ? (value.bind(target) as unknown) : value;
      return (key: string, ...rest: [ArrayBuffer, R2PutOptions]) => {
        if (key.endsWith(".gz")) told(key);
        return target.put(key, ...rest);
      };
    },
  });
}

test(
  "what was backed up while the line ran is restored into an empty database: the line stops, one close starts it, nobody is pushed twice",
  { timeout: 120_000 },
  async () => {
    await call("PUT", "/sandbox/latency", { ms: 30 });
    const done = await startedCampaign({ target_leads: 10 });
    await campaignEnds(done);
    const running = await startedCampaign({ target_leads: 60 });
    await eventually("some are pushed", async () => (await campaign(running)).progress.leads.pushed > 5);
    const backup = await backedUp();
    const later = await startedCampaign({ target_leads: 5 });
    // The watchdog notes a look every ten seconds.
    const noted = env.DB.prepare("SELECT looked_at AS at FROM breaker_gate");
    const before = (await noted.first<{ at: number }>())?.at ?? 0;
    await runInDurableObject(theBreaker(), (_, { storage }) => void storage.sql.exec("UPDATE looks SET looked_at = 0"));
    await theBreaker().heal();
    await eventually("a look is noted", async () => ((await noted.first<{ at: number }>())?.at ?? 0) > before);
    await call("PUT", "/sandbox/latency", { ms: 0 });
    await campaignEnds(running);
    await campaignEnds(later);

    await restore(backup);
    expect(await miscounted()).toEqual([]);
    await theBreaker().heal();
    await breakerOpens();
    expect((await breaker()).reason).toMatchObject({ source: "platform", kind: "restored" });
    await close();
    expect((await campaignEnds(running)).status).toBe("COMPLETED");
    expect((await campaign(done)).status).toBe("COMPLETED");
    const unfinished = (await jobsOf(running)).filter(({ status }) => !["COMPLETED", "FAILED"].includes(status));
    expect(unfinished).toEqual([]);
    const open = await env.DB.prepare(
      "SELECT count(*) AS n FROM leads WHERE outcome = 'open' AND stage <> 'pushed'",
    ).first();
    expect(open).toEqual({ n: 0 });
    const pushes = (await ledger()).filter(
      ({ provider, path, outcome }) => provider === "instantly" && path.endsWith("/leads/add") && outcome === "ok",
    );
    const subjects = pushes.map(({ subject }) => subject);
    expect(new Set(subjects).size).toBe(subjects.length);
    expect(await miscounted()).toEqual([]);
  },
);
