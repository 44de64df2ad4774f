import { describe, expect, test } from "vitest";
import { isUnmatched, personIdAt, personOf, searchKey } from "../../sandbox/people.ts";
import { verdictOn } from "../../sandbox/providers/millionverifier.ts";

const SEARCH = searchKey(new URLSearchParams([["person_titles[]", "CTO"]]));

describe("people", () => {
  const ids = Array.from({ length: 20_000 }, (_, position) => personIdAt(SEARCH, position));
  const people = ids.map((id) => personOf(id));
  const emails = people.flatMap((person) => (person?.email ? [person.email] : []));

  test("an id alone makes the same person again", () => {
    const id = personIdAt(SEARCH, 17);
    expect(id).toMatch(/^[0-9a-f]{24}$/);
    expect(personOf(id)).toEqual(people[17]);
    expect(personOf(id)).toMatchObject({
      id,
      email: expect.stringMatching(/^[a-z]+\.[a-z]+\.[0-9a-z]+@[a-z-]+\.example$/),
    });
  });

  test("different ids never share an address", () => {
    const other = searchKey(new URLSearchParams([["person_titles[]", "CEO"]]));
    const others = Array.from({ length: 20_000 }, (_, position) => personOf(personIdAt(other, position))?.email);
    const all = [...emails, ...others.filter((email) => typeof email === "string")];
    expect(new Set(ids).size).toBe(20_000);
    expect(new Set(all).size).toBe(all.length);
  });

  test("an id that no search has shown is nobody", () => {
    expect(personOf("0123456789abcdef01234567")).toBeNull();
    expect(personOf("nonsense")).toBeNull();
  });

  test("about one in twenty has no address, and about one in fifty is not matched", () => {
    expect(1 - emails.length / ids.length).toBeCloseTo(0.05, 1.5);
    expect(ids.filter(isUnmatched).length / ids.length).toBeCloseTo(0.02, 2);
  });

  test("four in five addresses are good, and every verdict occurs", () => {
    const share = (verdict: string) => emails.filter((email) => verdictOn(email) === verdict).length / emails.length;
    expect(share("ok")).toBeCloseTo(0.8, 1.7);
    expect(share("catch_all")).toBeCloseTo(0.08, 1.7);
    expect(share("invalid")).toBeCloseTo(0.06, 1.7);
    expect(share("unknown")).toBeCloseTo(0.03, 1.7);
    expect(share("disposable")).toBeCloseTo(0.03, 1.7);
  });
});

describe("a search's key", () => {
  const key = (query: string) => searchKey(new URLSearchParams(query));

  test("is the same whatever the filters' order and case, and the page", () => {
    expect(key("person_titles[]=CTO&person_locations[]=Berlin&page=1")).toBe(
      key("person_locations[]=berlin&person_titles[]=cto&page=7&per_page=100"),
    );
  });

  test("differs with the filters", () => {
    expect(key("person_titles[]=CTO")).not.toBe(key("person_titles[]=CEO"));
    expect(key("person_titles[]=CTO")).not.toBe(key("person_seniorities[]=CTO"));
  });
});
