import { describe, expect, test } from "vitest";
import { aFault, KEY, providersOn } from "./builders.ts";
import { aJson, fakeFetch } from "./fake-fetch.ts";

const aMatch = (changes: object = {}) => ({
  id: "p1",
  first_name: "Ada",
  last_name: "Byron",
  name: "Ada Byron",
  title: "Head of Engines",
  email: "ada@engines.example",
  email_status: "verified",
  headline: "Engines, mostly",
  linkedin_url: "https://linkedin.example/ada",
  organization: { name: "Engines Ltd", website_url: "https://engines.example" },
  ...changes,
});

function reveal(body: object, ids = ["p1", "p2"]) {
  const { fetch, sent } = fakeFetch(aJson(200, { status: "success", credits_consumed: 1, ...body }));
  return { answer: providersOn(fetch).apollo.reveal(ids), sent };
}

const TEN = Array.from({ length: 10 }, (_, n) => `p${n}`);
const tenMatches = (changes: object = {}) => TEN.map((id) => aMatch({ id, ...changes }));
const without = (field: string) => (match: object) =>
  Object.fromEntries(Object.entries(match).filter(([name]) => name !== field));

describe("Apollo", () => {
  test("searches with the filters in the query string, a hundred people a page", async () => {
    const people = [{ id: "p1", has_email: true }, { id: "p2", has_email: null }, { id: null }, { id: "p3" }];
    const { fetch, sent } = fakeFetch(aJson(200, { total_entries: 1234, people, breadcrumbs: [] }));
    const search = { person_titles: ["CEO", "Head of R&D"], organization_num_employees_ranges: ["1,10"] };
    expect(await providersOn(fetch).apollo.search(search, 3)).toEqual({
      outcome: "answered",
      value: {
        totalEntries: 1234,
        people: [
          { personId: "p1", hasEmail: true },
          { personId: "p2", hasEmail: false },
          { personId: "p3", hasEmail: false },
        ],
      },
      spend: {},
    });
    const { url, ...rest } = sent[0]!;
    const { origin, pathname, searchParams } = new URL(url);
    expect(origin + pathname).toBe("https://api.apollo.io/api/v1/mixed_people/api_search");
    expect([...searchParams]).toEqual([
      ["person_titles[]", "CEO"],
      ["person_titles[]", "Head of R&D"],
      ["organization_num_employees_ranges[]", "1,10"],
      ["page", "3"],
      ["per_page", "100"],
    ]);
    expect(rest).toMatchObject({ method: "POST", headers: { "x-api-key": KEY } });
    expect(url).not.toContain("secret");
  });

  test("reveals people by id and tells the credits", async () => {
    const { answer, sent } = reveal({ status: "success", credits_consumed: 1, matches: [aMatch(), null] });
    expect(await answer).toEqual({
      outcome: "answered",
      value: [
        {
          personId: "p1",
          email: "ada@engines.example",
          firstName: "Ada",
          lastName: "Byron",
          title: "Head of Engines",
          headline: "Engines, mostly",
          linkedinUrl: "https://linkedin.example/ada",
          company: "Engines Ltd",
          companyWebsite: "https://engines.example",
        },
      ],
      spend: { credits: 1 },
    });
    expect(sent[0]).toMatchObject({
      method: "POST",
      url: "https://api.apollo.io/api/v1/people/bulk_match",
      headers: { "x-api-key": KEY, "content-type": "application/json" },
      body: { details: [{ id: "p1" }, { id: "p2" }] },
    });
  });

  test.each([
    ["email_not_unlocked@domain.com", null],
    ["email_not_unlocked", null],
    ["", null],
    [null, null],
    [" ada@engines.example ", "ada@engines.example"],
  ])("takes the address %j for %j", async (email, expected) => {
    const { answer } = reveal({ matches: [aMatch({ email })] });
    expect(await answer).toMatchObject({ value: [{ email: expected }], spend: { credits: 1 } });
  });

  test("makes null, or an empty name, of what it does not tell", async () => {
    const { answer } = reveal({ matches: [{ id: "p1", email: null, title: " ", headline: 7, organization: [] }] });
    const nothing = {
      email: null,
      title: null,
      headline: null,
      linkedinUrl: null,
      company: null,
      companyWebsite: null,
    };
    expect(await answer).toMatchObject({ value: [{ personId: "p1", firstName: "", lastName: "", ...nothing }] });
  });

  test.each([
    ["an error inside a 200", { error_message: "Try later", matches: [] }, "server_error", "Try later"],
    [
      "used up credits inside a 200",
      { error_code: "INSUFFICIENT_CREDITS" },
      "out_of_credit",
      expect.stringContaining("INSUFFICIENT_CREDITS"),
    ],
    ["an answer without matches", {}, "malformed", expect.stringContaining("at matches")],
    [
      "an answer that does not tell the credits",
      { credits_consumed: null, matches: [] },
      "malformed",
      expect.stringContaining("at credits_consumed"),
    ],
    ["a match without an id", { matches: [aMatch({ id: 7 })] }, "malformed", expect.stringContaining("at matches.id")],
    [
      "a match without an address field",
      { matches: [null, without("email")(aMatch())] },
      "malformed",
      expect.stringContaining("at matches.1.email"),
    ],
  ] as const)("is at fault for %s", async (_what, body, kind, message) => {
    expect(await reveal(body).answer).toEqual(aFault("apollo", kind, 200, message));
  });

  test("is at fault for ten people of ten, paid for, of whom none has an address", async () => {
    const body = { credits_consumed: 10, matches: tenMatches({ email: null }) };
    expect(await reveal(body, TEN).answer).toMatchObject({ outcome: "service_fault", fault: { kind: "malformed" } });
    const nine = { credits_consumed: 9, matches: [...tenMatches({ email: null }).slice(1), null] };
    expect(await reveal(nine, TEN).answer).toMatchObject({ outcome: "answered" });
    const free = { credits_consumed: 0, matches: tenMatches({ email: null }) };
    expect(await reveal(free, TEN).answer).toMatchObject({ outcome: "answered" });
  });

  test.each(["first_name", "last_name", "title", "headline", "linkedin_url", "organization"])(
    "is at fault for ten people without %s, and not for one",
    async (field) => {
      const all = { credits_consumed: 10, matches: tenMatches().map(without(field)) };
      const message = expect.stringContaining(`at matches.${field}`);
      expect(await reveal(all, TEN).answer).toEqual(aFault("apollo", "malformed", 200, message));
      const one = {
        credits_consumed: 10,
        matches: tenMatches().map((match, at) => (at === 3 ? without(field)(match) : match)),
      };
      expect(await reveal(one, TEN).answer).toMatchObject({ outcome: "answered" });
    },
  );

  test("gives a person whose record was merged the id that was asked for", async () => {
    const { answer } = reveal({ matches: [null, aMatch({ id: "p9" })] });
    expect(await answer).toMatchObject({ value: [{ personId: "p2" }] });
  });

  test.each([
    ["nobody tells has_email", [{ id: "p1" }, { id: "p2" }], "people.has_email"],
    ["nobody has an id", [{ has_email: true }], "people.id"],
  ])("is at fault for a page in which %s", async (_what, people, where) => {
    const { fetch } = fakeFetch(aJson(200, { total_entries: 2, people }));
    expect(await providersOn(fetch).apollo.search({ person_titles: ["CEO"] }, 1)).toEqual(
      aFault("apollo", "malformed", 200, expect.stringContaining(where)),
    );
  });

  test.each([400, 413, 414, 422, 431])(
    "refuses a campaign's filters with %i: that search fails, the line goes on",
    async (status) => {
      const { fetch } = fakeFetch(aJson(status, { message: "The request is too long" }));
      expect(await providersOn(fetch).apollo.search({ person_titles: ["CEO"] }, 1)).toEqual({
        outcome: "refused",
        message: "The request is too long",
      });
    },
  );

  test("cuts what it tells of a person, never through a character", async () => {
    const { answer } = reveal({ matches: [aMatch({ title: "😀".repeat(200), headline: `broken \ud83d end` })] });
    const told = await answer;
    const [person] = told.outcome === "answered" ? told.value : [];
    expect(person?.title).toBe("😀".repeat(150));
    expect(person?.headline).toBe("broken   end");
  });

  test.each([0, 11])("is never asked for %i people: that is a bug of ours", async (count) => {
    const { fetch, sent } = fakeFetch(aJson(200, {}));
    const ids = Array.from({ length: count }, (_, index) => `p${index}`);
    await expect(providersOn(fetch).apollo.reveal(ids)).rejects.toThrow(RangeError);
    expect(sent).toEqual([]);
  });
});
