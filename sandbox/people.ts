import { fraction, hexFrom, pick } from "./random.ts";
import { COMPANY_FIRST, COMPANY_SECOND, FIRST_NAMES, LAST_NAMES, TITLES } from "./words.ts";

/** A search finds this many people, whatever it looks for. */
export const TOTAL_ENTRIES = 50_000;

const SHARE_WITHOUT_EMAIL = 0.05;
const SHARE_WITHOUT_MATCH = 0.02;

const SEARCH_DIGITS = 10;
const POSITION_DIGITS = 6;
const CHECK_DIGITS = 8;
const PERSON_ID = /^[0-9a-f]{24}$/;

export interface Person {
  id: string;
  firstName: string;
  lastName: string;
  title: string;
  /** Null for somebody whose address is not known. */
  email: string | null;
  linkedinUrl: string;
  company: string;
  domain: string;
}

/** Names a search by its filters alone: their order, case and spacing, and the page asked for, make no difference. */
export function searchKey(parameters: URLSearchParams): string {
  const filters = [...parameters]
    .map(([name, value]) => `${name.replace(/\[\]$/, "")}=${value.trim().toLowerCase()}`)
    .filter((filter) => !/^(page|per_page)=/.test(filter));
  return hexFrom([...new Set(filters)].toSorted().join("&"), SEARCH_DIGITS);
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
  const firstName = pick(FIRST_NAMES, `first:${id}`);
  const lastName = pick(LAST_NAMES, `last:${id}`);
  const company = `${pick(COMPANY_FIRST, `company:${id}`)} ${pick(COMPANY_SECOND, `trade:${id}`)}`;
  const domain = domainOf(company);
  const mark = markOf(place);
  return {
    id,
    firstName,
    lastName,
    title: pick(TITLES, `title:${id}`),
    email: hasEmail(id) ? `${letters(firstName)}.${letters(lastName)}.${mark}@${domain}` : null,
    linkedinUrl: `https://www.linkedin.com/in/${letters(firstName)}-${letters(lastName)}-${mark}`,
    company,
    domain,
  };
}

/** The search found the person, but the reveal does not: it answers null and costs nothing. */
export function isUnmatched(id: string): boolean {
  return fraction(`match:${id}`) < SHARE_WITHOUT_MATCH;
}

export function domainOf(company: string): string {
  return `${company.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.example`;
}

function hasEmail(id: string): boolean {
  return fraction(`mailbox:${id}`) >= SHARE_WITHOUT_EMAIL;
}

/** Different for every person: the search in eight digits, which 40 bits fit into, then the position. */
function markOf(place: string): string {
  const search = Number.parseInt(place.slice(0, SEARCH_DIGITS), 16);
  const position = Number.parseInt(place.slice(SEARCH_DIGITS), 16);
  return search.toString(36).padStart(8, "0") + position.toString(36);
}

function letters(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, "");
}
