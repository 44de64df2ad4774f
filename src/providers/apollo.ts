import { z } from "zod";
import type { Answer } from "../domain/fault.ts";
import type { FoundPerson, RevealedPerson, Search } from "../domain/lead.ts";
import type { FindPeople } from "../operations/providers.ts";
import { checkApollo, tryOutApollo } from "./apollo-check.ts";
import { answered, ask, errorInside, fault, post, type Connection, type Service } from "./call.ts";

const API = "https://api.apollo.io/api/v1";
const PAGE_SIZE = 100;
const REVEAL_AT_MOST = 10;

const text = z.string().nullish();

const SearchAnswer = z.looseObject({
  total_entries: z.number().int().nonnegative(),
  people: z.array(z.looseObject({ id: text, has_email: z.boolean().nullish() })),
});

const Match = z.looseObject({
  id: z.string().min(1),
  email: text,
  first_name: text,
  last_name: text,
  title: text,
  headline: text,
  linkedin_url: text,
  organization: z.looseObject({ name: text, website_url: text }).nullish(),
});

const RevealAnswer = z.looseObject({
  credits_consumed: z.number().nullish(),
  error_code: z.union([z.string(), z.number()]).nullish(),
  error_message: text,
  matches: z.array(Match.nullable()).nullish(),
});

export function createApollo(connection: Connection): FindPeople {
  const service: Service = { ...connection, provider: "apollo" };
  const headers = { "x-api-key": connection.key };
  return {
    check: () => checkApollo(service),
    tryOut() {
      return tryOutApollo(service, this);
    },
    async search(search, page) {
      const url = `${API}/mixed_people/api_search?${searchQuery(search, page)}`;
      const answer = await ask(service, post(url, headers), SearchAnswer);
      if (answer.outcome !== "answered") return answer;
      const { people, total_entries } = answer.value;
      return answered({ people: people.flatMap(foundPerson), totalEntries: total_entries });
    },
    async reveal(personIds) {
      if (personIds.length === 0 || personIds.length > REVEAL_AT_MOST) {
        throw new RangeError(`apollo.reveal: 1 to ${REVEAL_AT_MOST} ids, got ${personIds.length}`);
      }
      const details = personIds.map((id) => ({ id }));
      const answer = await ask(service, post(`${API}/people/bulk_match`, headers, { details }), RevealAnswer);
      return answer.outcome === "answered" ? revealed(service, answer.value) : answer;
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

function foundPerson(person: z.infer<typeof SearchAnswer>["people"][number]): FoundPerson[] {
  return person.id ? [{ personId: person.id, hasEmail: person.has_email === true }] : [];
}

function revealed(service: Service, answer: z.infer<typeof RevealAnswer>): Answer<RevealedPerson[]> {
  const { matches, credits_consumed, error_code, error_message } = answer;
  if (error_code || error_message) {
    return errorInside(service, { message: error_message ?? "", code: String(error_code ?? "") });
  }
  if (!matches) return fault(service, "malformed", 200, "The answer has no list of matches");
  const people = matches.filter((match) => match !== null).map(revealedPerson);
  return answered(people, credits_consumed == null ? {} : { credits: credits_consumed });
}

function revealedPerson(match: z.infer<typeof Match>): RevealedPerson {
  const email = told(match.email);
  return {
    personId: match.id,
    // Apollo shows a placeholder such as email_not_unlocked@domain.com where it keeps the address to itself.
    email: email?.startsWith("email_not_unlocked@") ? null : email,
    firstName: told(match.first_name) ?? "",
    lastName: told(match.last_name) ?? "",
    title: told(match.title),
    headline: told(match.headline),
    linkedinUrl: told(match.linkedin_url),
    company: told(match.organization?.name),
    companyWebsite: told(match.organization?.website_url),
  };
}

function told(value: string | null | undefined): string | null {
  return value?.trim() || null;
}
