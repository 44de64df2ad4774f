import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { createSweepStore } from "../../src/db/sweeps.ts";
import {
  allPaused,
  breaker,
  campaign,
  campaignEnds,
  close,
  createCampaign,
  eventually,
  ledger,
  startedCampaign,
  summary,
} from "./line.ts";
import { gateCloses, insertJobs, miscounted, rowsOf, theBreaker } from "./rows.ts";

const gate = () =>
  env.DB.prepare("SELECT state, epoch, reason, looked_at, restored_at FROM breaker_gate").first<{
    state: string;
    epoch: number;
    reason: string | null;
    looked_at: number | null;
    restored_at: number | null;
  }>();
const setGate = (set: string) => env.DB.prepare(`UPDATE breaker_gate SET ${set} WHERE id = 1`).run();
const look = () => theBreaker().heal();
const agree = () =>
  eventually("gate and Breaker agree", async () => {
    const [shown, { epoch, state }] = [await gate(), await breaker()];
    return shown?.epoch === epoch && shown.state === state && shown;
  });

afterEach(async () => {
  await close();
  await gateCloses();
});

describe("a database that was taken back", () => {
  test.each([
    ["to an earlier epoch", "epoch = epoch - 2"],
    ["to a stop that is over", "epoch = epoch - 1, state = 'open', reason = 'openai failed (timeout): slow'"],
    ["within the same epoch", "looked_at = looked_at - 1"],
    ["to before anybody looked", "looked_at = NULL"],
  ])("%s stops the line at the next look, and one close starts everything", async (_to, set) => {
    // So that there are earlier epochs, and a look that is noted.
    await theBreaker().stop("ada", "before");
    await close();
    await gateCloses();
    await runInDurableObject(theBreaker(), (_, { storage }) => storage.sql.exec("UPDATE looks SET looked_at = 0"));
    const id = await createCampaign();
    await insertJobs(id, 5, { queued_at: Date.now() + 60_000 });
    await look();
    await eventually("a look is noted", async () => (await noted()) > 0);

    await setGate(set);
    await look();
    await eventually("the line stands", async () => (await breaker()).state === "open");
    const { reason, opened_by: by } = await breaker();
    expect(reason).toMatchObject({ source: "platform", kind: "restored", provider: null });
    expect(reason?.message).toContain("taken back to an earlier moment");
    if (set.includes("openai")) expect(reason?.message).toContain("openai failed (timeout): slow");
    expect(by).toBe("andon");
    await allPaused();
    expect((await agree()).restored_at).not.toBeNull();
    // The next look finds nothing more to do.
    const { epoch } = await breaker();
    await look();
    await eventually("a look is noted", async () => (await noted()) > 0);
    expect((await breaker()).epoch).toBe(epoch);

    await close();
    expect((await campaignEnds(id)).status).toBe("COMPLETED");
    expect(await miscounted()).toEqual([]);
  });

  test("into the middle of a resume queues nothing before it is noticed", async () => {
    const id = await createCampaign();
    const jobs = await insertJobs(id, 3, { status: "PAUSED" });
    await runInDurableObject(theBreaker(), (_, { storage }) => storage.sql.exec("UPDATE looks SET looked_at = 5"));
    await setGate("looked_at = 4, reason = 'openai failed (timeout): slow'");
    await look();
    await eventually("the line stands", async () => (await breaker()).state === "open");
    expect((await breaker()).reason).toMatchObject({ source: "platform", kind: "restored" });
    expect((await rowsOf(id)).map(({ dispatch }) => dispatch)).toEqual(jobs.map(() => 1));
    await close();
    expect((await campaignEnds(id)).status).toBe("COMPLETED");
  });

  test("under a stop leaves the stop as it is, and the gate follows", async () => {
    await theBreaker().stop("ada", "a look at it");
    await look();
    await agree();
    await setGate("epoch = epoch - 1, state = 'closed', reason = NULL");
    await look();
    const shown = await agree();
    expect(shown.restored_at).not.toBeNull();
    expect((await breaker()).reason).toMatchObject({ source: "operator", message: "a look at it" });
  });
});

const noted = () =>
  runInDurableObject(
    theBreaker(),
    (_, { storage }) => storage.sql.exec<{ at: number }>("SELECT looked_at AS at FROM looks").one().at,
  );

test("a look that an earlier life of the Breaker noted, and that comes late, does not look like a restore", async () => {
  const sweeps = createSweepStore(env.DB);
  const at = Date.now() + 1_000;
  await sweeps.noteLook(at);
  await sweeps.noteLook(at - 500);
  expect((await sweeps.seenGate()).lookedAt).toBe(at);
});

describe("a new Breaker", () => {
  const forget = async () => {
    await runInDurableObject(theBreaker(), async (_, { storage }) => {
      await storage.deleteAlarm();
      await storage.deleteAll();
    });
    await evictDurableObject(theBreaker());
  };

  test("adopts the stop that the gate shows, with its words", async () => {
    await setGate("epoch = 41, state = 'open', reason = 'openai failed (timeout): slow', restored_at = NULL");
    await forget();
    await look();
    await eventually("the line stands", async () => (await breaker()).state === "open");
    const { epoch, reason } = await breaker();
    expect(epoch).toBe(41);
    expect(reason).toMatchObject({ source: "platform", kind: "restored" });
    expect(reason?.message).toContain("openai failed (timeout): slow");
    expect((await agree()).restored_at).toBe(null);
  });

  test("goes on from a closed gate's epoch, and the work goes on", async () => {
    await setGate("epoch = 60, state = 'closed', reason = NULL");
    await forget();
    await look();
    await agree();
    expect(await breaker()).toMatchObject({ state: "closed", epoch: 60 });
    const id = await startedCampaign({ target_leads: 1 });
    expect((await campaignEnds(id)).status).toBe("COMPLETED");
  });
});

test("what the sender was given since the restored moment is not given to it again, and no campaign made twice", async () => {
  const id = await startedCampaign({ target_leads: 4 });
  const before = (await campaignEnds(id)).progress.leads;
  const pushed = await summary();
  const calls = (await ledger()).length;
  // As the rows were before anything was pushed; one lead was never pushed, and is one more's worth of work.
  await env.DB.batch([
    env.DB.prepare("UPDATE campaigns SET status = 'RUNNING', completed_at = NULL WHERE id = ?1").bind(id),
    env.DB.prepare(
      `UPDATE leads SET stage = 'found', outcome = 'open', verification = NULL, research = NULL, copy = NULL, push = NULL
       WHERE campaign_id = ?1 AND stage = 'pushed'`,
    ).bind(id),
    env.DB.prepare(
      `UPDATE job_rows SET status = 'PENDING', finished_at = NULL, attempts = 0, queued_epoch = NULL
       WHERE campaign_id = ?1 AND type = 'ENRICH_LEAD' AND lead_id IN (SELECT id FROM leads WHERE outcome = 'open')`,
    ).bind(id),
    env.DB.prepare(
      `UPDATE progress SET leads_verified = 0, leads_researched = 0, leads_written = 0, leads_pushed = 0,
         paused = (SELECT count(*) FROM jobs WHERE campaign_id = ?1 AND status = 'PAUSED'),
         completed = (SELECT count(*) FROM jobs WHERE campaign_id = ?1 AND status = 'COMPLETED') WHERE campaign_id = ?1`,
    ).bind(id),
  ]);
  await setGate("looked_at = NULL");
  await runInDurableObject(theBreaker(), (_, { storage }) => storage.sql.exec("UPDATE looks SET looked_at = 1"));
  await look();
  await eventually("the line stands", async () => (await breaker()).state === "open");
  await agree();
  await close();
  const { progress, status } = await campaignEnds(id);
  expect(status).toBe("COMPLETED");
  expect(progress.leads.pushed).toBe(before.pushed);
  expect((await summary()).pushed).toEqual(pushed.pushed);
  const since = (await ledger()).slice(calls).map(({ provider, path }) => `${provider} ${path}`);
  expect(since.every((each) => each.startsWith("instantly"))).toBe(true);
  expect(since.some((each) => each.endsWith("/leads/add"))).toBe(false);
  expect((await rowsOf(id)).every(({ status }) => status === "COMPLETED")).toBe(true);
  expect((await campaign(id)).instantly_campaign_id).not.toBeNull();
});
