import { companyOf, nameOf, titleOf } from "./names.ts";
import { fraction, hexFrom } from "./random.ts";

const SHARE_WITHOUT_EMAIL = 0.05;
const SHARE_WITHOUT_MATCH = 0.02;
const SHARE_LOCKED = 0.003;

export const SEARCH_DIGITS = 10;
const POSITION_DIGITS = 6;
const CHECK_DIGITS = 8;
const PERSON_ID = /^[0-9a-f]{24}$/;
/** The first digit of a key whose people are colleagues. */
export const WORKPLACE = "f";

/** What Apollo shows in place of an address that it does not give. */
export const LOCKED_EMAIL = "email_not_unlocked@domain.com";

export interface Person {
  id: string;
  firstName: string | null;
  lastName: string | null;
  title: string | null;
  /** Null for somebody whose address is not known. */
  email: string | null;
  linkedinUrl: string;
  company: string | null;
  domain: string;
}

/** `position` counts from 0. The id holds all that is needed to make the person again. */
export function personIdAt(search: string, position: number): string {
  const place = search + position.toString(16).padStart(POSITION_DIGITS, "0");
  return place + hexFrom(place, CHECK_DIGITS);
}

/** Null for an id that no search has shown. */
export function personOf(id: string): Person | null {
  const place = id.slice(0, SEARCH_DIGITS + POSITION_DIGITS);
  if (!PERSON_ID.test(id) || id !== place + hexFrom(place, CHECK_DIGITS)) return null;
  const name = nameOf(id);
  const company = companyOf(place.startsWith(WORKPLACE) ? place.slice(0, SEARCH_DIGITS) : id);
  const domain = domainOf(company?.plain ?? "freelance");
  const mark = markOf(place);
  return {
    id,
    firstName: name.first,
    lastName: name.last,
    title: titleOf(id),
    email: hasEmail(id) ? addressOf(id, [...name.letters, mark].join("."), domain) : null,
    linkedinUrl: `https://www.linkedin.com/in/${[...name.letters, mark].join("-")}`,
    company: company?.name ?? null,
    domain,
  };
}

/** The search found the person, but the reveal does not: it answers null and costs nothing. */
export function isUnmatched(id: string): boolean {
  return fraction(`match:${id}`) < SHARE_WITHOUT_MATCH;
}

export function domainOf(company: string): string {
  const name = company
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return `${name || "company"}.example`;
}

function hasEmail(id: string): boolean {
  return fraction(`mailbox:${id}`) >= SHARE_WITHOUT_EMAIL;
}

/** However it is spelt, the mark in the mailbox's name is the person's alone. */
function addressOf(id: string, mailbox: string, domain: string): string {
  const spelt = fraction(`spelt:${id}`);
  if (spelt < SHARE_LOCKED) return LOCKED_EMAIL;
  if (spelt < 0.008) return `${mailbox}+work@${domain}`;
  if (spelt < 0.015)
    return `${mailbox.replace(/^[a-z]/, (first) => first.toUpperCase())}@${domain.replace(/^./, (first) => first.toUpperCase())}`;
  if (spelt < 0.018) return `${mailbox}@büro-${domain}`;
  return `${mailbox}@${domain}`;
}

const SEARCH_LETTERS = 8;

/** Different for every person: the search in eight digits, which 40 bits fit into, then the position. */
function markOf(place: string): string {
  const search = Number.parseInt(place.slice(0, SEARCH_DIGITS), 16);
  const position = Number.parseInt(place.slice(SEARCH_DIGITS), 16);
  return search.toString(36).padStart(SEARCH_LETTERS, "0") + position.toString(36);
}

/** At which place of the search a person stood who has this address; null for an address of nobody made up here. */
export function positionOf(email: string): number | null {
  const [, mark] = /\.([0-9a-z]+)(?:\+[^@]*)?@/.exec(email.toLowerCase()) ?? [];
  return mark === undefined || mark.length <= SEARCH_LETTERS ? null : Number.parseInt(mark.slice(SEARCH_LETTERS), 36);
}
