import { describe, expect, test } from "vitest";
import { PROVIDERS } from "../../src/domain/fault.ts";
import { RATE_NAMES } from "../../src/domain/throttle.ts";
import { Misconfigured, modelsOf, ratesOf, readConfig, timeoutsOf } from "../../src/platform/config.ts";

const SECRETS = {
  APOLLO_API_KEY: "key-apollo",
  MILLIONVERIFIER_API_KEY: "key-millionverifier",
  PERPLEXITY_API_KEY: "key-perplexity",
  OPENAI_API_KEY: "key-openai",
  INSTANTLY_API_KEY: "key-instantly",
};

const each = <T>(value: T) => Object.fromEntries(PROVIDERS.map((provider) => [provider, value]));

function anEnvironment(changes: Record<string, unknown> = {}): Env {
  const settings = {
    MODE: "production",
    PROVIDER_RATES: each({ perSecond: 10, atOnce: 5 }),
    PROVIDER_TIMEOUT_MS: each(20_000),
    MODELS: { perplexity: "sonar", openai: "gpt" },
    CONSOLE_ORIGIN: "",
  };
  return { ...settings, ...SECRETS, ...changes } as unknown as Env;
}

function messageOf(env: Env): string {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof Misconfigured) return error.message;
    throw error;
  }
  throw new Error("the configuration was taken");
}

describe("in production", () => {
  test("each provider has its own key", () => {
    expect(readConfig(anEnvironment())).toEqual({
      mode: "production",
      keys: {
        apollo: "key-apollo",
        millionverifier: "key-millionverifier",
        perplexity: "key-perplexity",
        openai: "key-openai",
        instantly: "key-instantly",
      },
    });
  });

  test.each(Object.keys(SECRETS))("a missing %s is named, and no other", (name) => {
    const message = messageOf(anEnvironment({ [name]: undefined }));
    expect(Object.keys(SECRETS).filter((secret) => message.includes(secret))).toEqual([name]);
    expect(message).toContain("wrangler secret put");
  });

  test("all missing secrets are named at once", () => {
    const nothing = Object.fromEntries(Object.keys(SECRETS).map((name) => [name, undefined]));
    for (const name of Object.keys(SECRETS)) expect(messageOf(anEnvironment(nothing))).toContain(name);
  });

  test("an empty secret is a missing one", () => {
    expect(messageOf(anEnvironment({ OPENAI_API_KEY: "" }))).toContain("OPENAI_API_KEY");
  });

  test("the message tells no key that is set", () => {
    expect(messageOf(anEnvironment({ OPENAI_API_KEY: undefined }))).not.toMatch(/key-/);
  });

  test("no sandbox is needed", () => {
    expect(readConfig(anEnvironment({ SANDBOX: undefined })).mode).toBe("production");
  });
});

describe("in the sandbox", () => {
  test("no secret is needed", () => {
    const none = Object.fromEntries(Object.keys(SECRETS).map((name) => [name, undefined]));
    const { mode, keys } = readConfig(anEnvironment({ ...none, MODE: "sandbox", SANDBOX: {} }));
    expect(mode).toBe("sandbox");
    expect(Object.keys(keys).toSorted()).toEqual(PROVIDERS.toSorted());
  });

  test("the binding must be there", () => {
    expect(messageOf(anEnvironment({ MODE: "sandbox" }))).toContain("SANDBOX");
  });
});

test.each(["", "Production", "staging", undefined])("the mode %j is refused: nothing is guessed", (MODE) => {
  const message = messageOf(anEnvironment({ MODE }));
  expect(message).toContain('"production" or "sandbox"');
  expect(message).toContain(`"${MODE}"`);
});

test("the sandbox does not run beside the secrets of a real service, and names them", () => {
  const message = messageOf(anEnvironment({ MODE: "sandbox", SANDBOX: {} }));
  expect(message).toContain("OPENAI_API_KEY");
  expect(message).toContain("take the secrets away");
});

describe("the providers' settings", () => {
  test("are taken as they are set", () => {
    const env = anEnvironment({
      PROVIDER_RATES: each({ perSecond: 0.5, atOnce: 3 }),
      PROVIDER_TIMEOUT_MS: each(700),
      MODELS: { perplexity: "sonar", openai: "gpt" },
    });
    expect(ratesOf(env).openai).toEqual({ perSecond: 0.5, atOnce: 3 });
    expect(Object.keys(ratesOf(env)).toSorted()).toEqual(RATE_NAMES.toSorted());
    expect(timeoutsOf(env).instantly).toBe(700);
    expect(modelsOf(env)).toEqual({ perplexity: { model: "sonar" }, openai: { model: "gpt" } });
  });

  test.each([
    ["PROVIDER_RATES", undefined],
    ["PROVIDER_RATES", {}],
    ["PROVIDER_TIMEOUT_MS", undefined],
    ["PROVIDER_TIMEOUT_MS", each(0)],
    ["MODELS", { perplexity: "sonar" }],
    ["MODELS", { perplexity: "sonar", openai: "" }],
    ["CONSOLE_ORIGIN", undefined],
    ["CONSOLE_ORIGIN", "andon.example"],
    ["CONSOLE_ORIGIN", "https://andon.example/console"],
  ])("that are wrong are named, in either mode: %s %j", (name, value) => {
    expect(messageOf(anEnvironment({ [name]: value }))).toContain(name);
    expect(messageOf(anEnvironment({ [name]: value, MODE: "sandbox", SANDBOX: {} }))).toContain(name);
  });

  test("must be there for every provider, and the one without is named", () => {
    const { openai: _, ...others } = each({ perSecond: 1, atOnce: 1 });
    expect(messageOf(anEnvironment({ PROVIDER_RATES: others }))).toContain("openai");
  });

  test.each([
    { perSecond: 0, atOnce: 1 },
    { perSecond: -1, atOnce: 1 },
    { perSecond: 1, atOnce: 0 },
    { perSecond: 1, atOnce: 1.5 },
    { perMinute: 0, atOnce: 1 },
    { perSecond: 1, perHour: -400, atOnce: 1 },
    { perSecond: 1 },
  ])("refuse a pace at which nothing could ever be called: %j", (rate) => {
    expect(() => ratesOf(anEnvironment({ PROVIDER_RATES: each(rate) }))).toThrow(Misconfigured);
  });
});

describe("the rates", () => {
  const rates = each({ perSecond: 10, atOnce: 5 });
  const ratesWith = (changes: Record<string, unknown>) => anEnvironment({ PROVIDER_RATES: { ...rates, ...changes } });

  test("are one for each kind of call, per second, minute or hour", () => {
    const search = { perMinute: 190, atOnce: 5 };
    const reveal = { perSecond: 5, perHour: 380, atOnce: 10 };
    expect(ratesOf(ratesWith({ apollo: { search, reveal } }))).toEqual({
      ...each({ perSecond: 10, atOnce: 5 }),
      apollo: undefined,
      "apollo.search": search,
      "apollo.reveal": reveal,
    });
  });

  test("of a service with several kinds may be one, which then holds for each kind by itself", () => {
    const taken = ratesOf(ratesWith({ apollo: { perSecond: 15, atOnce: 10 } }));
    expect(taken["apollo.search"]).toEqual({ perSecond: 15, atOnce: 10 });
    expect(taken["apollo.reveal"]).toEqual({ perSecond: 15, atOnce: 10 });
  });

  test.each([
    ["openai", { openai: { atOnce: 5 } }, "openai: needs perSecond, perMinute or perHour"],
    ["apollo.reveal", { apollo: { search: { perMinute: 9, atOnce: 1 } } }, "apollo.reveal"],
    ["apollo.search", { apollo: { search: { atOnce: 1 }, reveal: { perHour: 9, atOnce: 1 } } }, "apollo.search: needs"],
    ["perMinutes", { instantly: { perSecond: 90, perMinutes: 5_900, atOnce: 5 } }, "instantly"],
    ["perHour", { apollo: { search: { perHour: "9", atOnce: 1 }, reveal: 5 } }, "apollo.search.perHour"],
    ["hunter", { hunter: { perSecond: 1, atOnce: 1 } }, "PROVIDER_RATES"],
  ])("that are wrong are named by their field: %s", (field, changes, words) => {
    const message = messageOf(ratesWith(changes));
    expect(message).toContain("PROVIDER_RATES");
    expect(message).toContain(field);
    expect(message).toContain(words);
  });
});
