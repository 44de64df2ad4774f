import { z } from "zod";
import type { Answer } from "../domain/fault.ts";
import type { Verdict, Verification } from "../domain/lead.ts";
import type { VerifyEmail } from "../operations/providers.ts";
import { answered, ask, errorInside, fault, get, type Connection, type Service } from "./call.ts";

const API = "https://api.millionverifier.com/api/v3";

/** `resultcode`; 4 is an error of the service. */
const VERDICTS: Record<number, Verdict> = { 1: "ok", 2: "catch_all", 3: "unknown", 5: "disposable", 6: "invalid" };

const VerifyAnswer = z.looseObject({
  result: z.string().nullish(),
  resultcode: z.number().nullish(),
  subresult: z.string().nullish(),
  error: z.string().nullish(),
});

const CreditsAnswer = z.looseObject({ credits: z.number().nullish(), error: z.string().nullish() });

export function createMillionVerifier(connection: Connection): VerifyEmail {
  const service: Service = { ...connection, provider: "millionverifier" };
  return {
    async check() {
      const answer = await ask(
        service,
        get(`${API}/credits?${new URLSearchParams({ api: service.key })}`, {}),
        CreditsAnswer,
      );
      if (answer.outcome !== "answered") return answer;
      const { credits, error } = answer.value;
      if (error) return errorInside(service, { message: error, code: "" });
      if (credits == null) return fault(service, "malformed", 200, "The answer does not tell the credits");
      return credits > 0 ? answered(null) : fault(service, "out_of_credit", 200, `${credits} credits are left`);
    },
    async verify(email) {
      const query = new URLSearchParams({
        api: service.key,
        email,
        timeout: String(patienceSeconds(service.timeoutMs)),
      });
      const answer = await ask(service, get(`${API}/?${query}`, {}), VerifyAnswer);
      return answer.outcome === "answered" ? verification(service, answer.value) : answer;
    },
  };
}

/** How long MillionVerifier may try (2 to 60 seconds): it should give up, and say so, before we stop listening. */
function patienceSeconds(timeoutMs: number): number {
  return Math.min(60, Math.max(2, Math.floor(timeoutMs / 1000) - 1));
}

function verification(service: Service, answer: z.infer<typeof VerifyAnswer>): Answer<Verification> {
  const { result, resultcode, subresult, error } = answer;
  const verdict = VERDICTS[resultcode ?? 0];
  if (verdict !== undefined && result !== "error") return answered({ verdict, subresult: subresult || null });
  if (error || result === "error" || resultcode === 4) {
    return errorInside(service, { message: error || "error", code: subresult ?? "" });
  }
  return fault(service, "malformed", 200, `The answer has no known result code: ${resultcode ?? "none"}`);
}
