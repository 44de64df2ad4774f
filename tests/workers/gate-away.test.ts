import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { breaker, campaignEnds, close, eventually, ledger, request, startedCampaign } from "./line.ts";
import { gateCloses, miscounted, rowsOf } from "./rows.ts";

const refuse = (words: string) =>
  env.DB.exec(`CREATE TRIGGER refuse_gate BEFORE UPDATE ON breaker_gate BEGIN SELECT RAISE(ABORT, '${words}'); END`);
const dropRefusal = () => env.DB.exec("DROP TRIGGER IF EXISTS refuse_gate");

afterEach(async () => {
  await dropRefusal();
  await close();
  await gateCloses();
});

test("a stop and a close are acknowledged though D1 cannot take the gate's row, and D1 shows them as soon as it can", async () => {
  const id = await startedCampaign({ target_leads: 30 });
  await eventually("leads are at work", async () => (await rowsOf(id)).some(({ type }) => type === "ENRICH_LEAD"));
  await refuse("database or disk is full");
  const stopped = await request("POST", "/queue-management/pause", { body: { reason: "D1 is full" } });
  expect(stopped.status).toBe(200);
  expect((await breaker()).state).toBe("open");
  const before = (await ledger()).length;
  await scheduler.wait(1_500);
  expect((await ledger()).length).toBe(before);

  await dropRefusal();
  await eventually("all are paused, with the reason", async () => {
    const unfinished = (await rowsOf(id)).filter(({ status }) => !["COMPLETED", "FAILED"].includes(status));
    return unfinished.length > 0 && unfinished.every(({ pause_reason }) => pause_reason?.includes("D1 is full"));
  });
  expect((await ledger()).length).toBe(before);
  expect(await miscounted()).toEqual([]);
  await refuse("not now");
  await close();
  await dropRefusal();
  expect((await campaignEnds(id)).status).toBe("COMPLETED");
});
