import { fraction, hexFrom } from "./random.ts";
import { personIdAt, SEARCH_DIGITS, WORKPLACE } from "./people.ts";

/** So many results of a search can be shown, however many there are. */
export const SHOWN_AT_MOST = 50_000;

const MOST_ENTRIES = 4_000_000;
const FEWEST_OF_A_DOMAIN = 20;
const MOST_OF_A_DOMAIN = 60;
/** Every so many-th person of a search is found whatever seniorities it asks for. */
const SHARED_EVERY = 4;

/** Whom a search finds. */
export interface SearchResult {
  totalEntries: number;
  /** Counts from 0; null beyond the last. */
  personIdAt(position: number): string | null;
}

/** Names a search by its filters alone: their order, case and spacing, and the page asked for, make no difference. */
export function searchKey(parameters: URLSearchParams): string {
  return keyOf("search", filtersOf(parameters));
}

/** A search that names domains finds some dozens of people at each, the same for every such search; another one finds many. */
export function searchFor(parameters: URLSearchParams): SearchResult {
  const filters = filtersOf(parameters);
  const domains = filters.filter(({ name }) => name === "q_organization_domains_list").map(({ value }) => value);
  if (domains.length > 0) return staffOf([...new Set(domains)].toSorted());
  const own = keyOf("search", filters);
  const shared = keyOf(
    "shared",
    filters.filter(({ name }) => name !== "person_seniorities"),
  );
  return {
    totalEntries: SHOWN_AT_MOST + Math.floor(fraction(`entries:${own}`) * (MOST_ENTRIES - SHOWN_AT_MOST)),
    personIdAt: (position) =>
      position % SHARED_EVERY === SHARED_EVERY - 1 ? personIdAt(shared, position) : personIdAt(own, position),
  };
}

function staffOf(domains: string[]): SearchResult {
  const staffs = domains.map((domain) => ({ key: workplaceKey(domain), people: staffCount(domain) }));
  return {
    totalEntries: staffs.reduce((sum, { people }) => sum + people, 0),
    personIdAt(position) {
      let before = 0;
      for (const { key, people } of staffs) {
        if (position < before + people) return personIdAt(key, position - before);
        before += people;
      }
      return null;
    },
  };
}

function staffCount(domain: string): number {
  const spread = MOST_OF_A_DOMAIN - FEWEST_OF_A_DOMAIN + 1;
  return FEWEST_OF_A_DOMAIN + Math.floor(fraction(`staff:${domain}`) * spread);
}

interface Filter {
  name: string;
  value: string;
}

function filtersOf(parameters: URLSearchParams): Filter[] {
  return [...parameters]
    .map(([name, value]) => ({ name: name.replace(/\[\]$/, ""), value: value.trim().toLowerCase() }))
    .filter(({ name }) => name !== "page" && name !== "per_page");
}

function keyOf(kind: "search" | "shared", filters: Filter[]): string {
  const text = [...new Set(filters.map(({ name, value }) => `${name}=${value}`))].toSorted().join("&");
  const key = hexFrom(kind === "search" ? text : `${kind}:${text}`, SEARCH_DIGITS);
  return key.startsWith(WORKPLACE) ? `0${key.slice(1)}` : key;
}

function workplaceKey(domain: string): string {
  return WORKPLACE + hexFrom(`workplace:${domain}`, SEARCH_DIGITS - 1);
}
