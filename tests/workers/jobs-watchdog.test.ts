import { createScheduledController, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import worker from "../../src/index.ts";
import { breaker, campaign, campaignEnds, close, createCampaign } from "./line.ts";
import { insertJobs, miscounted, rowsOf, theBreaker } from "./rows.ts";

const MINUTE = 60_000;
const look = async () => {
  await theBreaker().heal();
  await runDurableObjectAlarm(theBreaker());
};

async function aJob(fields: Record<string, string | number | null>) {
  const id = await createCampaign();
  await insertJobs(id, 1, fields);
  return { id, row: async () => (await rowsOf(id))[0] };
}

test("the watchdog sends again what lost its message or its worker, and leaves alone what may still move", async () => {
  const now = Date.now();
  const lost = await aJob({ queued_at: now - MINUTE });
  const dead = await aJob({ status: "RUNNING", attempts: 1, lease_until: now - 1 });
  const young = await aJob({ queued_at: now });
  const alive = await aJob({ status: "RUNNING", attempts: 1, lease_until: now + MINUTE, queued_at: now - MINUTE });
  const left = [await young.row(), await alive.row()];
  await look();
  expect((await campaignEnds(lost.id)).status).toBe("COMPLETED");
  expect((await campaignEnds(dead.id)).status).toBe("COMPLETED");
  expect(await lost.row()).toMatchObject({ status: "COMPLETED", dispatch: 2, attempts: 1 });
  expect(await dead.row()).toMatchObject({ status: "COMPLETED", dispatch: 2, attempts: 2 });
  expect([await young.row(), await alive.row()]).toEqual(left);
  expect((await campaign(alive.id)).status).toBe("RUNNING");
  expect(await miscounted()).toEqual([]);
});

test("a RUNNING campaign whose jobs are all finished is completed, though nobody told it", async () => {
  const { id } = await aJob({ status: "COMPLETED", finished_at: Date.now() });
  await look();
  expect(await campaignEnds(id)).toMatchObject({ status: "COMPLETED", completed_at: expect.any(String) });
});

test("a campaign with a job of any unfinished kind is not completed", async () => {
  const unfinished = await Promise.all([
    aJob({}),
    aJob({ status: "RUNNING", lease_until: Date.now() + MINUTE }),
    aJob({ status: "PAUSED" }),
  ]);
  for (const { id } of unfinished) {
    await insertJobs(id, 2, { status: "COMPLETED", finished_at: Date.now() });
    await env.CAMPAIGN.getByName(id).changed(id);
    await runDurableObjectAlarm(env.CAMPAIGN.getByName(id));
    expect((await campaign(id)).status).toBe("RUNNING");
  }
});

test("while the breaker is open the watchdog sends nothing, takes nothing back and closes nothing", async () => {
  await theBreaker().stop("ada", "a look");
  const opened = await breaker();
  const lost = await aJob({ status: "PAUSED", queued_at: 1, lease_until: 1 });
  const dead = await aJob({ status: "RUNNING", attempts: 1, lease_until: 1, queued_at: 1 });
  const before = [await lost.row(), await dead.row()];
  for (let looks = 0; looks < 3; looks++) await look();
  expect([await lost.row(), await dead.row()]).toEqual(before);
  expect(await breaker()).toEqual(opened);
  // Leases of the tests before would hold up the resume.
  await env.DB.prepare("UPDATE job_rows SET lease_until = 1 WHERE lease_until > 1").run();
  await close();
  expect((await campaignEnds(lost.id)).status).toBe("COMPLETED");
  await look();
  expect((await campaignEnds(dead.id)).status).toBe("COMPLETED");
});

test("the cron wakes the watchdog", async () => {
  const lost = await aJob({ queued_at: Date.now() - MINUTE });
  await worker.scheduled(createScheduledController(), env);
  expect((await campaignEnds(lost.id)).status).toBe("COMPLETED");
  expect(await lost.row()).toMatchObject({ dispatch: 2 });
});
