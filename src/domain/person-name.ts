import { folded, wordsOf } from "./letters.ts";

/** Never names by themselves. Without full stops, folded. */
const TITLES = new Set(
  wordsOf(`dr dra prof professor professorin doctor mr mrs ms miss mx sir madam dame lord lady herr herrn frau fraulein fr
  monsieur madame mme mlle m senor senora sr sra srta signor signora sig dott dottssa dottore ing dipl diplom
  dipl-ing mag magister med hc habil phil nat rer iur jur oec univ eng engr arch adv rev hon capt captain col lt sgt maj
  gen sri shri smt pan pani hr fru ir drs dhr mevr mw mevrouw meneer sayin bey hanim ustaz`),
);

/** Only when written so, or with full stops: "MA" is a degree and "Ma" a name. */
const DEGREES = new Set(
  wordsOf(`PhD PHD Phd DPhil MBA EMBA MSc MSC BSc BSC MS MA BA BS BEng MEng MEd EdD MD DO DDS DMD DVM JD LLM LLB LLD MPH MPA MFA
  MPhil MPP MRes RN NP CPA CFA CFP CMA ACCA ACA FCA FCCA CA CISA CISM CISSP PMP PE PEng CEng CSM CSPO SHRM SPHR PHR
  Esq ESQ Jr JR Sr SR II III IV PsyD PharmD DBA DSc ScD FRCS MRCS FRSA OBE MBE CBE KC QC RIBA MRICS FRICS MIET CIPD BCom MCom
  BTech MTech GPHR ACC PCC MCC CHRO CEO CTO CFO COO CMO`),
);

const NO_NAMES = new Set(
  wordsOf(`na n/a none null nil undefined nan unknown anonymous anonym private hidden test tester admin info sales office
  contact user name firstname first_name fname lead prospect tbd tbc xxx keine unbekannt n.a. n.n. nn owner manager team support
  linkedin member`),
);

/** Pictures, and what only colours or joins them. */
const PICTURES = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u20E3\p{So}]/gu;
const ASIDES = [
  /\(([^()]*)\)/g,
  /\[([^[\]]*)\]/g,
  /["“”„«»‹›「」]([^"“”„«»‹›「」]*)["“”„«»‹›「」]/g,
  /(?<=^|\s)['‘’‚]([^'‘’‚\s]+)['‘’](?=\s|,|$)/g,
];
const INITIAL = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]\.?$/u;
const INITIALS = /^(?:[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]\.){2,4}$/u;

/**
 * How a message may rightly name somebody whose first name a profile shows like this, folded: whole, by the first of several
 * names, by a nickname. Empty when it is no name: a picture, digits, "N/A", the company's name.
 */
export function nameForms(firstName: string, company: string | null = null): string[] {
  if (isNoName(firstName, company)) return [];
  const { main, asides } = withoutAsides(firstName.normalize("NFKC"));
  const alternatives = main.split(/\s(?:aka|alias|or|and|und|y|et|[-–—])\s|[/&+]/i);
  const named = [...alternatives, ...asides].flatMap((part) => formsOf(part));
  return [...new Set(named.flatMap((form) => spellings(form)))];
}

/** Words that a person's last name may be greeted by: whole, and each part of a double one. */
export function lastNameForms(lastName: string): string[] {
  const { main } = withoutAsides(lastName.normalize("NFKC"));
  const parts = namesIn(main.split(",")[0] ?? "");
  const whole = parts.join(" ");
  return [...new Set([whole, ...parts.flatMap((part) => [part, ...part.split(/\p{Pd}/u)])])]
    .filter((part) => Array.from(part).length > 1 || /\p{Script=Han}/u.test(part))
    .flatMap((part) => spellings(part));
}

/** "Dr.", "Ms", "Prof": a title or a form of address, folded or not. */
export const isTitle = (word: string): boolean => TITLES.has(folded(word).replaceAll(".", ""));

function isNoName(firstName: string, company: string | null): boolean {
  const name = folded(firstName);
  const plain = name.replace(PICTURES, "").trim();
  if (!/\p{L}/u.test(plain) || /@|:\/\/|www\./.test(plain)) return true;
  if (NO_NAMES.has(plain) || plain === "linkedin member" || plain === "first name") return true;
  return company !== null && folded(company) === name;
}

/** What stands in parentheses or quotation marks beside the name is another name, or a remark such as "she/her". */
function withoutAsides(text: string): { main: string; asides: string[] } {
  const asides: string[] = [];
  const main = ASIDES.reduce(
    (rest, aside) =>
      rest.replace(aside, (_, inside: string) => {
        if (!inside.includes("/")) asides.push(inside);
        return " ";
      }),
    text.replace(PICTURES, " "),
  );
  return { main, asides };
}

function formsOf(part: string): string[] {
  const segment = part.split(/[,;|•·]/).find((each) => namesIn(each).length > 0) ?? "";
  const names = namesIn(segment);
  const [first] = names;
  if (first === undefined) return [];
  const called = names.find((name) => !isInitial(name));
  if (called === undefined) return names.length === 1 && !INITIALS.test(first) ? [] : [names.join(" "), names.join("")];
  return [names.join(" "), called];
}

const isInitial = (word: string): boolean =>
  INITIAL.test(word) || INITIALS.test(word) || /^(?:md|mohd|muh)\.?$/i.test(word);

/** Without titles, degrees and what has no letter. */
function namesIn(segment: string): string[] {
  const all = segment
    .replaceAll(/\p{Cf}/gu, "")
    .replace(/\b(dr|prof|mrs?|ms|ing|mag)\.(?=\p{L})/giu, "$1. ")
    .split(/\s+/)
    .map((word) => word.replace(/^[^\p{L}\p{M}\p{N}]+/u, "").replace(/[^\p{L}\p{M}\p{N}.'’]+$/u, ""))
    .filter((word) => /\p{L}/u.test(word));
  return all.filter((word, at) => !isTitle(word) && !isDegree(word, at === 0 && all.length === 1));
}

function isDegree(word: string, alone: boolean): boolean {
  const [beginning = ""] = word.split("-");
  return !alone && (DEGREES.has(word.replaceAll(".", "")) || DEGREES.has(beginning));
}

function spellings(form: string): string[] {
  const name = folded(form).replaceAll("—", "-");
  const wide = folded(form.normalize("NFC").replace(/[äöüåøÄÖÜÅØ]/g, (letter) => WIDE[letter.toLowerCase()] ?? letter));
  const narrow = name.replace(/([aou])e/g, "$1");
  const all = [name, wide.replaceAll("—", "-"), narrow].flatMap((each) => [
    each,
    each.replaceAll(".", ""),
    each.replaceAll("'", ""),
    each.replaceAll("-", " "),
    each.replaceAll("-", "—"),
    each.replace(/[-\s.]/g, ""),
  ]);
  return all.map((each) => each.trim()).filter((each) => each !== "");
}

const WIDE: Record<string, string> = { ä: "ae", ö: "oe", ü: "ue", å: "aa", ø: "oe" };
