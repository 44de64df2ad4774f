import { describe, expect, test } from "vitest";
import { callName } from "../../sandbox/greeting.ts";
import { isUnmatched, LOCKED_EMAIL, personIdAt, personOf } from "../../sandbox/people.ts";
import { searchFor, searchKey } from "../../sandbox/searches.ts";
import { verdictOn } from "../../sandbox/providers/millionverifier.ts";

const SEARCH = searchKey(new URLSearchParams([["person_titles[]", "CTO"]]));

describe("people", () => {
  const ids = Array.from({ length: 20_000 }, (_, position) => personIdAt(SEARCH, position));
  const people = ids.map((id) => personOf(id));
  const emails = people.flatMap((person) => (person?.email ? [person.email] : []));
  const share = (is: (person: NonNullable<(typeof people)[number]>) => boolean) =>
    people.filter((person) => person && is(person)).length / people.length;

  test("an id alone makes the same person again", () => {
    const id = personIdAt(SEARCH, 17);
    expect(id).toMatch(/^[0-9a-f]{24}$/);
    expect(personOf(id)).toEqual(people[17]);
    expect(personOf(id)).toMatchObject({
      id,
      email: expect.stringMatching(/^[a-z]+\.[a-z]+\.[0-9a-z]+@[a-z-]+\.example$/),
    });
  });

  test("different ids never share a mailbox, however it is spelt", () => {
    const other = searchKey(new URLSearchParams([["person_titles[]", "CEO"]]));
    const others = Array.from({ length: 20_000 }, (_, position) => personOf(personIdAt(other, position))?.email);
    const mailboxes = [...emails, ...others.filter((email) => typeof email === "string")]
      .filter((email) => email !== LOCKED_EMAIL)
      .map((email) => email.toLowerCase().replace(/\+[^@]*/, ""));
    expect(new Set(ids).size).toBe(20_000);
    expect(new Set(mailboxes).size).toBe(mailboxes.length);
  });

  test("are mostly of ordinary names, companies, titles and addresses", () => {
    const ordinary = share(
      ({ firstName, lastName, company, title, email }) =>
        /^[A-Z][a-z]+$/.test(firstName ?? "") &&
        /^[A-Z][A-Za-z'-]+$/.test(lastName ?? "") &&
        /^[A-Z][a-z]+ [A-Z][a-z]+$/.test(company ?? "") &&
        title !== null &&
        (email === null || /^[a-z.0-9]+@[a-z-]+\.example$/.test(email)),
    );
    expect(ordinary).toBeGreaterThan(0.85);
    expect(ordinary).toBeLessThan(0.95);
  });

  test.each<[what: string, is: (person: NonNullable<(typeof people)[number]>) => boolean]>([
    ["a degree before", ({ firstName }) => firstName?.startsWith("Dr. ") === true],
    ["a degree after", ({ firstName }) => /, (PhD|MBA|CPA)$/.test(firstName ?? "")],
    ["an emoji", ({ firstName }) => /\p{Extended_Pictographic}/u.test(firstName ?? "")],
    ["a nickname", ({ firstName }) => /\(\w+\)/.test(firstName ?? "")],
    ["two first names", ({ firstName }) => /^[A-Z][a-z]+ [A-Z][a-z]+$/.test(firstName ?? "")],
    ["a hyphen", ({ firstName }) => /^\w+-\w+$/.test(firstName ?? "")],
    ["a typographic apostrophe", ({ firstName, lastName }) => /’/.test(firstName ?? "") && /’/.test(lastName ?? "")],
    ["Arabic letters", ({ firstName }) => /\p{Script=Arabic}/u.test(firstName ?? "")],
    ["Japanese letters", ({ lastName }) => /\p{Script=Han}/u.test(lastName ?? "")],
    ["Cyrillic letters", ({ firstName }) => /\p{Script=Cyrillic}/u.test(firstName ?? "")],
    ["capitals only", ({ firstName }) => /^[A-Z]{2,}$/.test(firstName ?? "")],
    ["no last name", ({ firstName, lastName }) => firstName !== null && lastName === null],
    ["no name", ({ firstName, lastName }) => firstName === null && lastName === null],
    ["no company", ({ company }) => company === null],
    ["no title", ({ title }) => title === null],
    ["a company with a comma and an ampersand", ({ company }) => /, \w+ & /.test(company ?? "")],
    ["a company of a German form", ({ company }) => company?.endsWith("GmbH & Co. KG") === true],
    ["a company with <", ({ company }) => /</.test(company ?? "")],
    ["a plus tag", ({ email }) => /\+work@/.test(email ?? "")],
    ["mixed case in the address", ({ email }) => /^[A-Z]/.test(email ?? "")],
    ["a domain with an umlaut", ({ email }) => /@büro-/.test(email ?? "")],
    ["a locked address", ({ email }) => email === LOCKED_EMAIL],
  ])("have %s, a few of them", (_, is) => {
    expect(share(is)).toBeGreaterThan(0);
    expect(share(is)).toBeLessThan(0.03);
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
    expect(share("unknown")).toBeCloseTo(0.027, 1.7);
    expect(share("unverified")).toBeCloseTo(0.003, 2.5);
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

describe("a search", () => {
  const found = (query: string, count: number) => {
    const search = searchFor(new URLSearchParams(query));
    return Array.from({ length: count }, (_, position) => search.personIdAt(position));
  };
  const total = (query: string) => searchFor(new URLSearchParams(query)).totalEntries;
  const common = (one: (string | null)[], other: (string | null)[]) => one.filter((id) => other.includes(id)).length;

  test("finds as many as its filters say, mostly more than can be shown", () => {
    expect(total("person_titles[]=CTO")).toBe(total("person_titles[]=cto&page=3"));
    expect(total("person_titles[]=CTO")).not.toBe(total("person_titles[]=CEO"));
    for (const title of ["CTO", "CEO", "Head of Data"]) {
      expect(total(`person_titles[]=${title}`)).toBeGreaterThanOrEqual(50_000);
    }
  });

  test("of domains finds some dozens at each, the same people in every search that names the domain", () => {
    const [one, two] = ["a.example", "b.example"].map((domain) => `q_organization_domains_list[]=${domain}`);
    const both = `${two}&${one}&person_titles[]=CTO`;
    for (const query of [one ?? "", two ?? ""]) {
      expect(total(query)).toBeGreaterThanOrEqual(20);
      expect(total(query)).toBeLessThanOrEqual(60);
      expect(common(found(query, total(query)), found(both, total(both)))).toBe(total(query));
    }
    expect(total(both)).toBe(total(one ?? "") + total(two ?? ""));
    expect(new Set(found(both, total(both))).size).toBe(total(both));
    expect(found(both, total(both) + 1).at(-1)).toBeNull();
    const colleagues = found(one ?? "", 20).map((id) => personOf(id ?? "")?.company);
    expect(new Set(colleagues).size).toBe(1);
  });

  test("that differs in seniorities alone finds a part of the same people; another search finds nobody of them", () => {
    const query = "person_titles[]=CTO&person_seniorities[]=";
    expect(common(found(`${query}vp`, 400), found(`${query}director`, 400))).toBe(100);
    expect(common(found(`${query}vp`, 400), found("person_titles[]=CTO", 400))).toBe(100);
    expect(common(found(`${query}vp`, 400), found("person_titles[]=CEO&person_seniorities[]=vp", 400))).toBe(0);
    expect(new Set(found(`${query}vp`, 4_000)).size).toBe(4_000);
  });

  test("of heads of data in Berlin brings at least a thousand addresses", () => {
    const ids = found("person_titles[]=Head of Data&person_locations[]=Berlin", 1_200);
    const reached = ids.filter((id) => id !== null && !isUnmatched(id) && personOf(id)?.email);
    expect(reached.length).toBeGreaterThan(1_000);
  });
});

describe("the made-up writer", () => {
  test.each([
    ["Eva", "Eva"],
    ["Dr. Eva", "Eva"],
    ["Anna, PhD", "Anna"],
    ["Marcel 🧑🏼‍💻", "Marcel"],
    ["Robert (Bob)", "Robert"],
    ["JOSÉ", "José"],
    ["JEAN-LUC", "Jean-Luc"],
    ["D’Arcy", "D’Arcy"],
    ["محمد", "محمد"],
    ["太郎", "太郎"],
    ["Алексей", "Алексей"],
    ["🚀", null],
    [null, null],
  ])("calls somebody who is %s in a profile %s", (firstName, name) => {
    expect(callName(firstName)).toBe(name);
  });

  test("calls people of two first names by both or by the first", () => {
    expect(["Anna", "Anna Maria"]).toContain(callName("Anna Maria"));
  });
});
