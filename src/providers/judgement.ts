import type { FaultKind } from "../domain/fault.ts";
import type { Words } from "./words.ts";

/** What an answer means: it may be used, the service refuses this input, or the service itself is at fault. */
type Judgement = "good" | "refused" | FaultKind;

const CREDIT_CODE =
  /insufficient_(quota|credits?|balance|funds)|credit_balance_exhausted|spend_limit_exceeded|billing_hard_limit_reached|quota_exceeded/i;
const CREDIT_MESSAGE =
  /\b(insufficient|not enough|out of|no more|used up|exceeded)\b[^.]{0,30}\b(credits?|balance|quota)\b|\b(credits?|balance|quota)\b[^.]{0,30}\b(insufficient|exhausted|used up|exceeded|depleted|too low)\b/i;
const RATE = /rate.?limit|too.?many.?requests/i;
const ACCESS = /api.?key|unauthori[sz]ed|authentication|\bip\b.{0,20}\bblocked|blocked.{0,20}\bip\b/i;
/** The content is not to the service's liking. */
const CONTENT_CODE = /invalid_prompt|policy|content_filter/i;
/** A 400 that every lead would get: what we send or configured is wrong, not the lead. */
const OUR_REQUEST_CODE =
  /model_not_found|invalid_model|unsupported_(parameter|value)|unknown_parameter|missing_required_parameter|invalid_json_schema/i;

/** The table of faults for an HTTP answer. A status that the services do not document is `malformed`. */
export function judgeStatus(status: number, words: () => Words): Judgement {
  if (status >= 200 && status <= 299) return "good";
  if (status >= 500) return "server_error";
  if (status === 402 || saysOutOfCredit(words())) return "out_of_credit";
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 429) return "rate_limited";
  if (status === 400 || status === 422) return OUR_REQUEST_CODE.test(words().code) ? "malformed" : "refused";
  return "malformed";
}

/** The same table for an error inside a 200. */
export function judgeErrorInside(words: Words): Exclude<Judgement, "good"> {
  if (CONTENT_CODE.test(words.code)) return "refused";
  if (saysOutOfCredit(words)) return "out_of_credit";
  if (RATE.test(`${words.code} ${words.message}`)) return "rate_limited";
  if (ACCESS.test(`${words.code} ${words.message}`)) return "unauthorized";
  return "server_error";
}

function saysOutOfCredit(words: Words): boolean {
  return CREDIT_CODE.test(words.code) || CREDIT_MESSAGE.test(words.message);
}
