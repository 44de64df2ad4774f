import { describe, expect, test } from "vitest";
import { providersOn } from "./builders.ts";
import { fakeFetch } from "./fake-fetch.ts";
import { CALLS, TABLE } from "./odd-answers.ts";

describe.each(Object.entries(TABLE))("%s", (name, rows) => {
  test.each(rows)("of %s (%i)", async (_what, status, body, right) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const { fetch } = fakeFetch(() => new Response(text, { status }));
    const answer = await CALLS[name as keyof typeof CALLS](providersOn(fetch));
    expect(answer.outcome === "service_fault" ? answer.fault.kind : answer.outcome).toBe(right);
  });
});

test("a lead that is only in a list of the sender is in no campaign", async () => {
  const items = [{ id: "l1", email: "ada@engines.example", campaign: null }];
  const { fetch } = fakeFetch(() => Response.json({ items }));
  expect(await CALLS.findLead(providersOn(fetch))).toMatchObject({ outcome: "answered", value: null });
});

test.each([".", ".."])("a sender campaign of the id %s is unknown, and nothing is called", async (id) => {
  const { fetch, sent } = fakeFetch(() => Response.json({ id }));
  expect(await providersOn(fetch).instantly.lookUpCampaign(id)).toMatchObject({ outcome: "refused" });
  expect(sent).toEqual([]);
});

test.each([
  ["nested without an end", `{"x":${"[".repeat(20_000)}${"]".repeat(20_000)}}`],
  ["of addresses", "http://".repeat(200_000)],
  ["of brackets", "<".repeat(1_000_000)],
])("an answer %s is judged all the same", async (_what, text) => {
  for (const status of [200, 400, 502]) {
    const { fetch } = fakeFetch(() => new Response(text, { status }));
    for (const call of Object.values(CALLS)) expect((await call(providersOn(fetch))).outcome).not.toBe("answered");
  }
});

test("a limit of the platform's own is found where a client has wrapped it", async () => {
  const { fetch } = fakeFetch(() =>
    Promise.reject(new TypeError("fetch failed", { cause: new Error("Too many subrequests.") })),
  );
  await expect(CALLS.verify(providersOn(fetch))).rejects.toThrow("fetch failed");
});
