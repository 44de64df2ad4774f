import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { providersOf } from "../../src/wiring.ts";
import {
  breakProvider,
  call,
  campaign,
  campaignEnds,
  close,
  createCampaign,
  breakerOpens,
  failureOf,
  ledger,
  mendProviders,
  request,
  startedCampaign,
  summary,
} from "./line.ts";
import { miscounted, rowsOf } from "./rows.ts";

async function aSenderCampaign(): Promise<string> {
  const made = await providersOf(env).instantly.createCampaign(`Another ${crypto.randomUUID()}`);
  if (made.outcome !== "answered") throw new Error("the sandbox made no sender campaign");
  return made.value;
}

test("a sender campaign that was deleted is replaced, and a retry pushes what was written without buying it again", async () => {
  await call("POST", "/sandbox/reset");
  await breakProvider({ provider: "instantly", kind: "server_error", path: "/leads/add" });
  const id = await startedCampaign({ target_leads: 4 });
  await breakerOpens();
  const deleted = (await campaign(id)).instantly_campaign_id;
  await call("PUT", "/sandbox/sender", { deleted_campaign: deleted });
  await mendProviders();
  await close();
  const ended = await campaignEnds(id);
  const { written, pushed, failed } = ended.progress.leads;
  expect(pushed).toBe(0);
  expect(written).toBeGreaterThan(0);
  expect(failed).toBe(written);
  expect((await rowsOf(id)).find((job) => job.status === "FAILED")?.error).toContain("does not know the campaign");

  const other = await aSenderCampaign();
  const changed = await call<{ campaign: { instantly_campaign_id: string } }>("PATCH", `/campaigns/${id}`, {
    instantly_campaign_id: other,
  });
  expect(changed.campaign.instantly_campaign_id).toBe(other);
  const before = (await ledger()).length;
  expect(await call("POST", "/jobs/retry", { campaign_id: id })).toMatchObject({ retried: written });
  const done = await campaignEnds(id);
  expect(done.progress.leads).toMatchObject({ written, pushed: written, failed: 0 });
  expect((await summary()).pushed[other]).toBe(written);
  const since = (await ledger()).slice(before);
  expect(new Set(since.map(({ provider }) => provider))).toEqual(new Set(["instantly"]));
  expect(await miscounted()).toEqual([]);
});

test("nothing else of a campaign that was started changes, and it is never left without a sender campaign", async () => {
  const id = await startedCampaign({ target_leads: 1 });
  await campaignEnds(id);
  const other = await aSenderCampaign();
  for (const body of [{ name: "New" }, { instantly_campaign_id: other, name: "New" }, { instantly_campaign_id: null }])
    await failureOf(await request("PATCH", `/campaigns/${id}`, { body }), 409, "invalid_transition");
  expect((await campaign(id)).instantly_campaign_id).not.toBe(other);
  const created = await createCampaign({ instantly_campaign_id: other });
  await call("PATCH", `/campaigns/${created}`, { instantly_campaign_id: null });
  expect((await campaign(created)).instantly_campaign_id).toBeNull();
});
