import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { PROVIDERS } from "../../src/domain/fault.ts";
import { perSecondOf, type Rate } from "../../src/domain/throttle.ts";
import { Throttle } from "../../src/index.ts";
import { ratesOf } from "../../src/platform/config.ts";
import { breaker, breakProvider, campaignEnds, call, ledger, startedCampaign } from "./line.ts";
import { rowsOf } from "./rows.ts";
import { startNamed } from "./stops.ts";

/** When calls to a provider arrived, those of one path where it is given; a bulk call once. */
async function arrivals(provider: string, path = ""): Promise<number[]> {
  const calls = (await ledger()).filter((each) => each.provider === provider && each.path.includes(path));
  return calls.map((each) => new Date(each.at).getTime()).toSorted((a, b) => a - b);
}

/** Stretches in which more arrived than the rate and one burst allow. */
function tooFast(at: number[], rate: Rate) {
  return at.flatMap((from, first) =>
    at
      .slice(first)
      .flatMap((to, more) =>
        more + 1 > perSecondOf(rate) * ((to - from) / 1_000) + rate.atOnce ? [{ calls: more + 1, ms: to - from }] : [],
      ),
  );
}

test("millionverifier is never called faster than its rate and one burst allow, and waiting opens nothing", async () => {
  const rate = ratesOf(env).millionverifier;
  const many = Math.round(2.4 * rate.atOnce);
  const before = await breaker();
  await startNamed("");
  // All are rejected: nothing but verification has to be waited for.
  await breakProvider({ provider: "millionverifier", kind: "bad_lead" });
  const { campaign: made } = await call<{ campaign: { id: string } }>("POST", "/campaigns", {
    name: "Many",
    target_leads: many,
    search: { person_titles: ["many"] },
    message: { sender_name: "Ada", offer: "a faster pipeline" },
  });
  await call("POST", `/campaigns/${made.id}/start`);
  const done = await campaignEnds(made.id);
  expect(done).toMatchObject({ status: "COMPLETED", progress: { leads: { rejected: many } } });

  const at = await arrivals("millionverifier");
  expect(at).toHaveLength(many);
  expect(tooFast(at, rate)).toEqual([]);
  expect(await breaker()).toEqual(before);
  expect(new Set((await rowsOf(made.id)).map((job) => `${job.status} ${job.attempts}`))).toEqual(
    new Set(["COMPLETED 1"]),
  );
});

test("apollo's searches never begin faster than their own rate, while its reveals go at theirs", async () => {
  const rates = ratesOf(env);
  const many = 3 * rates["apollo.search"].atOnce;
  const before = await breaker();
  await startNamed("");
  await breakProvider({ provider: "millionverifier", kind: "bad_lead" });
  const ids = await Promise.all(Array.from({ length: many }, () => startedCampaign({ target_leads: 1 })));
  for (const id of ids) expect((await campaignEnds(id)).status).toBe("COMPLETED");

  const searches = await arrivals("apollo", "search");
  const reveals = await arrivals("apollo", "bulk_match");
  expect([searches.length, reveals.length]).toEqual([many, many]);
  expect(tooFast(searches, rates["apollo.search"])).toEqual([]);
  expect(tooFast(reveals, rates["apollo.reveal"])).toEqual([]);
  expect(await breaker()).toEqual(before);
});

test("a search that has to wait holds no reveal up", async () => {
  const [search, reveal] = [env.THROTTLE.getByName("apollo.search"), env.THROTTLE.getByName("apollo.reveal")];
  const ids = Array.from({ length: ratesOf(env)["apollo.search"].atOnce + 1 }, (_, n) => `search ${n}`);
  const searches = await search.acquire("apollo.search", ids);
  expect(searches.permits.length).toBeLessThan(ids.length);
  const more = search.acquire("apollo.search", ["one more"]);
  expect((await reveal.acquire("apollo.reveal", ["reveal"])).permits).toMatchObject([{ id: "reveal" }]);
  await search.release(ids, []);
  expect((await more).permits).toMatchObject([{ id: "one more" }]);
  await search.release(["one more"], []);
  await reveal.release(["reveal"], []);
});

test("a rate an hour holds although its throttle is put out between two calls", async () => {
  const slow = {
    ...env,
    PROVIDER_RATES: Object.fromEntries(PROVIDERS.map((name) => [name, { perHour: 60, atOnce: 5 }])),
  };
  await runInDurableObject(env.THROTTLE.getByName("a slow one"), async (_, state) => {
    const first = await new Throttle(state, slow).acquire("apollo.reveal", ["first"]);
    expect(first.permits).toMatchObject([{ id: "first", delayMs: 0 }]);
    const second = await new Throttle(state, slow).acquire("apollo.reveal", ["second"]);
    expect(second.permits).toEqual([]);
    expect(second.retryAfterMs).toBeGreaterThan(1_000);
    expect(await new Throttle(state, slow).nextSlotMs("apollo.reveal")).toBeGreaterThan(50_000);
    // Nothing but the slot is remembered, and that for no longer than the rate is so slow.
    const raised = await new Throttle(state, env).acquire("apollo.reveal", ["third"]);
    expect(raised.permits).toMatchObject([{ id: "third" }]);
  });
});

test("who asks by a name that is no rate's, as an earlier version does, waits and breaks nothing", async () => {
  const asked = env.THROTTLE.getByName("apollo").acquire("apollo" as never, ["one"]);
  expect(await asked).toEqual({ permits: [], retryAfterMs: 1_000 });
});
