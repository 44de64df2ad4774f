import { createMessageBatch, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { createAddressStore } from "../../src/db/addresses.ts";
import worker from "../../src/index.ts";
import { respellAddresses } from "../../src/operations/lead/respell-addresses.ts";
import { FIRST_LEAD, type LeadKey } from "../../src/ports/addresses.ts";
import cases from "../cases/addresses.json" with { type: "json" };
import { firstMessage } from "./found-leads.ts";
import { call, createCampaign, ledger } from "./line.ts";
import { insertJobs, miscounted, theBreaker } from "./rows.ts";

const NOW = Date.now();
const FAR = NOW + 60_000;

interface OldLead {
  email: string;
  stage?: string;
  outcome?: string;
  /** Fields of its job. */
  job?: Record<string, string | number | null>;
}

const STATUS: Record<string, string> = {
  open: "PENDING",
  failed: "FAILED",
  pushed: "COMPLETED",
  cancelled: "CANCELLED",
};
const finished = (outcome: string) => (outcome === "open" ? {} : { finished_at: NOW });

/** A lead as an older version left it, with its job and its counts, in a campaign of its own. Ids rise. */
async function anOldLead({ email, stage = "found", outcome = "open", job = {} }: OldLead): Promise<string> {
  const campaignId = await createCampaign();
  const fields = { type: "ENRICH_LEAD", status: STATUS[outcome] ?? "COMPLETED", ...finished(outcome), ...job };
  const [id = ""] = await insertJobs(campaignId, 1, fields);
  const passed = ["found", "verified", "researched", "written", "pushed"].filter(
    (_, at, all) => at <= all.indexOf(stage),
  );
  const counts = [...passed, ...(outcome === "failed" ? ["failed"] : [])].map((name) => `leads_${name} = 1`);
  const leadId = `${String(++made).padStart(8, "0")}${id.slice(8)}`;
  const results = ["verification", "research", "copy", "push"].map((_, at) =>
    at + 1 < passed.length ? '{"verdict":"ok"}' : null,
  );
  await env.DB.batch([
    env.DB.prepare("UPDATE job_rows SET lead_id = ?2 WHERE id = ?1").bind(id, leadId),
    env.DB.prepare(
      `INSERT INTO leads (id, campaign_id, person_id, email, profile, stage, outcome, verification, research, copy, push,
         created_at, updated_at) VALUES (?1, ?2, ?1, ?3, '{"firstName":"Ann"}', ?4, ?5, ?6, ?7, ?8, ?9, 0, 0)`,
    ).bind(leadId, campaignId, email, stage, outcome, ...results),
    env.DB.prepare(`UPDATE progress SET ${counts.join(", ")} WHERE campaign_id = ?1`).bind(campaignId),
  ]);
  return leadId;
}
let made = 0;

const leadOf = (id: string) =>
  env.DB.prepare("SELECT email, stage, outcome, error FROM leads WHERE id = ?1")
    .bind(id)
    .first<{ email: string; stage: string; outcome: string; error: string | null }>();

const forgetLeads = () =>
  env.DB.batch(["job_rows", "leads", "progress", "campaigns"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));

/** Tells the Breaker how many of its passes are done, and that the next is due. */
const passesDone = (passes: number) =>
  runInDurableObject(theBreaker(), (_, { storage }) => {
    storage.sql.exec("INSERT OR REPLACE INTO respelling VALUES (1, ?, 0, ?)", passes, JSON.stringify(FIRST_LEAD));
  });
// Only the passes of these tests meet their rows.
beforeAll(() => passesDone(2));

/** One pass, each slice from where the one before has left it. Returns how many rows it wrote. */
async function pass(db = env.DB): Promise<number> {
  let written = 0;
  const counting = {
    prepare: (sql: string) => db.prepare(sql),
    batch: async (statements: D1PreparedStatement[]) => {
      const answers = await db.batch(statements);
      for (const { meta } of answers) written += meta.rows_written;
      return answers;
    },
  } as unknown as D1Database;
  const ports = { addresses: createAddressStore(counting), now: () => NOW };
  for (let at: LeadKey | null = FIRST_LEAD; at;) at = await respellAddresses(ports, at);
  return written;
}

/** D1 that answers so many batches and then is away: before it has written the next one, or after. */
function dying(batches: number, keepsLast: boolean): D1Database {
  let left = batches;
  return {
    prepare: (sql: string) => env.DB.prepare(sql),
    batch: async (statements: D1PreparedStatement[]) => {
      if (left-- > 0) return env.DB.batch(statements);
      if (keepsLast) await env.DB.batch(statements);
      throw new Error("D1_ERROR: Network connection lost.");
    },
  } as unknown as D1Database;
}

test("a pass that is cut off anywhere is done again from its slice, and the next writes nothing", async () => {
  await forgetLeads();
  const campaignId = await createCampaign();
  await env.DB.prepare(
    `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5600)
     INSERT INTO leads (id, campaign_id, person_id, email, stage, created_at, updated_at)
     SELECT printf('%08d', n), ?1, n, 'ann.' || n || '@x.example' || iif(n % 5 = 0, '.', ''), 'found', 0, 0 FROM n`,
  )
    .bind(campaignId)
    .run();
  let at: LeadKey | null = FIRST_LEAD;
  for (let tries = 0; at && tries < 20; tries++) {
    const ports = { addresses: createAddressStore(dying(tries % 3, tries % 2 === 0)), now: () => NOW };
    at = await respellAddresses(ports, at).catch(() => at);
  }
  expect(at).toBeNull();
  const seen = await env.DB.prepare(
    "SELECT count(*) AS n, sum(email = 'ann.' || person_id || '@x.example') AS respelt FROM leads",
  ).first();
  expect(seen).toEqual({ n: 5600, respelt: 5600 });
  expect(await pass()).toBe(0);
});

test.each(cases.one_mailbox)("of older leads with one mailbox one is left, the oldest: %j", async (...spellings) => {
  await forgetLeads();
  const ids: string[] = [];
  for (const email of new Set(spellings.map((each) => each.trim().toLowerCase()))) ids.push(await anOldLead({ email }));
  await pass();
  const leads = await Promise.all(ids.map(leadOf));
  expect(leads.map((lead) => lead?.outcome)).toEqual(["open", ...ids.slice(1).map(() => "rejected")]);
  expect(leads.at(-1)?.error).toBe("Another lead has this mailbox.");
  expect(await miscounted()).toEqual([]);
  expect(await pass()).toBe(0);
});

test.each<[string, OldLead, OldLead, [string, string]]>([
  [
    "the one that is further",
    { email: "a@x.example" },
    { email: "a+b@x.example", stage: "written" },
    ["rejected", "open"],
  ],
  [
    "the one that is further, though the other has the new spelling",
    { email: "a@x.example", stage: "verified" },
    { email: "a@x.example.", stage: "written" },
    ["rejected", "open"],
  ],
  [
    "the one that is pushed",
    { email: "a+b@x.example", stage: "written" },
    { email: "a+c@x.example", stage: "pushed", outcome: "pushed" },
    ["rejected", "pushed"],
  ],
  [
    "the one that is pushed, of a lead that failed and could be retried",
    { email: "a@x.example.", stage: "written", outcome: "failed" },
    { email: "a@x.example", stage: "pushed", outcome: "pushed" },
    ["rejected", "pushed"],
  ],
  [
    "both, once both are pushed",
    { email: "a@x.example.", stage: "pushed", outcome: "pushed" },
    { email: "a@x.example", stage: "pushed", outcome: "pushed" },
    ["pushed", "pushed"],
  ],
  ["each its own", { email: "a+b@x.example" }, { email: "a+b@y.example" }, ["open", "open"]],
])("a mailbox that two older leads have keeps %s", async (_, first, second, outcomes) => {
  await forgetLeads();
  const ids = [await anOldLead(first), await anOldLead(second)];
  await pass();
  expect((await Promise.all(ids.map(leadOf))).map((lead) => lead?.outcome)).toEqual(outcomes);
  expect(await miscounted()).toEqual([]);
  expect(await pass()).toBe(0);
});

test("a lead whose attempt is alive is left until it has ended, and the pass with it", async () => {
  await forgetLeads();
  await insertJobs(await createCampaign(), 1, { type: "FETCH_LEADS", status: "RUNNING", lease_until: FAR });
  const kept = await anOldLead({ email: "a@x.example" });
  const other = await anOldLead({ email: "a@x.example.", job: { status: "RUNNING", lease_until: FAR } });
  const ports = { addresses: createAddressStore(env.DB), now: () => NOW };
  const at = (await respellAddresses(ports, FIRST_LEAD)) as LeadKey;
  expect(at).not.toBeNull();
  expect(await leadOf(other)).toMatchObject({ outcome: "open" });
  const waits = (status: string, lease: number | null) =>
    env.DB.prepare("UPDATE job_rows SET queued_epoch = NULL, status = ?2, lease_until = ?3 WHERE lead_id = ?1")
      .bind(other, status, lease)
      .run();
  // Paused while its last call is under way: that may be its push.
  await waits("RUNNING", FAR);
  expect(await respellAddresses(ports, at)).toEqual(at);
  await waits("PENDING", null);
  expect(await respellAddresses(ports, at)).toBeNull();
  expect([await leadOf(kept), await leadOf(other)]).toMatchObject([{ outcome: "open" }, { outcome: "rejected" }]);
});

test("what is no address stays, and costs nothing: the lead ends as rejected, and the verifier is not asked", async () => {
  await forgetLeads();
  await call("POST", "/sandbox/reset");
  const id = await anOldLead({ email: "a@x.example;b@x.example" });
  const twin = [
    await anOldLead({ email: "c@x.example", stage: "written" }),
    await anOldLead({ email: "c@x.example." }),
  ];
  await pass();
  expect(await leadOf(id)).toMatchObject({ email: "a@x.example;b@x.example", outcome: "open" });
  const { results } = await env.DB.prepare("SELECT id FROM jobs WHERE lead_id IN (?1, ?2)")
    .bind(id, twin[1])
    .all<{ id: string }>();
  await worker.queue(createMessageBatch("andon-lead-jobs", [firstMessage(results.map((job) => job.id))]), env);
  expect(await leadOf(id)).toMatchObject({ stage: "found", outcome: "rejected", error: expect.any(String) });
  const { results: jobs } = await env.DB.prepare("SELECT status FROM jobs WHERE lead_id IN (?1, ?2)")
    .bind(id, twin[1])
    .all();
  expect(jobs).toEqual([{ status: "COMPLETED" }, { status: "COMPLETED" }]);
  expect(await ledger()).toEqual([]);
  expect(await miscounted()).toEqual([]);
});

test("an idle installation gets there with the cron, once more a quarter of an hour later, and then never again", async () => {
  await forgetLeads();
  const wakes = async () => {
    await theBreaker().heal();
    await runDurableObjectAlarm(theBreaker());
  };
  const spelt = async (email: string) => {
    const id = await anOldLead({ email, outcome: "failed" });
    await env.DB.prepare("UPDATE campaigns SET status = 'COMPLETED'").run();
    await wakes();
    return (await leadOf(id))?.email;
  };
  await passesDone(0);
  expect(await spelt("one@x.example.")).toBe("one@x.example");
  // The second pass is not due yet.
  expect(await spelt("two@x.example.")).toBe("two@x.example.");
  await passesDone(1);
  expect(await spelt("three@x.example.")).toBe("three@x.example");
  await passesDone(2);
  expect(await spelt("four@x.example.")).toBe("four@x.example.");
});
