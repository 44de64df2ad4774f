import { fraction, pick } from "./random.ts";
import { COMPANY_FIRST, COMPANY_SECOND, FIRST_NAMES, LAST_NAMES, TITLES } from "./words.ts";

/** What a person or a company is called in a profile, and in letters that an address can have. */
interface Name {
  first: string | null;
  last: string | null;
  letters: readonly string[];
}

type Spelling = (first: string, last: string, id: string) => Omit<Name, "letters">;

/** People of other scripts, with their names in Latin letters. */
const OTHER_SCRIPTS: readonly (readonly [first: string, last: string, letters: string])[] = [
  ["محمد", "الحسن", "mohamed alhassan"],
  ["فاطمة", "منصور", "fatima mansour"],
  ["太郎", "山田", "taro yamada"],
  ["さくら", "鈴木", "sakura suzuki"],
  ["Алексей", "Смирнов", "alexey smirnov"],
  ["Ольга", "Кузнецова", "olga kuznetsova"],
  ["Ελένη", "Παππά", "eleni pappa"],
];

/** One person in a hundred for each of these. */
const SPELLINGS: readonly Spelling[] = [
  (first, last) => ({ first: `Dr. ${first}`, last }),
  (first, last, id) => ({ first: `${first}, ${pick(["PhD", "MBA", "CPA"], `degree:${id}`)}`, last }),
  (first, last, id) => ({ first: `${first} ${pick(["🚀", "🧑🏼‍💻", "🌱", "☕️"], `emoji:${id}`)}`, last }),
  (first, last, id) => ({ first: `${first} (${pick(FIRST_NAMES, `nick:${id}`)})`, last }),
  (first, last, id) => ({ first: `${first} ${pick(FIRST_NAMES, `second:${id}`)}`, last }),
  (first, last, id) => ({ first: `${first}-${pick(FIRST_NAMES, `second:${id}`)}`, last: `${last}, MBA` }),
  (_, last, id) => ({ first: pick(["D’Arcy", "O’Shea", "N’Golo"], `apostrophe:${id}`), last: `O’${last}` }),
  (first, last) => ({ first: first.toUpperCase(), last: last.toUpperCase() }),
  (first, _, id) => (fraction(`nameless:${id}`) < 0.6 ? { first, last: null } : { first: null, last: null }),
];
const SHARE_OF_SPELLING = 0.008;
const SHARE_OF_OTHER_SCRIPTS = 0.012;

export function nameOf(id: string): Name {
  const [first, last] = [pick(FIRST_NAMES, `first:${id}`), pick(LAST_NAMES, `last:${id}`)];
  const drawn = fraction(`spelling:${id}`);
  if (drawn < SHARE_OF_OTHER_SCRIPTS) {
    const [own, family, letters] = pick(OTHER_SCRIPTS, `script:${id}`);
    return { first: own, last: family, letters: letters.split(" ") };
  }
  const spelling = SPELLINGS[Math.floor((drawn - SHARE_OF_OTHER_SCRIPTS) / SHARE_OF_SPELLING)];
  const letters = [lettersOf(first), lettersOf(last)];
  return spelling === undefined ? { first, last, letters } : { ...spelling(first, last, id), letters };
}

const ODD_COMPANIES: readonly ((plain: string, id: string) => string)[] = [
  (plain, id) => `${plain}, ${pick(COMPANY_SECOND, `more:${id}`)} & Partners`,
  (plain) => `${plain} GmbH & Co. KG`,
  (plain, id) => `${pick(COMPANY_FIRST, `more:${id}`)} < ${plain}`,
  (plain) => plain.toUpperCase(),
];
const SHARE_OF_ODD_COMPANY = 0.005;
const SHARE_WITHOUT_COMPANY = 0.01;

/** Null for somebody of no company. People of one workplace share its name. */
export function companyOf(workplace: string): { name: string; plain: string } | null {
  const plain = `${pick(COMPANY_FIRST, `company:${workplace}`)} ${pick(COMPANY_SECOND, `trade:${workplace}`)}`;
  const drawn = fraction(`employer:${workplace}`);
  if (drawn < SHARE_WITHOUT_COMPANY) return null;
  const odd = ODD_COMPANIES[Math.floor((drawn - SHARE_WITHOUT_COMPANY) / SHARE_OF_ODD_COMPANY)];
  return { name: odd === undefined ? plain : odd(plain, workplace), plain };
}

const SHARE_WITHOUT_TITLE = 0.005;

export function titleOf(id: string): string | null {
  return fraction(`untitled:${id}`) < SHARE_WITHOUT_TITLE ? null : pick(TITLES, `title:${id}`);
}

function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, "");
}
