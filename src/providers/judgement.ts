import type { FaultKind } from "../domain/fault.ts";
import type { Words } from "./words.ts";

/** What an answer means: it may be used, the service refuses this input, or the service itself is at fault. */
type Judgement = "good" | "refused" | FaultKind;

/**
 * Whose a request is, and so what a refusal of it says: a `lead`'s fails that lead, a `campaign`'s own settings fail that
 * campaign's search, and what is sent alike for `everyone` would fail every lead, so it is a fault.
 */
export type About = "lead" | "campaign" | "everyone";

const CREDIT_CODE =
  /insufficient_(quota|credits?|balance|funds)|credit_balance_exhausted|(spend|usage)_limit_exceeded|hard_limit|billing_not_active|quota_exceeded|payment_required/i;
const CREDIT_MESSAGE =
  /\b(insufficient|not enough|out of|no more|used up|exceeded|exhausted)\b[^.]{0,30}\b(credits?|balance|quota|funds)\b|\b(credits?|balance|quota|funds)\b[^.]{0,30}\b(insufficient|exhausted|used up|exceeded|depleted|too low)\b|\bbilling\b[^.]{0,20}\bnot active|not active[^.]{0,40}\bbilling\b|\bhard limit\b|\bno active\b[^.]{0,20}\bplan\b|\b(plan|leads?|contacts?)\b[^.]{0,20}\blimit\b[^.]{0,20}\b(reached|exceeded)\b/i;
/** A limit for a stretch of time: it passes by itself, whatever else the words speak of. */
const RATE =
  /rate.?limit|too.?many.?requests|slow.?down|\bper.?(second|minute|min|hour|day)\b|times per\b|\b(try again|retry) (in|after)\b/i;
const ACCESS = /api.?key|unauthori[sz]ed|authentication|forbidden|\bip\b.{0,20}\bblocked|blocked.{0,20}\bip\b/i;
/** The content is not to the service's liking, or there is too much of it. */
const CONTENT_CODE = /invalid_prompt|policy|content_filter|context_length_exceeded|string_above_max_length/i;
/** A 400 that every lead would get: what we send or configured is wrong, not the lead. */
const OUR_REQUEST_CODE =
  /model_not_found|invalid_model|unsupported_(parameter|value|model)|unknown_parameter|missing_required_parameter|invalid_json_schema|data_residency_mismatch/i;
const OUR_REQUEST_MESSAGE = /invalid request body|unknown field|unrecognized request argument|parse the json/i;
/** The parts of our requests that are the same for every lead, as a service names them. */
const OUR_PARAMETER =
  /\b(text\.format|response_format|json_schema|model|max_output_tokens|reasoning|effort|store|instructions|tools?|web_search)\b/i;
/** Instantly names the place in the request: `body/leads/0/email must be …`. Some are one lead's or one campaign's. */
const PLACE = /^(body|params|querystring|headers)(\/\S*)?\s/;
const PLACE_OF_ONE = /^(body\/leads\/\d|body\/contacts|body\/campaign|params\/id|body\/name)\b/;
/** Apollo's word for an exception of its own, which it answers with 422. */
const THEIR_EXCEPTION = /unknown_error|internal/i;
/** An address that is too long, or a request that is too large: the filters of one campaign. */
const TOO_LARGE = [413, 414, 431];

/** The table of faults for an HTTP answer. A status that the services do not document is `malformed`. */
export function judgeStatus(status: number, words: () => Words, about: About): Judgement {
  if (status >= 200 && status <= 299) return "good";
  if (status >= 500) return "server_error";
  const said = words();
  if (status === 402) return "out_of_credit";
  if (status === 429) return saysOutOfCredit(said) ? "out_of_credit" : "rate_limited";
  if (saysOutOfCredit(said)) return "out_of_credit";
  // OpenAI says of a model that the key may not use that it does not exist, under 403 as well as 404.
  if (OUR_REQUEST_CODE.test(said.code)) return "malformed";
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 408) return "timeout";
  if (about === "campaign" && TOO_LARGE.includes(status)) return "refused";
  if (status === 400 || status === 422) return judgeRefusal(said, about);
  return "malformed";
}

function judgeRefusal(said: Words, about: About): "refused" | "malformed" | "server_error" {
  if (CONTENT_CODE.test(said.code)) return "refused";
  if (THEIR_EXCEPTION.test(said.code)) return "server_error";
  if (PLACE_OF_ONE.test(said.message) || said.param === "input") return "refused";
  return about === "everyone" || speaksOfOurRequest(said) ? "malformed" : "refused";
}

function speaksOfOurRequest({ param, message }: Words): boolean {
  return (
    OUR_PARAMETER.test(param) || PLACE.test(message) || OUR_PARAMETER.test(message) || OUR_REQUEST_MESSAGE.test(message)
  );
}

/** The same table for an error inside a 200. */
export function judgeErrorInside(words: Words): Exclude<Judgement, "good"> {
  if (CONTENT_CODE.test(words.code)) return "refused";
  if (words.status !== null) {
    const judgement = judgeStatus(words.status, () => words, "everyone");
    return judgement === "good" ? "server_error" : judgement;
  }
  if (saysOutOfCredit(words)) return "out_of_credit";
  if (OUR_REQUEST_CODE.test(words.code)) return "malformed";
  const all = `${words.code} ${words.message}`;
  if (RATE.test(spaced(all))) return "rate_limited";
  if (ACCESS.test(spaced(all))) return "unauthorized";
  return "server_error";
}

function saysOutOfCredit({ code, message }: Words): boolean {
  if (CREDIT_CODE.test(code)) return true;
  return CREDIT_MESSAGE.test(spaced(message)) && !RATE.test(spaced(message));
}

/** MillionVerifier writes the same errors in words and in snake_case. */
const spaced = (text: string) => text.replaceAll("_", " ");
