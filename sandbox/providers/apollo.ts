import { z } from "zod";
import { isUnmatched, personIdAt, personOf, searchKey, TOTAL_ENTRIES, type Person } from "../people.ts";
import {
  authorised,
  checked,
  free,
  json,
  MALFORMED,
  parseJson,
  plainText,
  refused,
  UNREADABLE,
  type Call,
  type PlainFault,
  type Reading,
  type Reply,
  type StandIn,
} from "../stand-in.ts";

const REVEAL_COST_USD = 0.02;

const CREDITS = { credit_usage_stats: { lead_credit: { limit: 100_000, consumed: 0, left_over: 100_000 } } };

const Paging = z.object({
  page: z.coerce.number().int().min(1).default(1),
  per_page: z.coerce.number().int().min(1).max(100).default(10),
});
const RevealBody = z.object({
  details: z
    .array(z.object({ id: z.string().min(1) }))
    .min(1)
    .max(10),
});

export const apollo: StandIn = {
  read(call) {
    const reading = readPath(call);
    return reading && authorised(reading, Boolean(call.headers.get("x-api-key")), apollo.faulty("unauthorized"));
  },

  faulty(kind: PlainFault): Reply {
    switch (kind) {
      case "server_error":
        return json(500, { error: "Something went wrong on our side.", error_code: "INTERNAL_ERROR" });
      case "rate_limited":
        return json(
          429,
          { error: "The maximum number of api calls allowed is 1000 times per minute.", error_code: "RATE_LIMITED" },
          { "retry-after": "60" },
        );
      case "unauthorized":
        return plainText(401, "Invalid access credentials.");
      case "out_of_credit":
        return json(402, { error: "You have insufficient credits.", error_code: "INSUFFICIENT_CREDITS" });
      case "malformed":
        return MALFORMED;
    }
  },
};

function readPath(call: Call): Reading | null {
  switch (`${call.method} ${call.url.pathname}`) {
    case "POST /api/v1/mixed_people/api_search":
      return readSearch(call.url.searchParams);
    case "POST /api/v1/people/bulk_match":
      return readReveal(call.body);
    case "POST /api/v1/usage_stats/credit_usage_stats":
      return checked(() => json(200, CREDITS));
    default:
      return null;
  }
}

function readSearch(parameters: URLSearchParams): Reading {
  const search = searchKey(parameters);
  const paging = Paging.safeParse(Object.fromEntries(parameters));
  if (!paging.success || paging.data.page * paging.data.per_page > TOTAL_ENTRIES) {
    return refused([search], "rejected", unprocessable("page and per_page reach beyond the first 50000 results"));
  }
  const { page, per_page } = paging.data;
  return {
    entries: free([`${search}/${page}`]),
    paid: false,
    plan: { do: "answer", reply: () => found(search, (page - 1) * per_page, per_page) },
    faults: { bad_lead: () => unprocessable("The search filters could not be processed.") },
  };
}

function found(search: string, from: number, count: number): Reply {
  const people = Array.from({ length: count }, (_, index) => {
    const person = personAt(search, from + index);
    return {
      id: person.id,
      first_name: person.firstName,
      last_name_obfuscated: `${person.lastName.slice(0, 2)}***${person.lastName.slice(-1)}`,
      title: person.title,
      has_email: person.email !== null,
      organization: { name: person.company },
    };
  });
  return json(200, { total_entries: TOTAL_ENTRIES, people });
}

function personAt(search: string, position: number): Person {
  const person = personOf(personIdAt(search, position));
  if (person === null) throw new Error(`apollo.personAt: no person at ${search}/${position}`);
  return person;
}

function readReveal(body: string): Reading {
  const parsed = RevealBody.safeParse(parseJson(body));
  if (!parsed.success) {
    return refused([UNREADABLE], "rejected", unprocessable("details must hold 1 to 10 people, each with an id"));
  }
  const people = parsed.data.details.map(({ id }) => ({ id, person: isUnmatched(id) ? null : personOf(id) }));
  return {
    entries: people.map(({ id, person }) =>
      person === null
        ? { subject: id, outcome: "not_found", costUsd: 0 }
        : { subject: id, outcome: "ok", costUsd: REVEAL_COST_USD },
    ),
    paid: true,
    plan: { do: "answer", reply: () => revealed(people.map(({ person }) => person)) },
    faults: { bad_lead: () => unprocessable("The details could not be processed.") },
  };
}

function revealed(people: (Person | null)[]): Reply {
  const missing = people.filter((person) => person === null).length;
  return json(200, {
    status: "success",
    error_code: null,
    error_message: null,
    total_requested_enrichments: people.length,
    unique_enriched_records: people.length - missing,
    missing_records: missing,
    credits_consumed: people.length - missing,
    matches: people.map((person) => person && match(person)),
  });
}

function match(person: Person) {
  return {
    id: person.id,
    first_name: person.firstName,
    last_name: person.lastName,
    name: `${person.firstName} ${person.lastName}`,
    title: person.title,
    email: person.email,
    email_status: person.email === null ? "unavailable" : "verified",
    headline: `${person.title} at ${person.company}`,
    linkedin_url: person.linkedinUrl,
    organization: {
      name: person.company,
      website_url: `https://www.${person.domain}`,
      primary_domain: person.domain,
    },
  };
}

function unprocessable(error: string): Reply {
  return json(422, { error, error_code: "INVALID_PARAMETERS" });
}
