import { describe, expect, test } from "vitest";
import type { Show } from "../../sandbox/admission.ts";
import { personIdAt, personOf } from "../../sandbox/people.ts";
import { searchFor } from "../../sandbox/searches.ts";
import { answerTo, read } from "./calls.ts";

const APOLLO = "https://api.apollo.io/api/v1";

describe("Apollo", () => {
  const search = `${APOLLO}/mixed_people/api_search?person_titles[]=CTO&per_page=100`;

  test("finds the same people on the same page, and other people on the next", () => {
    const first = answerTo(`${search}&page=1`, { method: "POST" }).body;
    expect(first.total_entries).toBeGreaterThanOrEqual(50_000);
    expect(first.people).toHaveLength(100);
    expect(first.people[0]).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      first_name: expect.any(String),
      last_name_obfuscated: expect.stringContaining("***"),
      title: expect.any(String),
      has_email: expect.any(Boolean),
      organization: { name: expect.any(String) },
    });
    expect(answerTo(`${search}&page=1`, { method: "POST" }).body).toEqual(first);
    expect(answerTo(`${search}&page=2`, { method: "POST" }).body.people[0].id).not.toBe(first.people[0].id);
    expect(read(`${search}&page=2`, { method: "POST" })).toMatchObject({ paid: false, entries: [{ costUsd: 0 }] });
  });

  test("reveals whom the search found, and answers null for somebody unknown", () => {
    const id = searchFor(new URLSearchParams("person_titles[]=CTO")).personIdAt(0);
    const found = answerTo(`${search}&page=1`, { method: "POST" }).body.people[0];
    const reveal = { method: "POST", body: { details: [{ id }, { id: "nobody" }] } };
    const { body } = answerTo(`${APOLLO}/people/bulk_match`, reveal);
    expect(body).toMatchObject({ status: "success", credits_consumed: 1, missing_records: 1 });
    expect(body.matches).toEqual([
      expect.objectContaining({ id: found.id, first_name: found.first_name, title: found.title }),
      null,
    ]);
    expect(read(`${APOLLO}/people/bulk_match`, reveal).entries).toEqual([
      { subject: found.id, outcome: "ok", costUsd: 0.02 },
      { subject: "nobody", outcome: "not_found", costUsd: 0 },
    ]);
  });

  test("refuses a reveal of more than ten, and a search beyond the last result", () => {
    const details = Array.from({ length: 11 }, () => ({ id: "x" }));
    expect(answerTo(`${APOLLO}/people/bulk_match`, { method: "POST", body: { details } }).status).toBe(422);
    expect(answerTo(`${search}&page=501`, { method: "POST" }).status).toBe(422);
  });

  test("refuses an address over 8 KB as a gateway does, before the key is looked at, and filters that it cannot read", () => {
    const long = `${APOLLO}/mixed_people/api_search?${"person_titles[]=Head of Data&".repeat(300)}`;
    expect(answerTo(long, { method: "POST", headers: {} })).toMatchObject({
      status: 414,
      body: "Request-URI Too Large",
    });
    expect(read(long, { method: "POST" }).plan).toMatchObject({ do: "refuse", outcome: "address_too_long" });
    const range = (value: string) =>
      answerTo(`${search}&organization_num_employees_ranges[]=${value}`, { method: "POST" }).status;
    expect([range("1,10"), range("1-10")]).toEqual([200, 422]);
  });

  test("finds fewer than a page where a search names a domain, and nobody after", () => {
    const staff = `${APOLLO}/mixed_people/api_search?q_organization_domains_list[]=a.example&per_page=100`;
    const { total_entries, people } = answerTo(`${staff}&page=1`, { method: "POST" }).body;
    expect(people).toHaveLength(total_entries);
    expect(total_entries).toBeLessThan(100);
    expect(answerTo(`${staff}&page=2`, { method: "POST" }).body).toEqual({ total_entries, people: [] });
  });

  test("shows people without names, titles, companies or addresses with nulls, at their own places", () => {
    const ids = Array.from({ length: 3_000 }, (_, position) => personIdAt("0123456789", position));
    const bare = ids.filter((id) => personOf(id)?.company === null || personOf(id)?.lastName === null).slice(0, 9);
    const details = [...bare, "nobody"].map((id) => ({ id }));
    const { matches } = answerTo(`${APOLLO}/people/bulk_match`, { method: "POST", body: { details } }).body;
    for (const [at, id] of bare.entries()) {
      if (matches[at] === null) continue;
      const { company, lastName } = personOf(id) ?? {};
      expect(matches[at]).toMatchObject({ id, last_name: lastName });
      expect(matches[at].organization?.name ?? null).toBe(company);
    }
    expect(matches[9]).toBeNull();
  });

  test("shows, when it is ordered, a reveal without addresses, one refused for all, and answers without what decides", () => {
    const details = answerTo(search, { method: "POST" })
      .body.people.map(({ id }: { id: string }) => ({ id }))
      .slice(0, 10);
    const reveal = (show: Show) => answerTo(`${APOLLO}/people/bulk_match`, { method: "POST", body: { details }, show });
    const none = reveal("no_addresses").body;
    expect(none.credits_consumed).toBe(10 - none.missing_records);
    for (const person of none.matches) if (person !== null) expect(person.email).toBeNull();
    expect(reveal("bad_request")).toMatchObject({ status: 422, body: { error_code: "UNKNOWN_ERROR" } });
    for (const person of reveal("missing_field").body.matches) if (person) expect(person).not.toHaveProperty("email");
    for (const person of answerTo(search, { method: "POST", show: "missing_field" }).body.people) {
      expect(person).not.toHaveProperty("has_email");
    }
  });

  test("says 401 as plain text and 429 with retry-after", () => {
    const nobody = answerTo(search, { method: "POST", headers: {} });
    expect(nobody).toMatchObject({ status: 401, body: "Invalid access credentials." });
    expect(nobody.headers["content-type"]).toMatch("text/plain");
    expect(answerTo(search, { method: "POST", show: "rate_limited" })).toMatchObject({
      status: 429,
      headers: { "retry-after": "60" },
    });
  });
});
