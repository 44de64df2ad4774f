/** People there are; campaigns search overlapping parts of them. */
export const PEOPLE = 40;

/** Whom somebody else put into another campaign of the sender's workspace. */
export const isHeldElsewhere = (email: string) => numberOf(email) % 17 === 3;

/** Whose mailbox it is: all spellings of an address hold the person's number. */
export const numberOf = (email: string) => Number(/\d+/.exec(email)?.[0]);

/** How somebody's address is told of another person, or of themselves. */
const SPELLINGS: Record<number, string> = {
  3: "person1+news@example.com",
  8: "<\u200BPerson6@EXAMPLE.COM.>",
  9: "person9+work@example.com",
  11: "mailto:person9@example.com",
};

/** Some people have no address after all, some share a mailbox, spelt otherwise, and some are not matched. */
export function revealed(personId: string) {
  const n = Number(personId.split("-")[1]);
  if (n % 14 === 13) return null;
  const email = n % 10 === 7 ? null : (SPELLINGS[n] ?? `person${n}@example.com`);
  const nothing = { title: null, headline: null, linkedinUrl: null, company: null, companyWebsite: null };
  return { personId, email, firstName: `First${n}`, lastName: `Last${n}`, ...nothing };
}
