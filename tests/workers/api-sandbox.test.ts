import { beforeEach, describe, expect, test } from "vitest";
import { LedgerPage, SANDBOX_FAULTS, SandboxFaults, SandboxSummary } from "../../src/contract/sandbox.ts";
import { PROVIDERS, type Provider } from "../../src/domain/fault.ts";
import {
  breakProvider,
  call,
  campaignEnds,
  dataOf,
  failureOf,
  ledger,
  mendProviders,
  request,
  startedCampaign,
  summary,
} from "./line.ts";

const CALL_FIELDS = ["seq", "provider", "path", "at", "subject", "outcome", "cost_usd"];

const MODELS_OWN = ["cut_text", "no_message", "billing_not_active"];
const APOLLOS_OWN = ["address_too_long", "no_addresses"];
const INSTANTLYS_OWN = ["plan_full", "known_elsewhere", "blocked"];
/** What only others can show. */
const ELSEWHERE: Record<Provider, string[]> = {
  apollo: [...MODELS_OWN, ...INSTANTLYS_OWN],
  millionverifier: ["bad_request", ...MODELS_OWN, ...APOLLOS_OWN, ...INSTANTLYS_OWN],
  perplexity: ["no_message", "billing_not_active", ...APOLLOS_OWN, ...INSTANTLYS_OWN],
  openai: [...APOLLOS_OWN, ...INSTANTLYS_OWN],
  instantly: [...MODELS_OWN, ...APOLLOS_OWN],
};

const check = (provider: string) =>
  call<{ ok: boolean; latency_ms: number; error: { kind: string } | null }>(
    "POST",
    `/queue-management/services/${provider}/check`,
  );
const page = async (query: string) =>
  (await dataOf(await request("GET", `/sandbox/calls?${query}`), 200, LedgerPage)).calls;

/** `invalid_request`, naming these fields. */
async function refused(response: Response, ...paths: string[]) {
  const { details } = await failureOf(response, 400, "invalid_request");
  expect((details as { path: string }[]).map(({ path }) => path)).toEqual(paths);
}

beforeEach(() => call("POST", "/sandbox/reset"));

describe("faults", () => {
  test("begin at the `after`-th call, last for `count` calls, and concern one provider", async () => {
    await breakProvider({ provider: "openai", kind: "server_error", after: 1, count: 2 });
    const seen: boolean[] = [];
    for (let calls = 0; calls < 4; calls++) seen.push((await check("openai")).ok);
    expect(seen).toEqual([true, false, false, true]);
    expect((await check("perplexity")).ok).toBe(true);
  });

  test("concern only calls whose path holds `path`", async () => {
    await breakProvider({ provider: "openai", kind: "server_error", path: "/no/such/path" });
    expect((await check("openai")).ok).toBe(true);
  });

  test("last until they are cleared, and all are cleared at once", async () => {
    for (const provider of PROVIDERS) await breakProvider({ provider, kind: "unauthorized" });
    for (const provider of PROVIDERS) expect((await check(provider)).error?.kind).toBe("unauthorized");
    await mendProviders();
    for (const provider of PROVIDERS) expect((await check(provider)).ok).toBe(true);
  });

  test("are told as they stand, and cleared for one provider alone", async () => {
    await breakProvider({ provider: "openai", kind: "server_error", count: 3 });
    await breakProvider({ provider: "apollo", kind: "timeout", after: 2, path: "/search" });
    await check("openai");
    const { faults } = await dataOf(await request("GET", "/sandbox/faults"), 200, SandboxFaults);
    expect(faults).toEqual([
      { provider: "openai", kind: "server_error", path: null, begins_after: 0, remaining: 2 },
      { provider: "apollo", kind: "timeout", path: "/search", begins_after: 2, remaining: null },
    ]);
    await call("DELETE", "/sandbox/faults?provider=openai");
    expect((await check("openai")).ok).toBe(true);
    const left = await dataOf(await request("GET", "/sandbox/faults"), 200, SandboxFaults);
    expect(left.faults.map(({ provider }) => provider)).toEqual(["apollo"]);
  });

  test.each(PROVIDERS)("%s can show what it can show, and a kind that it cannot is refused", async (provider) => {
    const cannot = SANDBOX_FAULTS.filter((kind) => ELSEWHERE[provider].includes(kind));
    for (const kind of SANDBOX_FAULTS) {
      const response = await request("POST", "/sandbox/faults", { body: { provider, kind, path: "/nowhere" } });
      if (cannot.includes(kind)) await refused(response, "kind");
      else expect({ kind, status: response.status }).toEqual({ kind, status: 200 });
    }
  });

  test.each<[body: Record<string, unknown>, ...paths: string[]]>([
    [{}, "provider", "kind"],
    [{ provider: "hubspot", kind: "timeout" }, "provider"],
    [{ provider: "openai", kind: "sleepy" }, "kind"],
    [{ provider: "openai", kind: "timeout", after: -1 }, "after"],
    [{ provider: "openai", kind: "timeout", after: 0.5 }, "after"],
    [{ provider: "openai", kind: "timeout", count: 0 }, "count"],
    [{ provider: "openai", kind: "timeout", path: "" }, "path"],
    [{ provider: "openai", kind: "timeout", for: 3 }, "for"],
  ])("%j is refused", async (body, ...paths) => {
    await refused(await request("POST", "/sandbox/faults", { body }), ...paths);
    expect((await check("openai")).ok).toBe(true);
  });
});

describe("latency", () => {
  test("is how long a provider takes to answer, until it is set again", async () => {
    await call("PUT", "/sandbox/latency", { provider: "openai", ms: 150 });
    expect((await check("openai")).latency_ms).toBeGreaterThanOrEqual(145);
    await call("PUT", "/sandbox/latency", { ms: 60_000 });
    expect((await check("apollo")).error?.kind).toBe("timeout");
    await call("PUT", "/sandbox/latency", { ms: 0 });
    for (const provider of PROVIDERS) expect((await check(provider)).ok).toBe(true);
  });

  test("can be as real services need, for one of them or for all, until it is ended, set again or reset", async () => {
    const slow = (body: object) => call("PUT", "/sandbox/latency", body);
    await slow({ provider: "instantly", realistic: true });
    expect((await check("instantly")).latency_ms).toBeGreaterThanOrEqual(199);
    await slow({ provider: "instantly", realistic: false });
    await slow({ realistic: true });
    expect((await check("apollo")).latency_ms).toBeGreaterThanOrEqual(299);
    await slow({ provider: "apollo", ms: 60_000 });
    expect((await check("apollo")).error?.kind).toBe("timeout");
    await call("POST", "/sandbox/reset");
    expect((await check("apollo")).ok).toBe(true);
  });

  test.each<[body: object, path: string]>([
    [{}, "ms"],
    [{ ms: -1 }, "ms"],
    [{ ms: 1.5 }, "ms"],
    [{ ms: "10" }, "ms"],
    [{ ms: 600_001 }, "ms"],
    [{ realistic: "yes" }, "realistic"],
    [{ ms: 10, realistic: true }, "realistic"],
  ])("%j is refused", async (body, path) => {
    await refused(await request("PUT", "/sandbox/latency", { body }), path);
  });
});

describe("the ledger", () => {
  test("tells each call once, oldest first, by pages after a seq", async () => {
    await campaignEnds(await startedCampaign({ target_leads: 2 }));
    const all = await page("limit=1000");
    expect(all.length).toBeGreaterThan(4);
    for (const each of all) expect(Object.keys(each).toSorted()).toEqual(CALL_FIELDS.toSorted());
    expect(all.map(({ seq }) => seq)).toEqual([...new Set(all.map(({ seq }) => seq))].toSorted((a, b) => a - b));
    for (const limit of [1, 3]) {
      const walked: typeof all = [];
      for (
        let next = await page(`limit=${limit}`);
        next.length > 0;
        next = await page(`limit=${limit}&after=${walked.at(-1)?.seq}`)
      ) {
        expect(next.length).toBeLessThanOrEqual(limit);
        walked.push(...next);
        if (walked.length > all.length) throw new Error("the pages of the ledger have no end");
      }
      expect(walked).toEqual(all);
    }
    for (const provider of PROVIDERS) {
      expect(await page(`limit=1000&provider=${provider}`)).toEqual(all.filter((each) => each.provider === provider));
    }
    expect(await page(`after=${all.at(-1)?.seq}`)).toEqual([]);
  });

  test.each([
    ["limit=0", "limit"],
    ["limit=1001", "limit"],
    ["after=-1", "after"],
    ["after=x", "after"],
    ["provider=hubspot", "provider"],
  ])("%s is refused", async (query, path) => {
    await refused(await request("GET", `/sandbox/calls?${query}`), path);
  });

  test("is summed up for each provider, with the leads that the sender holds", async () => {
    const id = await startedCampaign({ target_leads: 3 });
    const done = await campaignEnds(id);
    await breakProvider({ provider: "apollo", kind: "server_error", count: 1 });
    await check("apollo");
    const { providers, pushed } = await dataOf(await request("GET", "/sandbox/summary"), 200, SandboxSummary);
    const calls = await ledger();
    for (const provider of PROVIDERS) {
      const own = calls.filter((each) => each.provider === provider);
      expect(providers[provider]).toEqual({
        calls: own.length,
        faults: provider === "apollo" ? 1 : 0,
        distinct_subjects: new Set(own.map(({ subject }) => subject)).size,
        repeated_subjects: [],
        repeated_subjects_count: 0,
      });
    }
    const { verified } = done.progress.leads;
    expect(pushed).toEqual(verified > 0 ? { [done.instantly_campaign_id ?? ""]: verified } : {});
  });

  test("and the sender's memory are empty after a reset, and what was broken works again", async () => {
    await campaignEnds(await startedCampaign({ target_leads: 2 }));
    await breakProvider({ provider: "openai", kind: "server_error" });
    await call("PUT", "/sandbox/latency", { provider: "apollo", ms: 60_000 });
    await call("POST", "/sandbox/reset");
    expect(await ledger()).toEqual([]);
    const { providers, pushed } = await summary();
    expect(pushed).toEqual({});
    for (const provider of PROVIDERS)
      expect(providers[provider]).toMatchObject({ calls: 0, faults: 0, distinct_subjects: 0 });
    for (const provider of PROVIDERS) expect((await check(provider)).ok).toBe(true);
  });
});
