import { z } from "zod";
import { recordOf } from "../domain/record.ts";
import { LONGEST_CALL_MS } from "../domain/job.ts";
import { PROVIDERS, type Provider } from "../domain/fault.ts";
import { intervalMsOf, type Rate, type RateName } from "../domain/throttle.ts";
import { PROVIDER_SECRETS } from "./secrets.ts";
import { EFFORTS } from "../providers/model-response.ts";
import type { Fetch } from "../providers/transport.ts";

const limit = z.number().positive().exactOptional();
const OneRate = z
  .strictObject({ perSecond: limit, perMinute: limit, perHour: limit, atOnce: z.int().positive() })
  .refine((rate) => intervalMsOf(rate) > 0, "needs perSecond, perMinute or perHour");
/** One rate where two are needed holds for each of them. */
const eachKind = (value: unknown) =>
  typeof value === "object" && value !== null && "atOnce" in value ? { search: value, reveal: value } : value;
const Rates = z
  .strictObject({
    apollo: z.preprocess(eachKind, z.strictObject({ search: OneRate, reveal: OneRate })),
    millionverifier: OneRate,
    perplexity: OneRate,
    openai: OneRate,
    instantly: OneRate,
  })
  .transform(({ apollo, ...others }): Record<RateName, Rate> => ({
    "apollo.search": apollo.search,
    "apollo.reveal": apollo.reveal,
    ...others,
  }));
const Timeouts = z.record(z.enum(PROVIDERS), z.int().positive().max(LONGEST_CALL_MS));
const Origin = z
  .string()
  .refine((text) => text === "" || URL.parse(text)?.origin === text, "is not an origin, like https://andon.example");
/** By the names that the platform gives; "" and what is not set: none. */
const orNone = <Name extends string>(names: readonly Name[]) =>
  z.union([z.enum(names), z.null(), z.literal("").transform(() => null)]).default(null);
const LocationHint = orNone(["wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me"]);
const Jurisdiction = orNone(["eu", "fedramp"]);
const HeartbeatUrl = z
  .string()
  .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ""), "is not an address, like https://…")
  .optional()
  .transform((url) => url ?? null);
const name = z.string().min(1);
/** A name alone stands for the model with everything else as it is by default. */
const Model = z.union([
  name.transform((model) => ({ model })),
  z.strictObject({
    model: name,
    effort: z.enum(EFFORTS).optional(),
    maxOutputTokens: z.int().min(16).max(100_000).optional(),
  }),
]);
const Models = z.object({ perplexity: Model, openai: Model });

/** What is set for the providers in wrangler.toml. @throws Misconfigured naming the variable and its fields */
export const ratesOf = (env: Env) => variable("PROVIDER_RATES", Rates, env.PROVIDER_RATES);
export const timeoutsOf = (env: Env) => variable("PROVIDER_TIMEOUT_MS", Timeouts, env.PROVIDER_TIMEOUT_MS);
/** Alerts link to the console there; "" where the deployer has not said it. */
export const consoleOriginOf = (env: Env) => variable("CONSOLE_ORIGIN", Origin, env.CONSOLE_ORIGIN);
/** Where the actors are made: near D1. Null: where they are first called from. */
export const locationHintOf = (env: Env) => variable("LOCATION_HINT", LocationHint, env.LOCATION_HINT);
/** Within which they keep what they store; null for anywhere. */
export const jurisdictionOf = (env: Env) => variable("JURISDICTION", Jurisdiction, env.JURISDICTION);
/** Called after each good look of the watchdog; a secret, because such an address is one. Null: nobody listens. */
export const heartbeatUrlOf = (env: Env) =>
  variable("HEARTBEAT_URL", HeartbeatUrl, (env as { HEARTBEAT_URL?: unknown }).HEARTBEAT_URL);
export const modelsOf = (env: Env) => variable("MODELS", Models, env.MODELS);

/** What each variable was read as last: they are asked for with every call of an actor, and change with a deploy. */
const read = new Map<string, { value: unknown; data: unknown }>();

function variable<Value>(name: string, schema: z.ZodType<Value>, value: unknown): Value {
  const known = read.get(name);
  if (known && known.value === value) return known.data as Value;
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    read.set(name, { value, data: parsed.data });
    return parsed.data;
  }
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
  throw new Misconfigured(`The variable ${name} in wrangler.toml is not as it must be: ${problems}.`);
}

export type Mode = "production" | "sandbox";

/** What a run needs besides bindings. */
export interface Config {
  mode: Mode;
  keys: Record<Provider, string>;
}

/** The configuration is not complete; the message names what is missing and says what to do. */
export class Misconfigured extends Error {
  override readonly name = "Misconfigured";
}

/** In the sandbox the providers take any key. */
const SANDBOX_KEY = "sandbox-key";

/**
 * Reads the configuration, at first use of anything.
 * @throws Misconfigured naming what is wrong, or every missing secret: nothing runs half-configured.
 */
export function readConfig(env: Env): Config {
  const mode: string = env.MODE;
  for (const read of [ratesOf, timeoutsOf, modelsOf, consoleOriginOf, locationHintOf, jurisdictionOf, heartbeatUrlOf])
    read(env);
  const bindings = env as unknown as Record<string, unknown>;
  if (mode === "sandbox") {
    if (!bindings["SANDBOX"]) throw new Misconfigured('MODE is "sandbox" but the service binding SANDBOX is absent.');
    const real = Object.values(PROVIDER_SECRETS).filter((name) => bindings[name]);
    if (real.length > 0)
      throw new Misconfigured(
        `MODE is "sandbox", and these secrets of real services are set: ${real.join(", ")}. The sandbox's tokens are known to everybody: take the secrets away, or set MODE to "production".`,
      );
    return { mode, keys: recordOf(PROVIDERS, () => SANDBOX_KEY) };
  }
  if (mode !== "production") throw new Misconfigured(`MODE must be "production" or "sandbox", not "${mode}".`);
  const missing = PROVIDERS.map((provider) => PROVIDER_SECRETS[provider]).filter((name) => !bindings[name]);
  if (missing.length > 0) {
    throw new Misconfigured(
      `These secrets are not set: ${missing.join(", ")}. Set each with \`npx wrangler secret put NAME\`; until then nothing runs and nothing is lost.`,
    );
  }
  return {
    mode,
    keys: recordOf(PROVIDERS, (provider) => String(bindings[PROVIDER_SECRETS[provider]])),
  };
}

/** The sandbox Worker: its `fetch` answers as the providers, its methods control it. @throws Misconfigured */
export function sandboxOf(env: Env) {
  if (!env.SANDBOX) throw new Misconfigured("The service binding SANDBOX is absent.");
  return env.SANDBOX;
}

/** How provider calls leave: to the real hosts, or in sandbox mode to the sandbox Worker under the same host names. */
export function outboundFetch(env: Env, mode: Mode): Fetch {
  if (mode === "production") return (url, init) => fetch(url, init);
  return (url, init) => sandboxOf(env).fetch(url, init);
}
