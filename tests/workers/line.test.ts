import { expect, test } from "vitest";
import {
  allPaused,
  breakerOpens,
  breakProvider,
  campaign,
  campaignEnds,
  close,
  jobsOf,
  mendProviders,
  startedCampaign,
  summary,
} from "./line.ts";

test("a campaign runs from start to completed, and the sender holds exactly its verified leads, each once", async () => {
  const id = await startedCampaign({ target_leads: 12 });
  const done = await campaignEnds(id);
  expect(done.status).toBe("COMPLETED");
  expect(done.progress.leads.found).toBe(12);
  const { pushed, providers } = await summary();
  expect(pushed[done.instantly_campaign_id ?? ""]).toBe(done.progress.leads.verified);
  expect(Object.values(providers).map((each) => each.repeated_subjects_count)).toEqual([0, 0, 0, 0, 0]);
});

test("the first error of a provider stops the line; a close sends every job on from where it stopped", async () => {
  await breakProvider({ provider: "openai", kind: "server_error" });
  const id = await startedCampaign({ target_leads: 12 });
  const opened = await breakerOpens();
  expect(opened.reason).toMatchObject({
    source: "provider",
    provider: "openai",
    kind: "server_error",
    http_status: 500,
  });
  await allPaused();
  const stopped = await campaign(id);
  expect(stopped.status).toBe("RUNNING");
  const paused = (await jobsOf(id)).filter((job) => job.status === "PAUSED");
  expect(paused.length).toBeGreaterThan(0);
  for (const job of paused) expect(job.pause_reason).toContain("openai failed");
  await mendProviders();
  await close();
  const done = await campaignEnds(id);
  expect(done.status).toBe("COMPLETED");
  const { providers } = await summary();
  expect(Object.values(providers).map((each) => each.repeated_subjects_count)).toEqual([0, 0, 0, 0, 0]);
});
