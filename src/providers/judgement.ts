import type { FaultKind } from "../domain/fault.ts";
import type { Words } from "./words.ts";

/** What an answer means: it may be used, the service refuses this input, or the service itself is at fault. */
type Judgement = "good" | "refused" | FaultKind;

/**
 * Whose a request is, and so what a refusal of it says: a `lead`'s fails that lead, a `campaign`'s own settings fail that
 * campaign's search, and what is sent alike for `everyone` would fail every lead, so it is a fault. Of what a model is given
 * (`prompt`), all but the input is alike for everyone.
 */
export type About = "lead" | "campaign" | "everyone" | "prompt";

const CREDIT_CODE =
  /insufficient_(quota|credits?|balance|funds)|credit_balance_exhausted|(spend|usage)_limit_exceeded|hard_limit|billing_not_active|quota_exceeded|payment_required/i;
const CREDIT = [
  /\b(insufficient|not enough|not have (enough|sufficient)|out of|no more|used up|exceeded|exhausted)\b[^.]{0,30}\b(credits?|balance|quota|funds)\b/i,
  /\b(credits?|balance|quota|funds)\b[^.]{0,30}\b(insufficient|exhausted|used up|exceeded|depleted|too low)\b/i,
  /\bno credits?\b[^.]{0,10}\b(remaining|left)\b|\bcredit limit\b/i,
  /\bbilling\b[^.]{0,20}\bnot active|not active[^.]{0,40}\bbilling\b|\bhard limit\b|\bno active\b[^.]{0,20}\bplan\b/i,
  /\breached\b[^.]{0,20}\bplan\b[^.]{0,20}\blimit\b|\blimit\b[^.]{0,20}\breached\b[^.]{0,20}\bplan\b|\bplan\b[^.]{0,20}\blimit\b[^.]{0,20}\b(reached|exceeded)\b/i,
];
/** A limit for a stretch of time: it passes by itself, whatever else the words speak of. */
const RATE =
  /rate.?limit|too.?many.?requests|slow.?down|\bper.?(second|minute|min|hour|day)\b|times per\b|\b(try again|retry) (in|after)\b/i;
const ACCESS_CODE = /api_inaccessible|invalid_api_key|invalid_access_token/i;
const ACCESS = [
  /\b(invalid|missing|incorrect|unknown|wrong|no)\b.{0,10}\b(api ?key|access (credentials|token))\b/i,
  /\b(api ?key|access (credentials|token))\b.{0,30}\b(invalid|missing|required|not found|not authori[sz]ed|revoked|expired|incorrect)\b/i,
  /\bunauthori[sz]ed\b|\bip\b.{0,20}\bblocked\b|\bblocked\b.{0,20}\bip\b/i,
];
/** The content is not to the service's liking, or there is too much of it. */
const CONTENT_CODE =
  /invalid_prompt|[a-z]+_policy|moderation_blocked|content_filter|context_length_exceeded|too_many_prompt_tokens|string_above_max_length/i;
const CONTENT =
  /\b(prompt|content|input|request) was flagged\b|\bcontext (length|window)\b|\bsafety (system|reasons)\b|\bcontent[- ]filter(s|ing|ed)?\b/i;
/** The models of several makers say it without a code: "prompt is too long", "Input tokens exceed the limit". */
const TOO_LONG = /\b(prompt|input)\b[^.:]{0,40}\b(too long|exceeds?)\b/i;
/** What was sent before has cost this account or organization its access, whatever the code says of a policy. */
const ACCESS_LIMITED = /\baccess to\b.{0,100}\bhas been\b.{0,20}\b(limited|revoked)\b|\baccess was terminated\b/i;
/** The model wrote what is no text, for this prompt again and again, whatever status its service gives it. */
const MODEL_FAILED = /\bmodel (produced|generated) invalid\b/i;
const INPUT = /\b(the|your) input\b/i;
/** A refusal that every lead would get: what we send or configured is wrong, not the lead. */
const OUR_REQUEST_CODE =
  /model_not_found|invalid_model|unsupported_(parameter|value|model)|unknown_parameter|missing_required_parameter|invalid_json_schema|data_residency_mismatch/i;
/** Instantly names the place in the request: `body/leads/0/email must be …`. Some are one lead's or one campaign's. */
const PLACE = /^(body|params|querystring|headers)(\/\S*)?\s/;
const PLACE_OF_ONE =
  /^(body\/leads\/\d+\/(email|first_name|last_name|company_name|personalization)|body\/contacts|body\/campaign(_id)?|params\/id|body\/name)(\/\S*)?\s/;
/** An exception of theirs, which Apollo answers with 422. */
const THEIR_EXCEPTION = /\bunknown_error\b|\binternal[_ ](server[_ ])?error\b/i;
/** An address that is too long, or a request that is too large: the filters of one campaign. */
const TOO_LARGE = [413, 414, 431];

/** The table of faults for an HTTP answer. A status that the services do not document is `malformed`. */
export function judgeStatus(status: number, words: () => Words, about: About): Judgement {
  if (status >= 200 && status <= 299) return "good";
  if (status >= 500) return about === "prompt" && MODEL_FAILED.test(words().message) ? "refused" : "server_error";
  const said = words();
  if (status === 402 || saysOutOfCredit(said)) return "out_of_credit";
  if (ACCESS_LIMITED.test(said.message)) return "unauthorized";
  if (status === 429) return "rate_limited";
  // OpenAI says of a model that the key may not use that it does not exist, under 403 as well as 404.
  if (OUR_REQUEST_CODE.test(said.code)) return "malformed";
  if (about === "prompt" && CONTENT_CODE.test(said.code) && isOfInput(said)) return "refused";
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 408) return "timeout";
  if (about === "campaign" && TOO_LARGE.includes(status)) return "refused";
  if (status === 400 || status === 422) return judgeRefusal(said, about);
  return "malformed";
}

/** Of what a model is given, only the input is one lead's; what names another parameter would be said of every lead. */
const isOfInput = ({ param }: Words) => param === "" || /^(input|messages?|prompt)\b/.test(param);

function judgeRefusal(said: Words, about: About): Exclude<Judgement, "good"> {
  if (THEIR_EXCEPTION.test(`${said.code} ${spaced(said.message)}`)) return "server_error";
  if (saysNoAccess(said)) return "unauthorized";
  if (PLACE_OF_ONE.test(said.message)) return "refused";
  switch (about) {
    case "lead":
    case "campaign":
      return PLACE.test(said.message) ? "malformed" : "refused";
    case "prompt":
      if (said.param !== "") return isOfInput(said) ? "refused" : "malformed";
      return [CONTENT, TOO_LONG, INPUT].some((words) => words.test(said.message)) ? "refused" : "malformed";
    case "everyone":
      return CONTENT_CODE.test(said.code) ? "refused" : "malformed";
  }
}

/** The same table for an error inside a 200. */
export function judgeErrorInside(words: Words): Exclude<Judgement, "good"> {
  if (ACCESS_LIMITED.test(words.message)) return "unauthorized";
  if ([CONTENT, MODEL_FAILED].some((said) => said.test(words.message)) || CONTENT_CODE.test(words.code))
    return "refused";
  if (words.status !== null) {
    const judgement = judgeStatus(words.status, () => words, "everyone");
    return judgement === "good" ? "server_error" : judgement;
  }
  if (saysOutOfCredit(words)) return "out_of_credit";
  if (OUR_REQUEST_CODE.test(words.code)) return "malformed";
  if (RATE.test(spaced(`${words.code} ${words.message}`))) return "rate_limited";
  if (saysNoAccess(words)) return "unauthorized";
  // Last: a rate or a quota may be spoken of as an input that exceeds it.
  return TOO_LONG.test(words.message) ? "refused" : "server_error";
}

function saysOutOfCredit({ code, message }: Words): boolean {
  if (CREDIT_CODE.test(code)) return true;
  return CREDIT.some((words) => words.test(spaced(message))) && !RATE.test(spaced(message));
}

function saysNoAccess({ code, message }: Words): boolean {
  return ACCESS_CODE.test(code) || ACCESS.some((words) => words.test(spaced(message)));
}

/** MillionVerifier writes the same errors in words and in snake_case, and a key as one word or two. */
const spaced = (text: string) => text.replaceAll("_", " ").replace(/\bapikey\b/gi, "api key");
