import { verdictOn } from "../../sandbox/providers/millionverifier.ts";
import { isUnmatched, LOCKED_EMAIL, type Person, personOf } from "../../sandbox/people.ts";
import { searchFor } from "../../sandbox/searches.ts";
import { addressOf } from "../../src/domain/mailbox.ts";

const UNDECIDED = ["unknown", "unverified"];
/** Beyond so many people some are undecided in any search. */
const MOST_LEADS = 40;

/**
 * A title whose first people are all found, with addresses of which the sandbox's verifier knows whether they exist: the
 * lead of any other fails by itself, which is not what most tests are about. The first one's does: every service is called.
 */
export function decidedTitle(title: string, leads: number): string {
  if (leads > MOST_LEADS) return title;
  return titleOf(title, leads, (person, position) => {
    return isRevealed(person) && (position === 0 ? verdictOf(person) === "ok" : isDecided(person));
  });
}

/** A title whose first people are all revealed with an address, as far as the search tells that they have one. */
export const revealedTitle = (title: string, people: number): string =>
  titleOf(title, people, (person) => person.email === null || isRevealed(person));

function titleOf(title: string, count: number, fits: (person: Person, position: number) => boolean): string {
  for (let variant = 0; ; variant++) {
    const name = variant === 0 ? title : `${title} ${variant}`;
    const search = searchFor(new URLSearchParams([["person_titles[]", name]]));
    const people = Array.from({ length: count }, (_, position) => personOf(search.personIdAt(position) ?? ""));
    if (people.every((person, position) => person !== null && fits(person, position))) return name;
  }
}

const isRevealed = ({ id, email }: Person) => email !== null && email !== LOCKED_EMAIL && !isUnmatched(id);

const verdictOf = ({ email }: Person) => verdictOn(addressOf(email ?? "") ?? "");
const isDecided = (person: Person) => !UNDECIDED.includes(verdictOf(person));
