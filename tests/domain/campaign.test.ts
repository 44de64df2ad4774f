import { describe, expect, test } from "vitest";
import {
  type Campaign,
  CAMPAIGN_STATUSES,
  type LeadCounts,
  percentDone,
  senderCampaignName,
  startErrors,
} from "../../src/domain/campaign.ts";

function aCampaign({ leads, ...changes }: Partial<Omit<Campaign, "progress">> & { leads?: Partial<LeadCounts> } = {}) {
  const none = { found: 0, verified: 0, rejected: 0, researched: 0, written: 0, pushed: 0, failed: 0 };
  const jobs = { PENDING: 0, RUNNING: 0, PAUSED: 0, COMPLETED: 0, FAILED: 0, CANCELLED: 0 };
  const campaign: Campaign = {
    id: "campaign-1",
    name: "Spring",
    description: null,
    targetLeads: 100,
    search: { person_titles: ["CEO"] },
    message: { sender_name: "Charles", offer: "Better cogs" },
    instantlyCampaignId: null,
    refuseCatchAll: false,
    status: "RUNNING",
    error: null,
    createdAt: 0,
    startedAt: null,
    completedAt: null,
    failedAt: null,
    ...changes,
    progress: { jobs, leads: { ...none, ...leads }, failing: null, updatedAt: null },
  };
  return campaign;
}

describe("starting", () => {
  test("a created campaign needs nothing but a closed breaker", () => {
    expect(startErrors("CREATED", true)).toEqual([]);
    expect(startErrors("CREATED", false)).toEqual(["The circuit breaker is open: an operator must close it first."]);
  });

  test.each(["RUNNING", "COMPLETED", "FAILED"] as const)("a %s campaign is refused by its own status", (status) => {
    expect(startErrors(status, true)).toEqual([`The campaign is ${status}: only a CREATED campaign can be started.`]);
  });

  test("both hindrances are named at once", () => {
    expect(startErrors("COMPLETED", false)).toHaveLength(2);
  });
});

test("a campaign has four states, and none of them is paused", () => {
  expect(CAMPAIGN_STATUSES).toEqual(["CREATED", "RUNNING", "COMPLETED", "FAILED"]);
});

describe("percent done", () => {
  test("is 0 before anything happened", () => {
    expect(percentDone(aCampaign({ status: "CREATED" }))).toBe(0);
  });

  test("counts the leads that are pushed, rejected and failed, of the target", () => {
    const leads = { found: 40, pushed: 10, rejected: 5, failed: 5, verified: 30, researched: 20, written: 15 };
    expect(percentDone(aCampaign({ targetLeads: 200, leads }))).toBe(10);
  });

  test("is a whole number, rounded down", () => {
    expect(percentDone(aCampaign({ targetLeads: 3, leads: { found: 3, pushed: 2 } }))).toBe(66);
  });

  test("is of the leads found when they are more than the target", () => {
    expect(percentDone(aCampaign({ targetLeads: 10, leads: { found: 40, pushed: 10 } }))).toBe(25);
  });

  test.each(["CREATED", "RUNNING", "FAILED"] as const)("is never 100 while the campaign is %s", (status) => {
    expect(percentDone(aCampaign({ status, targetLeads: 10, leads: { found: 10, pushed: 10 } }))).toBe(99);
    expect(percentDone(aCampaign({ status, targetLeads: 10, leads: { found: 10, pushed: 9, rejected: 4 } }))).toBe(99);
  });

  test("is 100 when the campaign is completed, however few leads there were", () => {
    expect(percentDone(aCampaign({ status: "COMPLETED", targetLeads: 100, leads: { found: 3, pushed: 1 } }))).toBe(100);
    expect(percentDone(aCampaign({ status: "COMPLETED" }))).toBe(100);
  });

  test("never falls as leads are done with", () => {
    let before = 0;
    for (let pushed = 0; pushed <= 37; pushed++) {
      const percent = percentDone(aCampaign({ targetLeads: 37, leads: { found: 37, pushed } }));
      expect(percent).toBeGreaterThanOrEqual(before);
      before = percent;
    }
    expect(before).toBe(99);
  });
});

describe("the sender's campaign", () => {
  test("has a name that holds the campaign's name and id", () => {
    expect(senderCampaignName(aCampaign({ id: "c-7", name: "Spring" }))).toBe("Spring (Andon c-7)");
  });

  test("has another name for another campaign of the same name", () => {
    expect(senderCampaignName(aCampaign({ id: "c-7" }))).not.toBe(senderCampaignName(aCampaign({ id: "c-8" })));
  });
});
