import type { Copy, LeadProfile } from "./lead.ts";
import { type Known, withoutLinks } from "./links.ts";

/** A phone number has seven digits at least. */
const FEWEST_DIGITS = 7;
/** Keys, wallets and tokens are longer than any word that has digits. */
const LONG_CODE = /[A-Za-z0-9]{24,}/g;

/** Digits with what parts them in phone, card and account numbers. */
const NUMBER = /(?<![\d.,])\+?\(?\d(?:[ \u00A0\u202F./()\-–]{0,3}\d){6,40}(?![\d])/g;
const VANITY = /\b1-?8\d\d-[A-Z]{4,8}\b/g;

const DATES =
  /(?<![\d+(./-]|[\d)] )(?:(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d\d)(?![\d/-]|\.\d| \d{3})/g;
/** Have as many digits and call nobody: ranges of years, days, decimals, machines, versions. */
const NO_ACCOUNTS = [
  /^\(?(?:19|20)\d\d(?:[ /()–-]{1,3}(?:19|20)\d\d){1,4}\)?$/,
  /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/,
  /^\d{1,3}(?:\.\d{1,3}){3}$/,
  /^(?!0\d)\d{1,3}\.\d+$/,
  /^\d{1,3}(?:\.\d{1,6}){0,3}\.\d(?:\.\d{1,6}){0,3}$/,
];
const THOUSANDS = /^[1-9]\d{0,2}([ \u00A0\u202F.])\d{3}(?:\1\d{3}){0,3}$/;
const ROUND = /^[1-9]\d{0,7}0000$/;
const OF_MONEY = /(?:[$€£¥₹]|\b(?:USD|EUR|GBP|CHF))\s?$/;
const MONEY_AFTER = /^\s?(?:[$€£¥₹%]|USD|EUR|GBP|CHF|euros?|dollars?|users?|customers?|people|employees)/;

/** The first number that may be a phone's, a card's or an account's and is nobody's who is named; null when none. */
export function foreignNumber({ subject, body }: Copy, { brief, lead }: Known): string | null {
  const text = asciiDigits(withoutLinks(`${subject}\n${body}`)).replace(DATES, " ");
  const own = [brief ?? "", ...textsOf(lead)].flatMap((each) => digitsIn(asciiDigits(each)));
  const found = [...text.matchAll(NUMBER)].find((match) => isLikeAccount(match[0], match) && !isOwn(match[0], own));
  const vanity = [...text.matchAll(VANITY)].find(([shown]) => !(brief ?? "").includes(shown));
  const code = [...text.matchAll(LONG_CODE)].find(
    ([shown]) => /\d/.test(shown) && /[A-Za-z]/.test(shown) && !(brief ?? "").includes(shown),
  );
  const shown = (found ?? vanity ?? code)?.[0].trim();
  return shown === undefined ? null : `it holds a number that is not in the brief: ${shown}`;
}

function isLikeAccount(shown: string, { input = "", index = 0 }: RegExpMatchArray | RegExpExecArray): boolean {
  const digits = shown.replace(/\D/g, "");
  if (digits.length < FEWEST_DIGITS) return false;
  if (shown.startsWith("+")) return true;
  if (NO_ACCOUNTS.some((pattern) => pattern.test(shown)) || isRoundRange(shown)) return false;
  if (shown.split(/\s?[-–]\s?/).every((part) => isRound(part))) return false;
  if (!/^[1-9]/.test(shown)) return true;
  const isAmount = THOUSANDS.test(shown) || /^\d+$/.test(shown);
  const isDotted = shown.includes(".") && THOUSANDS.test(shown);
  return !(isDotted || (isAmount && isCounted(input, index, shown.length)));
}

function isCounted(text: string, index: number, length: number): boolean {
  return (
    OF_MONEY.test(text.slice(Math.max(0, index - 6), index)) ||
    MONEY_AFTER.test(text.slice(index + length, index + length + 14))
  );
}

const isRound = (shown: string): boolean => ROUND.test(shown) || (THOUSANDS.test(shown) && shown.endsWith("000"));

/** "1000-5000" people, not "5551-2345". */
function isRoundRange(shown: string): boolean {
  const [from = "", to = "", ...more] = shown.split(/\s?[-–]\s?/);
  return more.length === 0 && /^[1-9]\d*0$/.test(from) && /^[1-9]\d*0$/.test(to) && Number(to) > Number(from);
}

function isOwn(shown: string, own: string[]): boolean {
  const digits = essential(shown);
  return own.some((each) => each === digits || each.endsWith(digits) || digits.endsWith(each));
}

const digitsIn = (text: string): string[] => [...text.matchAll(NUMBER)].map(([shown]) => essential(shown));

/** Without the plus and the noughts that only tell where one calls from. */
const essential = (shown: string): string => shown.replace(/\D/g, "").replace(/^0+/, "");

const textsOf = (lead: LeadProfile): string[] => Object.values(lead).filter((value) => typeof value === "string");

/** Other scripts' digits as 0 to 9: they come in tens that begin at a multiple of their own. */
function asciiDigits(text: string): string {
  return text
    .replace(/[\u0660-\u0669\u06F0-\u06F9]/g, (digit) => String((digit.codePointAt(0) ?? 0) & 0xf))
    .replace(/[\u0966-\u096F]/g, (digit) => String((digit.codePointAt(0) ?? 0) - 0x966));
}
