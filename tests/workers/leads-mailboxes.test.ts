import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createLeadStore } from "../../src/db/leads.ts";
import { addressOf } from "../../src/domain/mailbox.ts";
import type { Reservation } from "../../src/ports/leads.ts";
import cases from "../cases/addresses.json" with { type: "json" };
import { createCampaign, ledger } from "./line.ts";
import { miscounted, insertJobs } from "./rows.ts";

const NOTHING = { page: 1, exhausted: false, candidates: [], reserved: [], creditsSpent: 0 };

/** A search of a campaign, which may reveal people. */
async function aSearch() {
  const campaignId = await createCampaign();
  const [jobId = ""] = await insertJobs(campaignId, 1, { type: "FETCH_LEADS", status: "RUNNING", progress: null });
  return { jobId, dispatch: 1, campaignId };
}

function aPerson(personId: string, email: string | null) {
  const nothing = { title: null, headline: null, linkedinUrl: null, company: null, companyWebsite: null };
  return { personId, email, firstName: "Ann", lastName: "Lee", ...nothing };
}

/** Reveals people with these addresses in one call. Returns the addresses of those who became leads. */
async function reveal(search: Awaited<ReturnType<typeof aSearch>>, emails: (string | null)[], db = env.DB) {
  const store = createLeadStore(db);
  const wanted: Reservation[] = emails.map(() => ({
    leadId: crypto.randomUUID(),
    jobId: crypto.randomUUID(),
    personId: crypto.randomUUID(),
  }));
  const reserved = (await store.reserve(search, wanted, NOTHING, 1)) ?? [];
  // The service answers in an order of its own.
  const people = reserved.map(({ personId }, at) => aPerson(personId, emails[at] ?? null)).toReversed();
  const { made } = await store.reveal(search, { reserved, people, progress: NOTHING }, 2);
  const ids = JSON.stringify(reserved.map(({ leadId }) => leadId));
  const { results } = await env.DB.prepare(
    "SELECT email, stage FROM leads WHERE id IN (SELECT value FROM json_each(?1)) ORDER BY id",
  )
    .bind(ids)
    .all<{ email: string | null; stage: string }>();
  const found = results.filter((lead) => lead.stage === "found").map((lead) => lead.email);
  expect(results.map((lead) => lead.stage)).not.toContain("reserved");
  expect(made).toHaveLength(found.length);
  expect(await miscounted()).toEqual([]);
  return found;
}

/** So that cases that name the same address do not meet. */
const elsewhere = (mark: string) => (text: string) => text.replace(/@/, `@${mark}.`);

test.each(cases.one_mailbox)("people of one reveal who share a mailbox are one lead: %j", async (...spellings) => {
  const emails = spellings.map(elsewhere("one"));
  expect(await reveal(await aSearch(), emails)).toEqual([addressOf(emails[0] ?? "")]);
});

test.each(cases.one_mailbox)("of campaigns that find one mailbox the first has it: %j", async (...spellings) => {
  const [first = "", ...others] = spellings.map(elsewhere("many"));
  expect(await reveal(await aSearch(), [first])).toEqual([addressOf(first)]);
  for (const other of others) expect(await reveal(await aSearch(), [other])).toEqual([]);
});

test("a tag makes no second mailbox, whichever comes first, and stays in the address of the lead", async () => {
  expect(await reveal(await aSearch(), ["tag@first.example"])).toEqual(["tag@first.example"]);
  expect(await reveal(await aSearch(), ["tag+a@first.example"])).toEqual([]);
  expect(await reveal(await aSearch(), ["tag+a@then.example"])).toEqual(["tag+a@then.example"]);
  expect(await reveal(await aSearch(), ["tag@then.example", "tag+b@then.example", "TAG+A@then.example"])).toEqual([]);
  expect(await reveal(await aSearch(), ["tag+b@both.example", "tag+c@both.example"])).toEqual(["tag+b@both.example"]);
});

test("an address that only begins like another, or has another domain, is a mailbox of its own", async () => {
  const emails = ["bo@own.example", "bo+a@owner.example", "bo.b+a@own.example", "bob@own.example", "bo-+a@own.example"];
  for (const email of emails) expect(await reveal(await aSearch(), [email])).toEqual([email]);
});

test.each(cases.kept)("%s is found as it is", async (email) => {
  expect(await reveal(await aSearch(), [email])).toEqual([email]);
});

test("people with what is no address are dropped, and nobody is asked about it", async () => {
  const before = (await ledger()).length;
  expect(await reveal(await aSearch(), [...cases.no_address, null, ""])).toEqual([]);
  expect((await ledger()).length).toBe(before);
});

test("a reveal that is written twice makes its leads once", async () => {
  const search = await aSearch();
  const [jobId, leadId, personId] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  const store = createLeadStore(env.DB);
  const reserved = (await store.reserve(search, [{ jobId, leadId, personId }], NOTHING, 1)) ?? [];
  const revealed = { reserved, people: [aPerson(personId, "twice@x.example")], progress: NOTHING };
  await store.reveal(search, revealed, 2);
  const { made } = await store.reveal(search, revealed, 3);
  expect(made).toMatchObject([{ jobId }]);
  expect(await env.DB.prepare("SELECT email, stage FROM leads WHERE id = ?1").bind(leadId).first()).toEqual({
    email: "twice@x.example",
    stage: "found",
  });
  expect(await miscounted()).toEqual([]);
});

test("to look for a mailbox, the index of addresses is searched, and no table is scanned", async () => {
  const texts: string[] = [];
  const watched = {
    prepare: (sql: string) => {
      texts.push(sql);
      return env.DB.prepare(sql);
    },
    batch: (statements: D1PreparedStatement[]) => env.DB.batch(statements),
  } as unknown as D1Database;
  await reveal(await aSearch(), ["plan@x.example"], watched);
  const text = texts.find((sql) => sql.includes("AS other")) ?? "";
  const parameters = Math.max(...[...text.matchAll(/\?(\d+)/g)].map(([, n]) => Number(n)));
  const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${text}`)
    .bind(...Array.from({ length: parameters }, () => null))
    .all<{ detail: string }>();
  const plan = results.map(({ detail }) => detail);
  expect(plan).toContainEqual(expect.stringMatching(/SEARCH other USING .*INDEX leads_email \(email=\?\)/));
  expect(plan).toContainEqual(
    expect.stringMatching(/SEARCH other USING .*INDEX leads_email \(email>\? AND email<\?\)/),
  );
  expect(plan.filter((detail) => detail.startsWith("SCAN") && !detail.startsWith("SCAN m "))).toEqual([]);
});
