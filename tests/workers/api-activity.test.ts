import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { ServiceActivity } from "../../src/contract/activity.ts";
import { type Provider, PROVIDERS } from "../../src/domain/fault.ts";
import { RATE_NAMES } from "../../src/domain/throttle.ts";
import {
  allPaused,
  breakerOpens,
  breakProvider,
  campaignEnds,
  close,
  dataOf,
  eventually,
  failureOf,
  ledger,
  mendProviders,
  request,
  startedCampaign,
} from "./line.ts";

/** The ledger shows a bulk reveal as a line for each person, and a question to the sender as one for each address. */
const ONE_LINE_A_CALL: readonly Provider[] = PROVIDERS.filter((name) => name !== "apollo" && name !== "instantly");

const activity = async (query = "") =>
  dataOf(await request("GET", `/queue-management/services/activity${query}`), 200, ServiceActivity);

async function counted() {
  const { services } = await activity();
  const lines = services.filter(({ provider }) => ONE_LINE_A_CALL.includes(provider));
  return Object.fromEntries(lines.map(({ provider, total: { calls, faults } }) => [provider, [calls, faults]]));
}

/** What the services themselves have seen. */
async function seen(since: Record<string, number[]> = {}) {
  const calls = await ledger();
  return Object.fromEntries(
    ONE_LINE_A_CALL.map((provider) => {
      const mine = calls.filter((each) => each.provider === provider);
      const [before = 0, faults = 0] = since[provider] ?? [];
      return [
        provider,
        [before + mine.length, faults + mine.filter(({ outcome }) => outcome === "server_error").length],
      ];
    }),
  );
}

test("each call is counted where it was made, a fault as a fault, and an eviction forgets none that were saved", async () => {
  const before = await counted();
  const id = await startedCampaign({ target_leads: 4 });
  await campaignEnds(id);
  await breakProvider({ provider: "perplexity", kind: "server_error" });
  const other = await startedCampaign({ target_leads: 4 });
  await breakerOpens();
  await allPaused();
  const calls = await seen(before);
  expect(calls["perplexity"]?.[1]).toBeGreaterThan(before["perplexity"]?.[1] ?? 0);
  await eventually("all calls were counted", async () => JSON.stringify(await counted()) === JSON.stringify(calls));
  for (const name of RATE_NAMES) {
    await runDurableObjectAlarm(env.THROTTLE.getByName(name));
    await evictDurableObject(env.THROTTLE.getByName(name));
  }
  expect(await counted()).toEqual(calls);
  await mendProviders();
  await close();
  await campaignEnds(other);
});

test("a service shows its rates as they are set, and its calls of every kind together", async () => {
  const apollo = async () => (await activity()).services.find(({ provider }) => provider === "apollo");
  const arrived = async () => {
    const calls = (await ledger()).filter(({ provider }) => provider === "apollo");
    return new Set(calls.map(({ path, at }) => `${path} ${at}`));
  };
  const [before, seenBefore] = [(await apollo())?.total.calls ?? 0, await arrived()];
  await campaignEnds(await startedCampaign({ target_leads: 4 }));
  const made = [...(await arrived()).difference(seenBefore)];
  expect(new Set(made.map((each) => each.split(" ")[0])).size).toBe(2);
  await eventually("all were counted", async () => (await apollo())?.total.calls === before + made.length);
  expect((await apollo())?.rates).toEqual([
    { name: "apollo.search", per_minute: 190, at_once: 5 },
    { name: "apollo.reveal", per_minute: 900, at_once: 10 },
  ]);
});

test("a viewer may look, up to a day back", async () => {
  const response = await request("GET", "/queue-management/services/activity?hours=24", { token: "sandbox-viewer" });
  const { stretch_seconds, services } = await dataOf(response, 200, ServiceActivity);
  expect(stretch_seconds).toBe(24 * 60);
  expect(services.map(({ provider }) => provider)).toEqual([...PROVIDERS]);
  for (const hours of ["0", "25", "1.5", "day"])
    await failureOf(await request("GET", `/queue-management/services/activity?hours=${hours}`), 400, "invalid_request");
});
