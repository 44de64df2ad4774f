import { z } from "zod";
import type { Answer } from "../domain/fault.ts";
import type { Verdict, Verification } from "../domain/lead.ts";
import type { VerifyEmail } from "../ports/providers.ts";
import { answered, ask, errorInside, fault, get, of, refused, type Connection, type Service } from "./call.ts";
import { madeUpName, proven, workProven } from "./checks.ts";
import { numeric, optionalText, TEXT_LIMITS } from "./text.ts";

const API = "https://api.millionverifier.com/api/v3";

/** `result` with its `resultcode`; 4 is an error of the service. `unverified` comes without a code of its own. */
const RESULTS: Record<string, { code: number; verdict: Verdict }> = {
  ok: { code: 1, verdict: "ok" },
  catch_all: { code: 2, verdict: "catch_all" },
  unknown: { code: 3, verdict: "unknown" },
  unverified: { code: 0, verdict: "unknown" },
  disposable: { code: 5, verdict: "disposable" },
  invalid: { code: 6, verdict: "invalid" },
};

const VerifyAnswer = z.looseObject({
  result: z.string(),
  resultcode: numeric,
  subresult: z
    .union([z.string(), z.number().transform(String), z.null()])
    .transform((text) => optionalText(TEXT_LIMITS.subresult).parse(text)),
  error: z.unknown().optional(),
});

const CreditsAnswer = z.looseObject({
  credits: numeric.nullish(),
  bulk_credits: numeric.nullish(),
  renewing_credits: numeric.nullish(),
});

export function createMillionVerifier(connection: Connection): VerifyEmail {
  const service: Service = { ...connection, provider: "millionverifier" };
  return {
    async check() {
      const url = `${API}/credits?${new URLSearchParams({ api: service.key })}`;
      const answer = await ask(service, get(url, {}), CreditsAnswer);
      if (answer.outcome !== "answered") return answer;
      const { credits, bulk_credits, renewing_credits } = answer.value;
      const told = [credits, bulk_credits, renewing_credits].filter((each) => each != null);
      if (told.length === 0) return fault(service, "malformed", 200, "The answer does not tell the credits");
      if (told.some((each) => each > 0)) return proven(["reachable", "key", "credit"]);
      return fault(service, "out_of_credit", 200, `${Math.max(...told)} credits are left`);
    },
    async tryOut() {
      return workProven(await this.verify(`${madeUpName()}@example.com`));
    },
    async verify(email) {
      const query = new URLSearchParams({
        api: service.key,
        email,
        timeout: String(patienceSeconds(service.timeoutMs)),
      });
      const answer = await ask(service, of("lead", get(`${API}/?${query}`, {})), VerifyAnswer);
      if (answer.outcome === "answered") return verification(service, answer.value);
      return saysBadAddress(answer) ? refused(service, "MillionVerifier cannot read the address") : answer;
    },
  };
}

/** How long MillionVerifier may try (2 to 60 seconds): it should give up, and say so, before we stop listening. */
function patienceSeconds(timeoutMs: number): number {
  return Math.min(60, Math.max(2, Math.floor(timeoutMs / 1000) - 1));
}

/** Its errors are mostly of the service; these are of the address. */
const BAD_ADDRESS = /\b(no|invalid|missing|wrong)[ _]e-?mail\b|\bsyntax\b|syntax_error/i;
const saysBadAddress = (answer: Answer<unknown>) =>
  answer.outcome === "service_fault" && answer.fault.kind === "server_error" && BAD_ADDRESS.test(answer.fault.message);

function verification(service: Service, answer: z.infer<typeof VerifyAnswer>): Answer<Verification> {
  const { result, resultcode: code, subresult } = answer;
  const word = result
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, "_");
  if (word === "error" || code === 4) {
    if (BAD_ADDRESS.test(subresult ?? "")) return refused(service, "MillionVerifier cannot read the address");
    return errorInside(service, { message: "error", code: subresult ?? "" });
  }
  const known = Object.hasOwn(RESULTS, word) ? RESULTS[word] : undefined;
  if (known === undefined)
    return fault(service, "malformed", 200, `The answer has no known result: ${result || "none"}, code ${code}`);
  // `unverified` was seen with several codes; the others must agree.
  if (word !== "unverified" && code !== known.code)
    return fault(service, "malformed", 200, `The answer contradicts itself: ${result} with code ${code}`);
  return answered({ verdict: known.verdict, subresult });
}
