import type { LeadProfile } from "./lead.ts";
import { folded, wordsOf } from "./letters.ts";

/** What templates have filled in. Folded, in the languages that models write templates in. */
const FILLED_IN =
  words(`name names firstname lastname fullname fname lname surname username nickname company companyname business
  organization organisation insert recipient recipients sender receiver your yourname city town title jobtitle position link date
  number phone email mail address website url industry job role signature prospect contact placeholder calendly product service
  competitor salutation greeting country state region department time location topic subject painpoint
  vorname nachname firma firmenname unternehmen ihr ihre ihren dein deine empfanger absender stadt branche anrede
  nom prenom entreprise votre vos ville poste destinataire
  nombre apellido empresa tu su ciudad cargo destinatario nome cognome azienda sobrenome cidade imie nazwisko firmy
  имя фамилия компания компании ваше город اسم الاسم الشركة 姓名 名字 名前 氏名 公司 会社名 公司名称 您的姓名 您的公司 お名前 貴社名 이름 회사명`);
/** Words that need no second sign: "your name" in prose is none, `first_name` always is. */
const OF_IDENTIFIERS =
  words(`first last full middle user company business organization recipient sender contact lead prospect customer
  client your my job name title city email phone date number link url website industry role position address state country
  f l nick`);
/** In brackets or braces with capitals, and no blanks all the same. */
const MARKS =
  words(`a b c d i ii iii iv v x pdf video webinar eu us usa uk nda external internal invitation invite event update news new
  ad note ed sic redacted translated b2b faq rsvp ai it hr emea dach q1 q2 q3 q4 beta case study whitepaper
  we they he she you our their his her its the this these that those`);

/** Written small between words with capitals. */
const SMALL = new Set(["of", "the", "and", "or", "to", "in", "a", "de", "du", "des", "la", "le", "del"]);

/** What stands where nothing was there to be filled in, as whom a line greets or after a preposition. */
const NOTHING =
  /(?<=(?:^|[\n.!?])[ \t]*(?:hi|hello|dear|hey|hallo|hola|bonjour|good (?:morning|afternoon|evening))[ ,]{1,2})(?:undefined|null|nan|none|nil|n\/a|na|unknown|user|recipient|prospect|test|(?:first|last|full|your) ?name)(?![\p{L}\p{N}_'/-])|(?<=(?:^|[\s("'])(?:at|for|with|from|of|to|by|in|and|about|like|congratulations|that|what|how) )(?:undefined|null|NaN|N\/A|n\/a|nil)(?=[.,!?;:)\n'’"]|$|\s+(?:is|was|has|and|or|could|would|does|needs|team)\b)|\bNaN\b|\[object [A-Z][a-z]{2,20}\]|(?<=^|\n)[ \t]*(?:undefined|null|n\/a|none)[ \t]*[,!.]?(?=\n|$)/gimu;

/** Words that writers leave for later. */
const LEFT_OPEN =
  /(?<![\p{L}\p{N}_])(?:X{3,20}|x{3,20}|T\.?B\.?D\.?|TBA|TBC|TODO|FIXME|PLACEHOLDER|lorem ipsum|Lorem ipsum|LOREM IPSUM)(?![\p{L}\p{N}_])|(?<=[$€£])X{1,3}(?![\p{L}])|(?<![\p{L}\p{N}_])XX?%|(?<=\s)%s(?![\p{L}\p{N}])|(?:^|(?<=[^\s_] ?))_{3,}(?=[^\s_]| [^\s_]|[,.!?])/gu;
const SHOUTED =
  /(?<![\p{L}\p{N}])(?:INSERT (?:YOUR |THE )?[A-Z]{3,20}|(?:YOUR|MY|SENDER|RECIPIENT|COMPANY|FIRST|LAST|FULL|CLIENT|CUSTOMER|PROSPECT|CONTACT) NAME|YOUR (?:COMPANY|TITLE|POSITION|PHONE|EMAIL|CITY)|(?:NAME|COMPANY|LINK|TITLE|DATE) HERE)(?![\p{L}\p{N}])/gu;
const SPELT_OUT =
  /\binsert (?:[\p{L}'-]{1,20} ){0,3}(?:name|company|link|title|date|number|city|detail|compliment|something) here\b|(?<=^|\n)[ \t]*(?:your|my|sender'?s?|recipient'?s?|first|last|full|company)[ -](?:full |first |company |job )?(?:name|company|title|position|signature|phone number)[ \t]*(?=\n|$|,)/giu;

/** Each pair of signs that templates use, with what stands between as its one group. */
const BRACKETED: { pattern: RegExp; holds: (inside: string) => boolean }[] = [
  {
    pattern:
      /\{\{[^{}\n]{0,40}(?:\}\})?|\}\}|\*\|[^|\n]{0,40}(?:\|\*)?|\|\*|\{%[^%\n]{0,40}(?:%\})?|<%[^%\n]{0,40}%>|\[\[|\]\]|\{\}/g,
    holds: () => true,
  },
  { pattern: /\[([^[\]\n]{1,80})\](?!\()/g, holds: isBlankInBrackets },
  { pattern: /【([^【】\n]{1,40})】/g, holds: isBlankInBrackets },
  { pattern: /[#$]\{([^{}\n]{1,60})\}/g, holds: (inside) => /^[\s\p{L}_]/u.test(inside) },
  { pattern: /\{([^{}\n]{1,80})\}/g, holds: isBlankInBraces },
  { pattern: /\(\(([^()\n]{1,40})\)\)/g, holds: isBlankInBrackets },
  { pattern: /\(([^()\n]{1,40})\)/g, holds: (inside) => /[\s_]/.test(inside) && isShouted(inside) },
  { pattern: /(?<![\p{L}\p{N}:]):{1,2}(\p{L}[\p{L}\p{N}_]{0,39}):{1,2}/gu, holds: isFilledIn },
  { pattern: /<<\s?(\p{L}[^<>\n]{0,40})>>/gu, holds: () => true },
  { pattern: /«([^«»\n]{1,40})»/g, holds: (inside) => isFilledIn(inside) },
  { pattern: /‹([^‹›\n]{1,40})›/g, holds: (inside) => isFilledIn(inside) },
  { pattern: /<(\p{L}[^<>@:/=\n]{0,60})>/gu, holds: isBlankInBrackets },
  { pattern: /(?<![\p{L}\p{N}])\p{Sc}?%{1,2}(\p{L}[\p{L}\p{N}_. -]{0,39})%{1,2}/gu, holds: isBetweenSigns },
  { pattern: /__(\p{L}[\p{L}\p{N}_. -]{0,39}?)__/gu, holds: isBetweenSigns },
  { pattern: /(?<![\p{L}\p{N}_])_(\p{L}[\p{L}\p{N}_]{0,39}?)_(?![\p{L}\p{N}_])/gu, holds: isFilledIn },
  { pattern: /#{1,2}(\p{L}[\p{L}\p{N}_. -]{0,39})#{1,2}/gu, holds: isBetweenSigns },
  { pattern: /@@(\p{L}[\p{L}\p{N}_. -]{0,39})@@/gu, holds: () => true },
  { pattern: /(?<![\p{L}\p{N}])@(\p{L}[\p{L}\p{N}_. -]{0,39})@/gu, holds: isFilledIn },
  { pattern: /(?<![\p{L}\p{N}])\$(\p{L}[\p{L}\p{N}_.-]{0,39})\$/gu, holds: () => true },
  { pattern: /(?<![\p{L}\p{N}])\$(\p{L}[\p{L}\p{N}_]{1,39})/gu, holds: isFilledIn },
  { pattern: /(?<![\p{L}\p{N}])~{1,2}(\p{L}[\p{L}\p{N}_. -]{0,39})~{1,2}/gu, holds: isBetweenSigns },
  { pattern: /(?<![\p{L}\p{N}])\|{1,2}(\p{L}[\p{L}\p{N}_. -]{0,39})\|{1,2}/gu, holds: isFilledIn },
  { pattern: /(?<![\p{L}\p{N}])[\^!](\p{L}[\p{L}\p{N}_. -]{0,39})[\^!]/gu, holds: isFilledIn },
  { pattern: /(?<![\p{L}\p{N}*])\*(\p{L}[\p{L}\p{N}_. -]{0,39})\*(?!\*)/gu, holds: isShouted },
  {
    pattern:
      /(?<![\p{L}\p{N}_@./])(\p{L}{1,20}(?:_\p{L}{1,20}){1,4}|[\p{Ll}]{1,20}\p{Lu}\p{Ll}{2,20}|[FL]NAME|(?:FIRST|LAST|FULL)NAME|(?:First|Last|Full)Name)(?![\p{L}\p{N}_@])/gu,
    holds: isIdentifier,
  },
];

/** The first blank that somebody or something was to fill in; null when none. What the lead is called is none. */
export function placeholderIn(text: string, lead: LeadProfile): string | null {
  const plain = text.normalize("NFKC");
  for (const { pattern, holds } of BRACKETED) {
    for (const [blank, inside = ""] of plain.matchAll(pattern)) {
      if (holds(inside.trim()) && !isCalled(inside, lead)) return blank;
    }
  }
  for (const pattern of [LEFT_OPEN, SHOUTED, SPELT_OUT, NOTHING]) {
    for (const [blank] of plain.matchAll(pattern)) {
      if (!isCalled(blank, lead) || pattern === NOTHING) return blank.trim();
    }
  }
  return null;
}

/** "[City]", "[your name]", "[first_name]"; not "[1]", "[sic]", "[a source]", "[PDF]". */
function isBlankInBrackets(inside: string): boolean {
  return isFilledIn(inside) || isCapitalised(inside);
}

/** As in brackets, and choices: `{Hi|Hello}`. Not sets: `{1, 2}`, `{a set}`, `{x | x > 0}`. */
function isBlankInBraces(inside: string): boolean {
  if (/^\p{L}[^|=<>∈]*\|[^|=<>∈]*$/u.test(inside)) return true;
  if (inside.includes(",")) return isFilledIn(inside.split(",")[0] ?? "");
  return isBlankInBrackets(inside) || /^\p{L}+(?:_\p{L}+)+$|^\p{Ll}+\p{Lu}\p{L}+$/u.test(inside);
}

/** Between signs that prose uses too: only what is written as one name. "%off and 20%" is none. */
function isBetweenSigns(inside: string): boolean {
  return isFilledIn(inside) || isShouted(inside) || /^\p{L}+(?:[_.]\p{L}+)+$/u.test(inside);
}

/** A template's words, the first with a capital. */
function isShouted(inside: string): boolean {
  return /^\p{Lu}/u.test(inside) && isIdentifier(inside);
}

function isFilledIn(inside: string): boolean {
  return partsOf(inside).some((part) => FILLED_IN.has(part) || /^(?:first|last|full|company|user)name$/.test(part));
}

/** One to five words, each with a capital, and not a mark that subjects carry. */
function isCapitalised(inside: string): boolean {
  const all = inside.split(/[\s_/-]+/);
  if (all.length > 5 || !/^\p{Lu}[\p{L}\p{M}'’]*(?:[\s_/-]+[\p{L}\p{M}'’]+)*$/u.test(inside)) return false;
  return (
    all.every((word) => /^\p{Lu}/u.test(word) || SMALL.has(word)) && !all.every((word) => MARKS.has(word.toLowerCase()))
  );
}

/** `first_name`, `firstName`, `FNAME`: every part is one that templates name things by, and none is prose. */
function isIdentifier(inside: string): boolean {
  const parts = partsOf(inside);
  return parts.every((part) => OF_IDENTIFIERS.has(part) || FILLED_IN.has(part));
}

/** "firstName", "first_name", "First Name": first, name. */
function partsOf(inside: string): string[] {
  return inside
    .replace(/(\p{Ll})(?=\p{Lu})/gu, "$1 ")
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .map((part) => folded(part))
    .filter((part) => part !== "");
}

function isCalled(inside: string, { company, lastName, title }: LeadProfile): boolean {
  const plain = folded(inside);
  if (plain.length < 2 || isFilledIn(inside)) return false;
  return [company, lastName, title].some((own) => own !== null && folded(own).includes(plain));
}

function words(text: string): Set<string> {
  return new Set(wordsOf(text).map((word) => folded(word)));
}
