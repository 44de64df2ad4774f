import { LOCKED_EMAIL, type Person } from "../people.ts";

/** A person as the search shows them: without an address, and with a part of the last name. */
export function foundPerson(person: Person) {
  return {
    id: person.id,
    first_name: person.firstName,
    last_name_obfuscated: person.lastName && obfuscated(person.lastName),
    title: person.title,
    last_refreshed_at: "2026-10-19T03:41:07.000+00:00",
    has_email: person.email !== null,
    has_city: true,
    has_state: true,
    has_country: true,
    has_direct_phone: "Maybe: please request direct dial via people/bulk_match",
    organization:
      person.company === null ? null : { name: person.company, has_industry: true, has_employee_count: true },
  };
}

/** Whole characters: half of an emoji is no text. */
function obfuscated(lastName: string): string {
  const letters = Array.from(lastName);
  return `${letters.slice(0, 2).join("")}***${letters.at(-1)}`;
}

/** A person as the reveal shows them. */
export function match(person: Person) {
  const { id, firstName, lastName, title, email, company, domain } = person;
  return {
    id,
    first_name: firstName,
    last_name: lastName,
    name: [firstName, lastName].filter((name) => name !== null).join(" ") || null,
    title,
    email,
    email_status: email === null || email === LOCKED_EMAIL ? "unavailable" : "verified",
    headline: title === null ? null : [title, company].filter((part) => part !== null).join(" at "),
    linkedin_url: person.linkedinUrl,
    photo_url: null,
    city: null,
    state: null,
    country: null,
    employment_history: [],
    organization:
      company === null ? null : { name: company, website_url: `https://www.${domain}`, primary_domain: domain },
  };
}
