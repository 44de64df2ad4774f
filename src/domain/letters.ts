/** Scripts that set no blanks between words or that add endings without one: 太郎さん names 太郎. */
const UNPARTED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}ー]/u;
const OF_A_WORD = /[\p{L}\p{N}\p{M}]/u;

/** Short words that Arabic and Hebrew write before a name without a blank: "and", "to", "with". */
const PROCLITICS = "وفبلكושלבהמ";

const ITS_OWN_LETTER: Record<string, string> = {
  ß: "ss",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  æ: "ae",
  œ: "oe",
  ı: "i",
  ħ: "h",
  ς: "σ",
  أ: "ا",
  إ: "ا",
  آ: "ا",
};

/** One spelling for what people see as the same: case, diacritics, apostrophes, hyphens, invisible characters. */
export function folded(text: string): string {
  return text
    .replace(/[’‘‛ʼʻ`´′＇]/g, "'")
    .normalize("NFKD")
    .replace(
      /\p{Cf}|(?=\p{M})(?:[\u0300-\u036F]|[\u0591-\u05C7]|[\u064B-\u065F]|\u0670|[\u1AB0-\u1AFF]|[\u1DC0-\u1DFF]|[\u20D0-\u20FF]|[\uFE00-\uFE0F])/gu,
      "",
    )
    .normalize("NFC")
    .toLowerCase()
    .replace(/[\u2010-\u2012\u2212]/g, "-")
    .replace(/[\u2013-\u2015]/g, "—")
    .replace(/[ßøłđðþæœıħςأإآ]/g, (letter) => ITS_OWN_LETTER[letter] ?? letter)
    .replace(/\s+/g, " ")
    .trim();
}

export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** "ann" is in "dear ann," and in "ann's", not in "hannah" and not in "ann-marie". Both are folded. */
export function holdsWord(text: string, word: string): boolean {
  if (word === "") return false;
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (beginsAt(text, at, word) && endsAt(text, at + word.length, word)) return true;
  }
  return false;
}

/** Whether the character goes on a word in a script that parts its words. */
export const isPartOfWord = (character: string): boolean => OF_A_WORD.test(character) && !UNPARTED.test(character);

function beginsAt(text: string, at: number, word: string): boolean {
  const before = characterBefore(text, at);
  if (!isPartOfWord(characterAt(word, 0))) return true;
  if (before === "-") return !isPartOfWord(characterBefore(text, at - 1));
  if (before !== "" && PROCLITICS.includes(before)) return !isPartOfWord(characterBefore(text, at - 1));
  return !isPartOfWord(before);
}

function endsAt(text: string, end: number, word: string): boolean {
  if (!isPartOfWord(characterBefore(word, word.length))) return true;
  const after = characterAt(text, end);
  return after === "-" ? !isPartOfWord(characterAt(text, end + 1)) : !isPartOfWord(after);
}

function characterAt(text: string, at: number): string {
  const codePoint = text.codePointAt(at);
  return codePoint === undefined ? "" : String.fromCodePoint(codePoint);
}

function characterBefore(text: string, at: number): string {
  const last = text.charCodeAt(at - 1);
  const isSecondHalf = last >= 0xdc00 && last <= 0xdfff;
  return at < 1 ? "" : text.slice(Math.max(0, at - (isSecondHalf ? 2 : 1)), at);
}
