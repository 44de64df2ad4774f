import { beforeEach, describe, expect, test } from "vitest";
import { ServiceCheck } from "../../src/contract/breaker.ts";
import type { SandboxFault } from "../../src/contract/sandbox.ts";
import { ServiceList } from "../../src/contract/timeline.ts";
import { type FaultKind, PROVIDERS } from "../../src/domain/fault.ts";
import {
  breaker,
  breakerOpens,
  breakProvider,
  call,
  close,
  dataOf,
  failureOf,
  ledger,
  mendProviders,
  request,
  startedCampaign,
  summary,
} from "./line.ts";

beforeEach(async () => {
  await mendProviders();
  await close();
});

const path = (provider: string) => `/queue-management/services/${provider}/check`;
const check = async (provider: string, body?: { paid: boolean }) =>
  dataOf(await request("POST", path(provider), { token: "sandbox-operator", body }), 200, ServiceCheck);

const PROVEN_FOR_FREE = {
  apollo: ["reachable", "key", "credit"],
  millionverifier: ["reachable", "key", "credit"],
  perplexity: ["reachable", "key"],
  openai: ["reachable", "key"],
  instantly: ["reachable", "key"],
};
const ALL = ["reachable", "key", "credit", "work"];

describe("checking a service", () => {
  test.each(PROVIDERS)("%s that works is ok, for no money, and says what that proves", async (provider) => {
    const before = (await ledger()).length;
    const free = { provider, ok: true, error: null, paid: false, cost_usd: 0, proves: PROVEN_FOR_FREE[provider] };
    expect(await check(provider)).toMatchObject(free);
    expect(await check(provider, { paid: false })).toMatchObject(free);
    for (const made of (await ledger()).slice(before)) expect(made).toMatchObject({ provider, cost_usd: 0 });
  });

  test.each(PROVIDERS)("%s that works does the smallest real call, and tells its cost", async (provider) => {
    await call("POST", "/sandbox/reset");
    if (provider === "instantly") {
      const nothing = { ok: true, paid: true, proves: ["reachable", "key"], cost_usd: 0 };
      expect(await check(provider, { paid: true })).toMatchObject(nothing);
      // A search makes its sender campaign first.
      await breakProvider({ provider: "apollo", kind: "server_error" });
      await startedCampaign();
      await breakerOpens();
      await mendProviders();
    }
    const before = (await ledger()).length;
    const paid = await check(provider, { paid: true });
    expect(paid).toMatchObject({ provider, ok: true, error: null, paid: true, proves: ALL });
    const estimated = (await services()).find((each) => each.provider === provider)?.estimated_cost_usd ?? NaN;
    // A model's calls cost what they cost; the others have a price.
    if (provider === "perplexity") expect(paid.cost_usd).toBeGreaterThan(0);
    else expect(paid.cost_usd).toBe(estimated);
    const spent = (await ledger()).slice(before).reduce((sum, { cost_usd }) => sum + cost_usd, 0);
    expect(spent).toBeLessThanOrEqual(Math.max(estimated, paid.cost_usd) * 2);
    await check(provider, { paid: true });
    const repeated = (await summary()).providers[provider].repeated_subjects.length;
    // A model is asked for the same each time. Apollo's person is drawn by lot, and may be the same.
    if (provider === "apollo") expect(repeated).toBeLessThanOrEqual(1);
    else expect(repeated).toBe(provider === "perplexity" || provider === "openai" ? 1 : 0);
    expect(Object.values((await summary()).pushed)).not.toContain(1);
  });

  test("takes nothing but whether it may cost", async () => {
    for (const body of [{ paid: "yes" }, { paid: null }, { free: true }]) {
      await failureOf(await request("POST", path("openai"), { body }), 400, "invalid_request");
    }
  });

  test.each(PROVIDERS)("%s that is broken is not ok, and the breaker stays as it was", async (provider) => {
    const before = await breaker();
    await breakProvider({ provider, kind: "server_error" });
    const seen = await check(provider);
    expect(seen).toMatchObject({ provider, ok: false, error: { kind: "server_error", http_status: 500 }, proves: [] });
    expect(seen.error?.message).toMatch(/\S/);
    expect(await breaker()).toEqual(before);
  });

  test("a check works while the breaker is open, and does not close it", async () => {
    await call("POST", "/queue-management/pause", { reason: "a look at the line" });
    const before = await breaker();
    expect(await check("openai")).toMatchObject({ ok: true });
    expect(await check("openai", { paid: true })).toMatchObject({ ok: true });
    expect(await breaker()).toEqual(before);
  });
});

const SHOWN_AS: Partial<Record<SandboxFault, FaultKind>> = {
  rate_limited: "rate_limited",
  unauthorized: "unauthorized",
  out_of_credit: "out_of_credit",
  malformed: "malformed",
  connection_reset: "unreachable",
  timeout: "timeout",
};
const FAULTS = Object.keys(SHOWN_AS) as SandboxFault[];

describe.each(PROVIDERS)("a fault of %s fails its checks", (provider) => {
  test.each(FAULTS)("%s, the free one and the real one", async (kind) => {
    await breakProvider({ provider, kind });
    for (const paid of [false, true]) {
      const seen = await check(provider, { paid });
      expect([paid, seen.ok, seen.proves, seen.error?.kind]).toEqual([paid, false, [], SHOWN_AS[kind]]);
    }
  });
});

test.each(["millionverifier", "perplexity", "openai"] as const)(
  "an error inside a 200 of %s fails its real call",
  async (provider) => {
    await breakProvider({ provider, kind: "error_in_200" });
    expect(await check(provider, { paid: true })).toMatchObject({ ok: false, error: { kind: "server_error" } });
  },
);

const services = async () =>
  (await dataOf(await request("GET", "/queue-management/services"), 200, ServiceList)).services;
