import { z } from "zod";
import type { Answer } from "../domain/fault.ts";
import type { FoundPerson, RevealedPerson, Search } from "../domain/lead.ts";
import { addressOf } from "../domain/mailbox.ts";
import type { FindPeople } from "../ports/providers.ts";
import { API, checkApollo, headersOf, tryOutApollo } from "./apollo-check.ts";
import { answered, ask, errorInside, fault, of, post, type Connection, type Service } from "./call.ts";
import { Identifier, missingEverywhere, optionalText, TEXT_LIMITS } from "./text.ts";

const PAGE_SIZE = 100;
const REVEAL_AT_MOST = 10;

/** Where Apollo keeps an address to itself it shows a placeholder such as email_not_unlocked@domain.com. */
const LOCKED = /^email_not_/i;

/** `people` is null where nobody was found. */
const SearchAnswer = z.looseObject({
  total_entries: z.number().int().nonnegative(),
  people: z.array(z.unknown()).nullable(),
});

const Shown = z.looseObject({ id: Identifier.nullish().catch(null), has_email: z.unknown().optional() });

const Match = z.looseObject({
  id: Identifier,
  // Null for nobody's; but it must be there, or its absence would say that nobody has one.
  email: z.union([
    z.string(),
    z.null(),
    z
      .unknown()
      .refine((value) => value !== undefined)
      .transform(() => null),
  ]),
  first_name: optionalText(TEXT_LIMITS.name),
  last_name: optionalText(TEXT_LIMITS.name),
  title: optionalText(TEXT_LIMITS.title),
  headline: optionalText(TEXT_LIMITS.headline),
  linkedin_url: optionalText(TEXT_LIMITS.url),
  organization: z
    .looseObject({ name: optionalText(TEXT_LIMITS.name), website_url: optionalText(TEXT_LIMITS.url) })
    .nullish()
    .catch(null),
});
/** What a person is told of; one of these that nobody has any more was renamed. */
const PROFILE_FIELDS = ["first_name", "last_name", "title", "headline", "linkedin_url", "organization"];
const ORGANIZATION_FIELDS = ["name", "website_url"];

const RevealAnswer = z.looseObject({
  credits_consumed: z.number().nonnegative(),
  status: z.unknown().optional(),
  matches: z.array(z.unknown()),
});

export function createApollo(connection: Connection): FindPeople {
  const service: Service = { ...connection, provider: "apollo" };
  const headers = headersOf(connection);
  return {
    check: () => checkApollo(service),
    tryOut() {
      return tryOutApollo(service, this);
    },
    async search(search, page) {
      const url = `${API}/mixed_people/api_search?${searchQuery(search, page)}`;
      const answer = await ask(service, of("campaign", post(url, headers)), SearchAnswer);
      return answer.outcome === "answered" ? found(service, page, answer.value) : answer;
    },
    async reveal(personIds) {
      if (personIds.length === 0 || personIds.length > REVEAL_AT_MOST) {
        throw new RangeError(`apollo.reveal: 1 to ${REVEAL_AT_MOST} ids, got ${personIds.length}`);
      }
      const details = personIds.map((id) => ({ id }));
      const answer = await ask(service, post(`${API}/people/bulk_match`, headers, { details }), RevealAnswer);
      return answer.outcome === "answered" ? revealed(service, personIds, answer.value) : answer;
    },
  };
}

/** Apollo reads the filters from the query string, lists as `name[]=…` repeated, and ignores a body. */
function searchQuery(search: Search, page: number): string {
  const query = new URLSearchParams();
  for (const [filter, values] of Object.entries(search)) {
    for (const value of values ?? []) query.append(`${filter}[]`, value);
  }
  query.append("page", String(page));
  query.append("per_page", String(PAGE_SIZE));
  return query.toString();
}

/** A page in which nobody has what decides is no page of people without it: its shape has changed. */
function found(
  service: Service,
  page: number,
  { people, total_entries: totalEntries }: z.infer<typeof SearchAnswer>,
): Answer<{ people: FoundPerson[]; totalEntries: number }> {
  const all = people ?? [];
  if (all.length === 0) {
    if (totalEntries > 0 && (people === null || page === 1)) return changedShape(service, "people");
    return answered({ people: [], totalEntries });
  }
  const shown = all.flatMap((person): z.infer<typeof Shown>[] => {
    const { data } = Shown.safeParse(person);
    return data ? [data] : [];
  });
  const known = shown.flatMap(({ id, has_email }) => (id ? [{ personId: id, hasEmail: saysYes(has_email) }] : []));
  if (known.length === 0) return changedShape(service, "people.id");
  if (!shown.some(({ has_email }) => typeof has_email === "boolean" || saysYes(has_email)))
    return changedShape(service, "people.has_email");
  if (totalEntries === 0) return changedShape(service, "total_entries");
  return answered({ people: known, totalEntries });
}

/** Apollo says so in words of a person's other fields. */
const saysYes = (value: unknown) => value === true || (typeof value === "string" && /^(yes|true)$/i.test(value));

function changedShape(service: Service, where: string) {
  return fault(service, "malformed", 200, `The answer has another shape than documented: nothing usable at ${where}`);
}

function revealed(
  service: Service,
  asked: string[],
  { status, matches, credits_consumed: credits }: z.infer<typeof RevealAnswer>,
): Answer<RevealedPerson[]> {
  if (typeof status === "string" && /^(failed|error)/i.test(status))
    return errorInside(service, { message: `The answer says: ${status}`, code: "" });
  const people: RevealedPerson[] = [];
  const places: number[] = [];
  for (const [at, match] of matches.entries()) {
    if (match === null) continue;
    const parsed = Match.safeParse(match);
    if (!parsed.success) {
      if (hasAddressField(match)) continue;
      return changedShape(service, `matches.${at}.email`);
    }
    people.push(revealedPerson(parsed.data));
    places.push(at);
  }
  // One person's odd record is that person's; none of any use is no person's.
  if (people.length === 0 && matches.some((match) => match !== null)) return changedShape(service, "matches.id");
  const missing = missingField(matches);
  if (missing) return changedShape(service, missing);
  renameMerged(asked, matches.length, { people, places });
  const isFull = asked.length === REVEAL_AT_MOST && people.length === REVEAL_AT_MOST && credits > 0;
  if (isFull && people.every(({ email }) => email === null))
    return fault(
      service,
      "malformed",
      200,
      `${people.length} people were revealed and paid for, and none has an address`,
    );
  return answered(people, { credits });
}

/**
 * A record that Apollo has merged with another comes under a new id. Misses are null, so a list as long as the request is in
 * its order, if all that came under the ids that were asked for are: then the place tells who it is.
 */
function renameMerged(asked: string[], length: number, found: { people: RevealedPerson[]; places: number[] }): void {
  const placeOf = (at: number) => asked[found.places[at] ?? -1];
  const isInOrder = found.people.every(({ personId }, at) => !asked.includes(personId) || placeOf(at) === personId);
  if (length !== asked.length || !isInOrder) return;
  for (const [at, person] of found.people.entries()) person.personId = placeOf(at) ?? person.personId;
}

/** Whether the absence of an address can be told from that of the field; a record without anything is a miss. */
const hasAddressField = (match: unknown) =>
  typeof match !== "object" || match === null || "email" in match || !("id" in match);

function missingField(matches: unknown[]): string | null {
  const people = matches.filter((match) => typeof match === "object" && match !== null);
  const field = missingEverywhere(people, PROFILE_FIELDS);
  if (field) return `matches.${field}`;
  const organizations = people.flatMap((person) => {
    const organization: unknown = "organization" in person ? person.organization : null;
    return typeof organization === "object" && organization !== null ? [organization] : [];
  });
  const inner = missingEverywhere(organizations, ORGANIZATION_FIELDS);
  return inner && `matches.organization.${inner}`;
}

function revealedPerson(match: z.infer<typeof Match>): RevealedPerson {
  const email = match.email?.trim() ?? "";
  return {
    personId: match.id,
    email: LOCKED.test(email) || addressOf(email) === null ? null : email,
    firstName: match.first_name ?? "",
    lastName: match.last_name ?? "",
    title: match.title,
    headline: match.headline,
    linkedinUrl: match.linkedin_url,
    company: match.organization?.name ?? null,
    companyWebsite: match.organization?.website_url ?? null,
  };
}
