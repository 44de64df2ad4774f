import type { LeadProfile } from "./lead.ts";
import { folded, holdsWord, wordsOf } from "./letters.ts";
import { isTitle, lastNameForms, nameForms } from "./person-name.ts";

/** Folded; the longer of two that begin alike comes first. */
const GREETINGS = `
  good morning, good afternoon, good evening, good day, guten morgen, guten tag, guten abend, sehr geehrte frau,
  sehr geehrter herr, sehr geehrter, sehr geehrte, gruss gott, buenos dias, buenas tardes, buon giorno, bom dia,
  boa tarde, dzien dobry, dobry den, god morgen, god dag, good to meet you, hi, hello, dear, hey, heya, hiya, howdy,
  greetings, hallo, moin, servus, lieber, liebe, bonjour, salut, cher, chere, hola, estimado, estimada, querido,
  querida, ola, caro, cara, prezado, prezada, ciao, buongiorno, gentile, egregio, beste, geachte, hoi, hej, hei,
  kara, kaere, czesc, witaj, ahoj, sayin, merhaba, selam, привет, здравствуите, уважаемыи, уважаемая, добрыи день,
  дорогои, дорогая, γεια σου, γεια, αγαπητε, αγαπητη`
  .trim()
  .split(/,\s+/);

/** Greet somebody without naming them. Folded. */
const NEUTRAL = new Set(
  `there all everyone everybody team teams folks friend friends colleague colleagues partner partners sirs reader readers again
  you guys people neighbor neighbour neighbors neighbours hiring manager managers recruiter customer customers client clients
  valued business owner owners director founder founders leader leaders leadership gentlemen ladies world both ma'am maam dear
  hi hello good morning afternoon evening day fellow ceo cto cfo coo cmo vp head chief officer president board crew staff family
  community company organization damen herren und and or y et e och og zusammen alle allerseits kollege kollegin kollegen
  kolleginnen leute tous toutes tout monde equipe equipo todos todas tutti messieurs mesdames amigo amigos equipa amici
  allemaal collega collegas iedereen alla hele greetings welcome congratulations thanks sir madam from to the at of in your our
  a an in this week monday tuesday wednesday thursday friday here just quick one i we`.split(/\s+/),
);
const CONNECTORS = new Set(
  wordsOf("and und y et e de del della di da dos van von der den ter la le al el bin ibn of the &"),
);

/** A sentence has begun without a comma: "Hi Bob I saw". */
const SENTENCE = new Set(
  wordsOf("i i'm i've we my your you how hope just this it it's thanks congrats saw a the is was what when"),
);
const DECORATION = /^(?:[\s\p{So}\p{Emoji_Modifier}*_@"'“‘«(]|\uFE0F|\u200D)+/u;
/** A full stop ends a name, but not an initial or a title: "Dear Dr. Lee", "Dear J. Lee". */
const END =
  /\s?[,!:;?،、–—(]|(?<!(?:^|\s)(?:\p{L}|dr|prof|mrs?|ms|st|sra?|hr|fr|mag|ing))\s?\.(?=\s|$)|…|\s-\s|\p{Extended_Pictographic}|$/iu;
const MOST_WORDS = 5;

/** The first words of a line after its greeting, as far as they could be whom it greets. */
interface Greeting {
  /** As written, without what ends it. */
  greeted: string;
}

/** Whom the message greets that is not this lead; null when it greets them, nobody by name, or not at all. */
export function greetedStranger(body: string, lead: LeadProfile): string | null {
  const forms = nameForms(lead.firstName, lead.company);
  for (const { greeted } of greetingsIn(body)) {
    if (!isNameLike(greeted)) continue;
    if (forms.some((form) => holdsWord(folded(greeted), form))) continue;
    const strangers = wordsOf(greeted).filter((word) => !isKnown(word, lead, forms.length > 0));
    if (strangers.length > 0) return strangers.join(" ");
  }
  return null;
}

/** "Dear Ms Lee," and 李様 name somebody as rightly as a first name does. */
export function greetsByLastName(body: string, lead: LeadProfile): boolean {
  const forms = lastNameForms(lead.lastName);
  const text = folded(body);
  if (forms.some((form) => ["様", "さん", "先生", "님", "氏"].some((suffix) => text.includes(form + suffix))))
    return true;
  return greetingsIn(body).some(({ greeted }) => {
    const [title = "", ...rest] = wordsOf(greeted);
    return isTitle(title) && forms.some((form) => holdsWord(folded(rest.join(" ")), form));
  });
}

/** The first line may go on after its greeting; further down only a line that is nothing else counts. */
function greetingsIn(body: string): Greeting[] {
  const lines = body.split(/[\n\r]+/).filter((line) => line.trim() !== "");
  return lines.flatMap((line, at) => {
    const greeting = greetingOf(line);
    return greeting && (at === 0 || greeting.isWhole) ? [greeting] : [];
  });
}

function greetingOf(line: string): (Greeting & { isWhole: boolean }) | null {
  const text = line.replace(/^[^\p{L}]+/u, "").slice(0, 200);
  const plain = folded(text);
  const greeting = GREETINGS.find(
    (each) => plain.startsWith(each) && !/^[\p{L}\p{N}'-]/u.test(plain.slice(each.length)),
  );
  if (greeting === undefined) return null;
  const after = wordsOf(greeting)
    .reduce((rest) => rest.replace(/^\s*[\p{L}\p{M}]+/u, ""), text)
    .trimStart();
  const title = /^(?:sehr geehrte frau|sehr geehrter herr)$/.test(greeting) ? "Herr " : "";
  const parted = /^\s?,\s?/.exec(after);
  const rest = (parted ? after.slice(parted[0].length) : after).replace(DECORATION, "");
  const end = END.exec(rest)?.index ?? rest.length;
  const greeted = rest
    .slice(0, end)
    .replace(/[*_"'”’)»]+$/, "")
    .trim();
  const isWhole = /^[\s,!.:;،、*_"”’)»–—-]*$/u.test(rest.slice(greeted.length));
  const [first = "", second = "", ...more] = wordsOf(greeted);
  if (first === "") return null;
  if (parted) return second === "" || isTitle(first) ? capitalised(greeted, isWhole) : null;
  if (SENTENCE.has(folded(second))) return capitalised(first, false);
  return more.length > MOST_WORDS - 2 ? null : { greeted: title + greeted, isWhole };
}

const capitalised = (greeted: string, isWhole: boolean) => (/^\p{Lu}/u.test(greeted) ? { greeted, isWhole } : null);

/** One word, or several that begin with capitals. Scripts without capitals cannot be told from other words. */
function isNameLike(greeted: string): boolean {
  const all = wordsOf(greeted);
  if (!/^[\p{Lu}\p{Ll}]/u.test(greeted)) return false;
  if (all.length === 1) return true;
  return all.every((word) => /^[^\p{Ll}]/u.test(word) || CONNECTORS.has(folded(word)) || isTitle(word));
}

function isKnown(word: string, lead: LeadProfile, hasFirstName: boolean): boolean {
  const plain = folded(word).replace(/[.']+$|'s$/g, "");
  if (NEUTRAL.has(plain) || CONNECTORS.has(plain) || isTitle(word)) return true;
  if (!/\p{L}{2}/u.test(plain)) return true;
  if (lastNameForms(lead.lastName).some((form) => holdsWord(form, plain) || form === plain)) return true;
  if (holdsWord(folded([lead.company, lead.title].join(" ")), plain)) return true;
  const initial = folded(lead.firstName).replace(/[^\p{L}]/gu, "");
  const isOfInitial = initial.length === 1 && plain.startsWith(initial);
  const address = folded(lead.email.split("@")[0] ?? "");
  return !hasFirstName && (isOfInitial || holdsWord(address, plain) || holdsWord(folded(lead.firstName), plain));
}
