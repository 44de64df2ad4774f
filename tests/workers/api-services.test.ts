import { beforeEach, describe, expect, test } from "vitest";
import { ServiceCheck } from "../../src/contract/breaker.ts";
import { PROVIDERS } from "../../src/domain/fault.ts";
import { breaker, breakProvider, call, close, dataOf, ledger, mendProviders, request } from "./line.ts";

beforeEach(async () => {
  await mendProviders();
  await close();
});

describe("checking a service", () => {
  const check = async (provider: string) =>
    dataOf(
      await request("POST", `/queue-management/services/${provider}/check`, { token: "sandbox-operator" }),
      200,
      ServiceCheck,
    );

  test.each(PROVIDERS)("%s that works is ok, for no money", async (provider) => {
    const before = (await ledger()).length;
    expect(await check(provider)).toMatchObject({ provider, ok: true, error: null });
    for (const made of (await ledger()).slice(before)) expect(made).toMatchObject({ provider, cost_usd: 0 });
  });

  test.each(PROVIDERS)("%s that is broken is not ok, and the breaker stays as it was", async (provider) => {
    const before = await breaker();
    await breakProvider({ provider, kind: "server_error" });
    const seen = await check(provider);
    expect(seen).toMatchObject({ provider, ok: false, error: { kind: "server_error", http_status: 500 } });
    expect(seen.error?.message).toMatch(/\S/);
    expect(await breaker()).toEqual(before);
  });

  test("a check works while the breaker is open, and does not close it", async () => {
    await call("POST", "/queue-management/pause", { reason: "a look at the line" });
    const before = await breaker();
    expect(await check("openai")).toMatchObject({ ok: true });
    expect(await breaker()).toEqual(before);
  });
});
