import { beforeEach, expect, test } from "vitest";
import { signedIn } from "./browser.ts";
import { breaker, breakProvider, close, mendProviders } from "./line.ts";
import { gateCloses, theBreaker } from "./rows.ts";

beforeEach(async () => {
  await mendProviders();
  await close();
  await gateCloses();
});

type Failing = { kind?: "server_error" | "out_of_credit"; provider?: "openai" | "millionverifier" | "instantly" };
async function stopped({ kind = "server_error", provider = "openai" }: Failing = {}) {
  const fault = { provider, kind, httpStatus: 500, message: "no" };
  await theBreaker().trip({ fault, epoch: (await breaker()).epoch, jobId: crypto.randomUUID(), campaignId: null });
  const { visit, token } = await signedIn("operator");
  const advice = async () => /What to do:<\/b>(.*?)<\/p>/s.exec((await visit("/console")).text)?.[1] ?? "";
  const tested = async (fields: Record<string, string> = {}) => {
    await visit(`/console/services/${provider}/check`, { form: { form_token: token, back: "/console", ...fields } });
    return /<p class="notice[^>]*>(.*?)<\/p>/s.exec((await visit("/console")).text)?.[1] ?? "";
  };
  return { visit, token, advice, tested };
}

const CLOSE_IT = "close the breaker";

test("the banner advises to close only when the failed call is proven, and says what is not", async () => {
  const { advice, tested } = await stopped();
  expect(await advice()).toContain("find out what is wrong with OpenAI");
  expect(await advice()).not.toContain(CLOSE_IT);
  const free = await tested();
  expect(free).toContain("OpenAI answers and accepts the key. Whether it writes messages is not proven.");
  expect(free).toContain("cost nothing");
  expect(await advice()).toContain(
    "OpenAI answers and accepts the key. Whether it writes messages again is not proven. Nothing more can be shown for free: test it with a real call (about 0.002 USD), or close and see: if it still fails, the line stops again at its next call.",
  );
  expect(await advice()).not.toContain(CLOSE_IT);
  const real = await tested({ paid: "yes" });
  expect(real).toContain("OpenAI works: it answers, accepts the key, has credit left and writes messages.");
  expect(real).toContain("cost 0.002 USD");
  expect(await advice()).toContain(CLOSE_IT);
  expect((await breaker()).state).toBe("open");
});

test("a real call that fails says what it may have cost, and takes the advice back", async () => {
  const { advice, tested } = await stopped();
  await tested({ paid: "yes" });
  expect(await advice()).toContain(CLOSE_IT);
  await breakProvider({ provider: "openai", kind: "malformed" });
  expect(await tested({ paid: "yes" })).toContain("It may have cost up to 0.002 USD.");
  expect(await advice()).not.toContain(CLOSE_IT);
});

test("a free test that sees the credit is enough where the credit was used up, and not where the call failed", async () => {
  const credit = await stopped({ provider: "millionverifier", kind: "out_of_credit" });
  await credit.tested();
  expect(await credit.advice()).toContain(CLOSE_IT);
  await close();
  await gateCloses();
  const call = await stopped({ provider: "millionverifier" });
  await call.tested();
  expect(await call.advice()).toContain("Whether it checks addresses again is not proven.");
  expect(await call.advice()).not.toContain(CLOSE_IT);
});

test("every place with a test has the real one beside it, with its cost, and no viewer has either", async () => {
  const { visit, token } = await stopped();
  for (const path of ["/console", "/console/line/close", "/console/providers"]) {
    const { text } = await visit(path);
    expect([path, text]).toEqual([path, expect.stringContaining("Test OpenAI with a real call (about 0.002 USD)")]);
  }
  expect((await visit("/console/providers")).text).toContain("Test Instantly with a real call (costs nothing)");
  const form = { form_token: token, do: "try", note: "renewed" };
  const { text } = await visit("/console/line/close", { form });
  expect(text).toContain("OpenAI works");
  expect(text).toContain(">renewed</textarea>");
  const viewer = await signedIn("viewer");
  for (const path of ["/console", "/console/providers"])
    expect((await viewer.visit(path)).text).not.toContain("Test OpenAI");
});
