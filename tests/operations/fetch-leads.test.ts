import { describe, expect, test } from "vitest";
import { fetchLeads } from "../../src/operations/lead/fetch.ts";
import { people, answerOf, aWorld, aSearch, anAttempt, toApollo } from "./fetch-world.ts";

test("a search that is long hands itself on long before its invocation has used up what it may ask for", async () => {
  const pages = Array.from({ length: 20 }, (_, page) => people(100, { from: page * 100 }));
  const { ports, calls, happened } = aWorld({ work: aSearch({ targetLeads: 2_000 }), pages, totalEntries: 2_000 });
  let ofD1 = 0;
  let others = 0;
  ports.line.call = async (_attempt, _rate, makeCall) => {
    // An admission before and after the permit, the permit, its return, and the call itself.
    others += 5;
    return answerOf(await makeCall());
  };
  const { persist } = ports;
  ports.persist = (write) => {
    // A reveal, the largest of its batches, has seven statements.
    ofD1 += 7;
    return persist(write);
  };
  expect(await fetchLeads(ports, anAttempt())).toEqual({ becomes: "PENDING" });
  expect(calls.length).toBe(60);
  expect(happened.length).toBeGreaterThan(60);
  expect(ofD1).toBeLessThanOrEqual(1_000);
  expect(others).toBeLessThanOrEqual(1_000);
});

describe("finding people", () => {
  test("searches, reserves and reveals, each saved before the next call, until the target is reached", async () => {
    const { ports, happened, sent } = aWorld();
    expect(await fetchLeads(ports, anAttempt())).toEqual({
      becomes: "COMPLETED",
      result: { found: 5, pages: 1, credits: 5 },
    });
    expect(happened).toEqual([
      "search 1",
      "save page",
      "save reserved",
      "reveal p0 p1 p2 p3 p4",
      "save revealed",
      "ask for p0 p1 p2 p3 p4",
      "save asked",
    ]);
    expect(sent).toHaveLength(5);
  });

  test("reveals at most ten at once, and at most what is still wanted", async () => {
    const { ports, calls } = aWorld({ work: aSearch({ targetLeads: 23 }) });
    await fetchLeads(ports, anAttempt());
    const sizes = calls.filter((call) => call.startsWith("reveal")).map((call) => call.split(" ").length - 1);
    expect(sizes).toEqual([10, 10, 3]);
  });

  test("counts the leads found before", async () => {
    const { ports, calls } = aWorld({ work: aSearch({ targetLeads: 5, found: 3 }) });
    await fetchLeads(ports, anAttempt());
    expect(toApollo(calls)).toEqual(["search 1", "reveal p0 p1"]);
  });

  test("drops people without an address before they cost anything", async () => {
    const mixed = [...people(3, { hasEmail: false }), ...people(2, { from: 3 })];
    const { ports, calls } = aWorld({ pages: [mixed], totalEntries: 5 });
    await fetchLeads(ports, anAttempt());
    expect(toApollo(calls)).toEqual(["search 1", "reveal p3 p4"]);
  });

  test("neither reveals nor counts people whom a campaign has already", async () => {
    const { ports, calls } = aWorld({ taken: ["p0", "p2"], work: aSearch({ targetLeads: 3 }) });
    expect(await fetchLeads(ports, anAttempt())).toMatchObject({ result: { found: 3, credits: 3 } });
    expect(toApollo(calls)).toEqual(["search 1", "reveal p1", "reveal p3 p4"]);
  });

  test("replaces people whose reveal shows no address", async () => {
    const { ports, calls } = aWorld({ hidden: ["p1"], work: aSearch({ targetLeads: 2 }) });
    expect(await fetchLeads(ports, anAttempt())).toMatchObject({ result: { found: 2, credits: 3 } });
    expect(toApollo(calls)).toEqual(["search 1", "reveal p0 p1", "reveal p2"]);
  });

  test("reads the next page when one is used up", async () => {
    const pages = [people(100, { hasEmail: false }), people(50, { from: 100 })];
    const { ports, calls } = aWorld({ pages, totalEntries: 150 });
    await fetchLeads(ports, anAttempt());
    expect(toApollo(calls)).toEqual(["search 1", "search 2", "reveal p100 p101 p102 p103 p104"]);
  });
});

describe("the end of the search", () => {
  test.each([
    ["its count is reached", { pages: [people(2)], totalEntries: 2 }, { found: 2, pages: 1 }],
    ["a page is empty, whatever its count says", { pages: [people(2)], totalEntries: 5_000 }, { found: 2, pages: 2 }],
    ["nobody is found", { pages: [], totalEntries: 0 }, { found: 0, pages: 1 }],
  ])("is when %s; the job completes with fewer leads than wanted", async (_when, shown, result) => {
    const { ports } = aWorld(shown);
    expect(await fetchLeads(ports, anAttempt())).toMatchObject({ becomes: "COMPLETED", result });
  });

  test("is at page 500, where the service shows no more", async () => {
    const pages = Array.from({ length: 501 }, (_, index) => people(1, { from: index }));
    const { ports, calls } = aWorld({ pages, totalEntries: 90_000, work: aSearch({ targetLeads: 1_000 }) });
    const saved: unknown[] = [];
    ports.leads.saveProgress = async (_job, progress) => {
      saved.push(progress);
      return "RUNNING";
    };
    const reveal = ports.leads.reveal;
    ports.leads.reveal = (job, revealed, now) => {
      saved.push(revealed.progress);
      return reveal(job, revealed, now);
    };
    let end = await fetchLeads(ports, anAttempt());
    for (let attempts = 1; end?.becomes === "PENDING" && attempts < 50; attempts++) {
      const attempt = anAttempt();
      attempt.job.progress = JSON.stringify(saved.at(-1));
      end = await fetchLeads(ports, attempt);
    }
    expect(end).toMatchObject({ becomes: "COMPLETED", result: { pages: 500 } });
    expect(toApollo(calls)).not.toContain("search 501");
  });
});

describe("whom the sender has already", () => {
  test("in another campaign of its workspace is rejected before anything more is paid for", async () => {
    const held = [
      { email: "p1@a.example", senderCampaignId: "another" },
      { email: "p2@a.example", senderCampaignId: "another" },
      { email: "p2@a.example", senderCampaignId: "sender-1" },
      { email: "p3@a.example", senderCampaignId: "sender-1" },
    ];
    const { ports, rejected, sent } = aWorld({ held });
    await fetchLeads(ports, anAttempt());
    // The ids of leads and jobs take turns; those whom this campaign has go on, and are looked up before they are pushed.
    expect(rejected).toEqual(["id-3"]);
    expect(sent).toHaveLength(5);
  });
});

describe("a search whose people are of no use", () => {
  test("ends failed at a limit of paid reveals, which its target decides, and says what it has spent", async () => {
    const everybody = Array.from({ length: 400 }, (_, page) => people(100, { from: page * 100 }));
    const hidden = everybody.flat().map(({ personId }) => personId);
    const { ports, calls } = aWorld({
      pages: everybody,
      totalEntries: 40_000,
      hidden,
      work: aSearch({ targetLeads: 5 }),
    });
    const end = await fetchLeads(ports, anAttempt());
    expect(end).toMatchObject({ becomes: "FAILED", error: expect.stringContaining("110 people were revealed") });
    expect(calls.filter((call) => call.startsWith("reveal"))).toHaveLength(22);
  });
});
