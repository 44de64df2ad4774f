/**
 * What shows nothing, and is kept where it joins: ZWJ within an emoji, both joiners between letters of scripts that use them, the
 * tags of a flag. The rest of these is removed when a message is mended.
 */
const INVISIBLE =
  /(?<keep>\u{1F3F4}[\u{E0020}-\u{E007E}]{1,8}\u{E007F}|(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\u{FE0F}])\u{200D}(?=\p{Extended_Pictographic})|(?<=[\p{Lo}\p{Mn}\p{Mc}])[\u{200C}\u{200D}](?=[\p{Lo}\p{Mn}\p{Mc}])|(?<=\p{Script=Han})[\u{E0100}-\u{E01EF}]|[\u{0600}-\u{0605}\u{06DD}\u{08E2}])|\u{034F}|\u{17B4}|\u{17B5}|[\u{180B}-\u{180F}]|[\p{Cf}\u{115F}\u{1160}\u{2800}\u{3164}\u{FFA0}]|[\u{E0100}-\u{E01EF}]/gu;
/** Turns what follows around, so that it reads otherwise than it is: not harmless, and never mended. */
const OVERRIDE = /[\u202D\u202E]/;
/** Control characters but for the body's line ends and tabs; the two line ends of Unicode. */
const CONTROL = /(?!\t|\n|\r\n)[\p{Cc}\u2028\u2029]/u;
/** Halves of a character, what stood for a character that was lost, what means nothing outside one font or program. */
const BROKEN = /[\p{Cs}\p{Co}\p{Noncharacter_Code_Point}\uFFFD]/u;

/** A backslash and letters instead of the character that they stand for. */
const ESCAPE = /\\(?:[nrt"']|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2})/;
/** Windows' own backslashes, of which "\new" is no line end. */
const WINDOWS_PATH = /(?<![\p{L}\p{N}])[C-Z]:\\[^\s"]*|(?<!\S)\\\\\p{L}[\p{L}\p{N}.$-]*\\[^\s"]*/gu;

/** Whether somebody would see nothing at all. */
export function isBlank(text: string): boolean {
  return !/[^\p{C}\p{Z}\s\uFE00-\uFE0F]/u.test(text.replace(INVISIBLE, ""));
}

/** Which character of the text does not belong into a message, with its code point; null when none. */
export function badCharacter(text: string): string | null {
  const broken = BROKEN.exec(text);
  if (broken) return `it holds a broken character: ${codePoint(broken[0])}`;
  const control = CONTROL.exec(text);
  if (control && !text.startsWith("\r\n", control.index - 1)) {
    return `it holds a control character: ${codePoint(control[0])}`;
  }
  for (const match of text.matchAll(INVISIBLE)) {
    if (match.groups?.["keep"] === undefined) return `it holds an invisible character: ${codePoint(match[0])}`;
  }
  return null;
}

/** The first escape that a model wrote out, such as a backslash and an n; null when none. */
export function writtenOutEscape(text: string): string | null {
  return ESCAPE.exec(text.replace(WINDOWS_PATH, ""))?.[0] ?? null;
}

/** The characters for what was written out, and one kind of line end. Letters that name no visible character stay. */
export function withoutEscapes(text: string): string {
  const paths = [...text.matchAll(WINDOWS_PATH)];
  let mended = "";
  let from = 0;
  for (const { 0: path, index } of paths) {
    mended += resolved(text.slice(from, index)) + path;
    from = index + path.length;
  }
  return mended + resolved(text.slice(from));
}

/** Without what shows nothing. A text that an override turns around stays as it is, and is not sent. */
export function withoutInvisible(text: string): string {
  if (OVERRIDE.test(text)) return text;
  return text
    .replace(/\r\n?|[\u0085\u2028\u2029\v\f]/g, "\n")
    .replace(/(?![\t\n])\p{Cc}/gu, "")
    .replace(INVISIBLE, (...match) => (match.at(-1) as { keep?: string }).keep ?? "");
}

function resolved(text: string): string {
  return text
    .replace(/(?<!\\)\\{1,8}r\\{1,8}n|(?<!\\)\\+[nr]/g, "\n")
    .replace(/(?<!\\)\\+t/g, " ")
    .replace(/(?:\\u[0-9a-f]{4})+/gi, (escapes) => {
      const units = escapes
        .slice(2)
        .split(/\\u/i)
        .map((hex) => Number.parseInt(hex, 16));
      return units.every((unit) => unit >= 0xa0) ? String.fromCharCode(...units) : escapes;
    })
    .replace(/(?<!\\)\\+(["'])/g, "$1");
}

function codePoint(character: string): string {
  const value = character.codePointAt(0) ?? 0;
  return `U+${value.toString(16).toUpperCase().padStart(4, "0")}`;
}
