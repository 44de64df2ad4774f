import { fraction, pick } from "../random.ts";
import {
  checked,
  json,
  MALFORMED,
  plainText,
  refused,
  without,
  type Call,
  type OwnFaults,
  type PlainFault,
  type Reading,
  type Reply,
  type StandIn,
} from "../stand-in.ts";

const VERIFY_COST_USD = 0.0005;
const CREDITS = 100_000;

type Result = "ok" | "catch_all" | "unknown" | "unverified" | "disposable" | "invalid";

const RESULTS: Record<Result | "error", { code: number; quality: string; subresults: readonly string[] }> = {
  ok: { code: 1, quality: "good", subresults: ["ok"] },
  catch_all: { code: 2, quality: "risky", subresults: ["ok"] },
  unknown: { code: 3, quality: "", subresults: ["timeout", "unresponsive"] },
  unverified: { code: 0, quality: "", subresults: [""] },
  error: { code: 4, quality: "", subresults: [""] },
  disposable: { code: 5, quality: "bad", subresults: ["ok"] },
  invalid: { code: 6, quality: "bad", subresults: ["mailbox_not_found", "no_mx"] },
};

/** Up to which share of the addresses each verdict goes: 80% ok, 8% catch_all, 6% invalid, 3% not known, 3% disposable. */
const VERDICT_UP_TO: readonly [number, Result][] = [
  [0.8, "ok"],
  [0.88, "catch_all"],
  [0.94, "invalid"],
  [0.967, "unknown"],
  [0.97, "unverified"],
  [1, "disposable"],
];

/** The documented keys whose verdict is the same for every address. "UNKOWN" is how it is documented. */
const VERDICT_KEYS: ReadonlyMap<string, Result> = new Map([
  ["API_KEY_FOR_OK", "ok"],
  ["API_KEY_FOR_CATCH_ALL", "catch_all"],
  ["API_KEY_FOR_INVALID", "invalid"],
  ["API_KEY_FOR_UNKOWN", "unknown"],
  ["API_KEY_FOR_DISPOSABLE", "disposable"],
]);

/** In words; the same are told in snake_case as well. */
const ERRORS = {
  unauthorized: "Apikey not found",
  out_of_credit: "Insufficient credits",
  blocked: "IP address blocked",
  internal: "Internal error",
} as const;

/** The documented keys that always fail. */
const ERROR_KEYS: ReadonlyMap<string, { outcome: "out_of_credit" | "unauthorized" | "error_in_200"; error: string }> =
  new Map([
    ["API_KEY_FOR_ERROR_INSUFFICIENT_CREDITS", { outcome: "out_of_credit", error: ERRORS.out_of_credit }],
    ["API_KEY_FOR_ERROR_IP_ADDRESS_BLOCKED", { outcome: "unauthorized", error: ERRORS.blocked }],
    ["API_KEY_FOR_ERROR_INTERNAL_ERROR", { outcome: "error_in_200", error: ERRORS.internal }],
  ]);

/** Its failures are HTTP 200, all but those of the machines in front of it. */
export const millionverifier: StandIn = {
  read(call) {
    const key = call.url.searchParams.get("api") ?? "";
    const reading = readPath(call, key);
    if (reading === null) return null;
    const subjects = reading.entries.map((entry) => entry.subject);
    if (key === "") return refused(subjects, "unauthorized", failed(ERRORS.unauthorized));
    const failing = ERROR_KEYS.get(key);
    return failing ? refused(subjects, failing.outcome, failed(failing.error)) : reading;
  },

  faulty(kind: PlainFault, subject: string): Reply {
    switch (kind) {
      case "server_error":
        return plainText(500, "Internal Server Error");
      case "rate_limited":
        return plainText(429, "Too Many Requests");
      case "unauthorized":
        return failed(spelt(ERRORS.unauthorized, subject));
      case "out_of_credit":
        return failed(spelt(ERRORS.out_of_credit, subject));
      case "malformed":
        return MALFORMED;
    }
  },
};

/** The same address always gets the same verdict. */
export function verdictOn(email: string): Result {
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) return "invalid";
  const share = fraction(`verdict:${email.trim().toLowerCase()}`);
  const verdict = VERDICT_UP_TO.find(([upTo]) => share < upTo);
  if (verdict === undefined) throw new Error(`millionverifier.verdictOn: no verdict for share ${share}`);
  return verdict[1];
}

function readPath(call: Call, key: string): Reading | null {
  switch (`${call.method} ${call.url.pathname.replace(/\/$/, "")}`) {
    case "GET /api/v3":
      return readVerify(call.url.searchParams.get("email") ?? "", key);
    case "GET /api/v3/credits":
      return checked(() => credits(CREDITS), CREDITS_FAULTS);
    default:
      return null;
  }
}

/** All of them bought at once, none by a subscription. */
function credits(left: number): Reply {
  return json(200, { credits: left, bulk_credits: left, renewing_credits: 0, plan: 0 });
}

const CREDITS_FAULTS: OwnFaults = {
  error_in_200: () => json(200, { error: "internal_error" }),
  unauthorized: () => json(200, { error: "apikey_not_found" }),
  out_of_credit: () => credits(0),
  missing_field: () => json(200, { plan: 0 }),
};

function readVerify(email: string, key: string): Reading {
  if (email === "") return refused(["no address"], "rejected", failed("No email specified"));
  const verdict = VERDICT_KEYS.get(key) ?? verdictOn(email);
  return {
    entries: [{ subject: email, outcome: "ok", costUsd: VERIFY_COST_USD }],
    paid: true,
    plan: { do: "answer", reply: () => verified(email, verdict, !VERDICT_KEYS.has(key)) },
    faults: {
      error_in_200: () => failed(spelt(ERRORS.internal, email), email),
      bad_lead: () => verified(email, "invalid", true),
      missing_field: () => json(200, without(verification(email, verdict, true), "result", "resultcode")),
    },
  };
}

function verified(email: string, result: Result, live: boolean): Reply {
  return json(200, verification(email, result, live));
}

function verification(email: string, result: Result, live: boolean) {
  const { code, quality, subresults } = RESULTS[result];
  return {
    email,
    quality,
    result,
    resultcode: code,
    subresult: pick(subresults, email),
    free: false,
    role: /^(info|sales|support|admin|office)@/i.test(email),
    didyoumean: "",
    credits: CREDITS,
    executiontime: 1,
    error: "",
    livemode: live,
  };
}

/** About every second failure is told in snake_case. */
function spelt(error: string, subject: string): string {
  return pick([error, error.toLowerCase().replaceAll(" ", "_")], `spelt:${subject}`);
}

function failed(error: string, email = ""): Reply {
  return json(200, {
    email,
    quality: RESULTS.error.quality,
    result: "error",
    resultcode: RESULTS.error.code,
    subresult: "",
    free: false,
    role: false,
    didyoumean: "",
    credits: CREDITS,
    executiontime: 0,
    error,
    livemode: true,
  });
}
