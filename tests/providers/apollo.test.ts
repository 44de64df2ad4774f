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

function reveal(body: object) {
  const { fetch, sent } = fakeFetch(aJson(200, body));
  return { answer: providersOn(fetch).apollo.reveal(["p1", "p2"]), sent };
}

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
    ["", null],
    [null, null],
    [" ada@engines.example ", "ada@engines.example"],
  ])("takes the address %j for %j", async (email, expected) => {
    const { answer } = reveal({ matches: [aMatch({ email })] });
    expect(await answer).toMatchObject({ value: [{ email: expected }], spend: {} });
  });

  test("makes null, or an empty name, of what it does not tell", async () => {
    const { answer } = reveal({ matches: [{ id: "p1", title: " " }] });
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
    ["used up credits inside a 200", { error_code: "INSUFFICIENT_CREDITS" }, "out_of_credit", "INSUFFICIENT_CREDITS"],
    ["an answer without matches", { status: "success" }, "malformed", "The answer has no list of matches"],
    [
      "a match without an id",
      { matches: [aMatch({ id: 7 })] },
      "malformed",
      "The answer has another shape than documented, at matches.0.id: Invalid input: expected string, received number",
    ],
  ] as const)("is at fault for %s", async (_what, body, kind, message) => {
    expect(await reveal(body).answer).toEqual(aFault("apollo", kind, 200, message));
  });

  test.each([0, 11])("is never asked for %i people: that is a bug of ours", async (count) => {
    const { fetch, sent } = fakeFetch(aJson(200, {}));
    const ids = Array.from({ length: count }, (_, index) => `p${index}`);
    await expect(providersOn(fetch).apollo.reveal(ids)).rejects.toThrow(RangeError);
    expect(sent).toEqual([]);
  });
});
