import { z } from "zod";
import { isUnmatched, personOf, type Person } from "../people.ts";
import { searchFor, searchKey, SHOWN_AT_MOST, type SearchResult } from "../searches.ts";
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
  without,
  type Call,
  type OwnFaults,
  type PlainFault,
  type Reading,
  type Reply,
  type StandIn,
} from "../stand-in.ts";
import { foundPerson, match } from "./apollo-people.ts";

const REVEAL_COST_USD = 0.02;
const CREDITS = 100_000;
/** The gateway in front takes no longer address. */
const LONGEST_ADDRESS = 8192;

const Filters = z.object({
  page: z.coerce.number().int().min(1).default(1),
  per_page: z.coerce.number().int().min(1).max(100).default(10),
});
const EMPLOYEES = /^\d{1,9},\d{1,9}$/;
const RevealBody = z.object({
  details: z
    .array(z.object({ id: z.string().min(1) }))
    .min(1)
    .max(10),
});

export const apollo: StandIn = {
  read(call) {
    if (call.url.href.length > LONGEST_ADDRESS) return refused([UNREADABLE], "address_too_long", tooLong());
    const reading = readPath(call);
    return reading && authorised(reading, Boolean(call.headers.get("x-api-key")), apollo.faulty("unauthorized", ""));
  },

  faulty(kind: PlainFault): Reply {
    switch (kind) {
      case "server_error":
        return json(500, { error: "Something went wrong on our side.", error_code: "INTERNAL_ERROR" });
      case "rate_limited":
        return json(
          429,
          { message: "The maximum number of api calls allowed is 1000 times per minute." },
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
      return checked(() => credits(CREDITS), {
        error_in_200: () => failed("UNKNOWN_ERROR", "Something went wrong"),
        out_of_credit: () => credits(0),
        missing_field: () => json(200, { current_credit_cycle: CYCLE }),
      });
    default:
      return null;
  }
}

const CYCLE = { start_date: "2026-11-01T00:00:00.000Z", end_date: "2026-12-01T00:00:00.000Z" };

/** Nothing is kept of what was used: as many credits are left at each look. */
function credits(left_over: number): Reply {
  const none = { limit: 0, consumed: 0, left_over: 0 };
  return json(200, {
    credit_usage_stats: {
      lead_credit: { limit: CREDITS, consumed: CREDITS - left_over, left_over },
      export_credit: none,
      direct_dial_credit: none,
    },
    current_credit_cycle: CYCLE,
  });
}

function readSearch(parameters: URLSearchParams): Reading {
  const key = searchKey(parameters);
  const parsed = Filters.safeParse(Object.fromEntries(parameters));
  if (!parsed.success || parsed.data.page * parsed.data.per_page > SHOWN_AT_MOST) {
    return refused([key], "rejected", unprocessable("page and per_page reach beyond the first 50000 results"));
  }
  const ranges = parameters.getAll("organization_num_employees_ranges[]");
  if (!ranges.every((range) => EMPLOYEES.test(range))) {
    return refused([key], "rejected", unprocessable("Value for organization_num_employees_ranges is not valid"));
  }
  const { page, per_page } = parsed.data;
  const found = () => peopleOf(searchFor(parameters), (page - 1) * per_page, per_page);
  return {
    entries: free([`${key}/${page}`]),
    paid: false,
    plan: { do: "answer", reply: () => json(200, found()) },
    faults: {
      error_in_200: () => failed("UNKNOWN_ERROR", "Something went wrong"),
      bad_lead: () => unprocessable("The search filters could not be processed."),
      address_too_long: tooLong,
      missing_field() {
        const { people, ...rest } = found();
        return json(200, { ...rest, people: people.map((person) => without(person, "has_email")) });
      },
    },
  };
}

function peopleOf(search: SearchResult, from: number, count: number) {
  const people = Array.from({ length: count }, (_, index) => search.personIdAt(from + index))
    .filter((id) => id !== null)
    .map((id) => foundPerson(existing(id)));
  return { total_entries: search.totalEntries, people };
}

function existing(id: string): Person {
  const person = personOf(id);
  if (person === null) throw new Error(`apollo.existing: no person ${id}`);
  return person;
}

function readReveal(body: string): Reading {
  const parsed = RevealBody.safeParse(parseJson(body));
  if (!parsed.success) {
    return refused([UNREADABLE], "rejected", unprocessable("details must hold 1 to 10 people, each with an id"));
  }
  const people = parsed.data.details.map(({ id }) => ({ id, person: isUnmatched(id) ? null : personOf(id) }));
  const matches = people.map(({ person }) => person && match(person));
  return {
    entries: people.map(({ id, person }) =>
      person === null
        ? { subject: id, outcome: "not_found", costUsd: 0 }
        : { subject: id, outcome: "ok", costUsd: REVEAL_COST_USD },
    ),
    paid: true,
    plan: { do: "answer", reply: () => revealed(matches) },
    faults: revealFaults(matches),
  };
}

type Matches = (ReturnType<typeof match> | null)[];

function revealFaults(matches: Matches): OwnFaults {
  return {
    error_in_200: () => failed("UNKNOWN_ERROR", "Something went wrong"),
    bad_request: () => failed("UNKNOWN_ERROR", "no implicit conversion of Symbol into Integer", 422),
    no_addresses: () => revealed(matches.map((person) => person && { ...person, email: null })),
    missing_field: () => revealed(matches.map((person) => person && without(person, "email"))),
  };
}

function revealed(matches: readonly (object | null)[]): Reply {
  const missing = matches.filter((person) => person === null).length;
  return json(200, {
    status: "success",
    error_code: null,
    error_message: null,
    total_requested_enrichments: matches.length,
    unique_enriched_records: matches.length - missing,
    missing_records: missing,
    credits_consumed: matches.length - missing,
    matches,
  });
}

function failed(error_code: string, error_message: string, status = 200): Reply {
  return json(status, { status: "failed", error_code, error_message });
}

function unprocessable(error: string): Reply {
  return json(422, { error, error_code: "INVALID_PARAMETERS" });
}

function tooLong(): Reply {
  return plainText(414, "Request-URI Too Large");
}
