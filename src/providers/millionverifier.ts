import { z } from "zod";
import type { Answer } from "../domain/fault.ts";
import type { Verdict, Verification } from "../domain/lead.ts";
import type { VerifyEmail } from "../operations/providers.ts";
import { answered, ask, errorInside, fault, get, type Connection, type Service } from "./call.ts";
import { askFree, figure, madeUpName, proven, workProven } from "./checks.ts";

const API = "https://api.millionverifier.com/api/v3";

/** `resultcode`; 4 is an error of the service. */
const VERDICTS: Record<number, Verdict> = { 1: "ok", 2: "catch_all", 3: "unknown", 5: "disposable", 6: "invalid" };

const VerifyAnswer = z.looseObject({
  result: z.string().nullish(),
  resultcode: z.number().nullish(),
  subresult: z.string().nullish(),
  error: z.string().nullish(),
});

const CreditsAnswer = z.looseObject({
  credits: figure.nullish(),
  bulk_credits: figure.nullish(),
  renewing_credits: figure.nullish(),
});

export function createMillionVerifier(connection: Connection): VerifyEmail {
  const service: Service = { ...connection, provider: "millionverifier" };
  return {
    async check() {
      const url = `${API}/credits?${new URLSearchParams({ api: service.key })}`;
      const answer = await askFree(service, get(url, {}), CreditsAnswer);
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
