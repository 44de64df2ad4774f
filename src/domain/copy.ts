import { foreignNumber } from "./account-numbers.ts";
import { badCharacter, isBlank, withoutEscapes, withoutInvisible, writtenOutEscape } from "./characters.ts";
import { greetedStranger, greetsByLastName } from "./greeting.ts";
import type { Copy, LeadProfile, MessageBrief } from "./lead.ts";
import { folded, holdsWord, isPartOfWord } from "./letters.ts";
import { foreignLink, knownFrom } from "./links.ts";
import { markupIn } from "./markup.ts";
import { nameForms } from "./person-name.ts";
import { placeholderIn } from "./placeholders.ts";

const MOST_SUBJECT_CHARACTERS = 200;
const MOST_BODY_CHARACTERS = 5_000;
const MOST_WORD_CHARACTERS = 200;
/** Of a message that are repeated in what is wrong with it. */
const SHOWN_CHARACTERS = 40;
const MOST_EMPTY_LINES = 2;

/**
 * What is wrong with a message, or null. It must be sendable as it is: whole, plain, without blanks to fill, to this person, and
 * with no link, address or number but those of the campaign's brief and the lead's own. Without a brief no link is allowed. What
 * is wrong is one clause; its specific part stands at its end, after a colon or "placeholder".
 */
export function copyProblem(copy: Copy, lead: LeadProfile, message?: MessageBrief): string | null {
  const problem = formProblem(copy) ?? contentProblem(copy, lead, message) ?? nameProblem(copy.body, lead);
  return problem === null ? null : shown(problem);
}

/** The message without what can be taken away or put right with no change of its meaning. Mending it again changes nothing. */
export function mendedCopy({ subject, body }: Copy): Copy {
  return {
    subject: settled(subject, (text) => mendedSubject(mendedText(text))),
    body: settled(body, (text) => mendedBody(mendedText(text))),
  };
}

/** What is taken away may bring together what is to be mended too. */
function settled(text: string, mend: (text: string) => string): string {
  const mended = mend(text);
  return mended === text ? text : settled(mended, mend);
}

function formProblem({ subject, body }: Copy): string | null {
  if (isBlank(subject)) return "the subject is empty";
  if (isBlank(body)) return "the body is empty";
  if (lengthOf(subject) > MOST_SUBJECT_CHARACTERS)
    return `the subject is longer than ${MOST_SUBJECT_CHARACTERS} characters`;
  if (lengthOf(body) > MOST_BODY_CHARACTERS) return `the body is longer than ${MOST_BODY_CHARACTERS} characters`;
  const word = longWord(`${subject}\n${body}`);
  if (word !== null) return `it holds a word of more than ${MOST_WORD_CHARACTERS} characters: ${word}`;
  if (/[\n\r\v\f\u0085\u2028\u2029]/.test(subject)) return "the subject holds a line end";
  if (subject.includes("\t")) return "the subject holds a tab";
  const escape = writtenOutEscape(subject) ?? writtenOutEscape(body);
  if (escape !== null) return `it holds a character that is written out: ${escape}`;
  return badCharacter(subject) ?? badCharacter(body);
}

function contentProblem(copy: Copy, lead: LeadProfile, message: MessageBrief | undefined): string | null {
  const placeholder = placeholderIn(copy.subject, lead) ?? placeholderIn(copy.body, lead);
  if (placeholder !== null) return `it holds the placeholder ${placeholder}`;
  const markup = markupIn(copy.subject) ?? markupIn(copy.body);
  if (markup !== null) return `it holds markup: ${markup}`;
  const known = knownFrom(lead, message);
  return foreignLink(copy, known) ?? foreignNumber(copy, known);
}

function nameProblem(body: string, lead: LeadProfile): string | null {
  const forms = nameForms(lead.firstName, lead.company);
  const text = folded(body);
  const isNamed = forms.length === 0 || forms.some((form) => holdsWord(text, form)) || greetsByLastName(body, lead);
  if (!isNamed) return "it does not name the person";
  const stranger = greetedStranger(body, lead);
  return stranger === null ? null : `it greets somebody else: ${stranger}`;
}

/** One line whose specific part is cut. */
function shown(problem: string): string {
  const [, kind = problem, specific = ""] = /^(.*?(?:: |the placeholder ))(.*)$/s.exec(problem) ?? [];
  const plain = specific.replace(/[\p{C}\s]+/gu, " ").trim();
  return kind + Array.from(plain).slice(0, SHOWN_CHARACTERS).join("");
}

/** Scripts without blanks have no words to measure. */
function longWord(text: string): string | null {
  const runs = text.match(/[\p{L}\p{N}\p{M}_]{201,}/gu) ?? [];
  return (
    runs.find((run) =>
      Array.from(run)
        .slice(0, MOST_WORD_CHARACTERS + 1)
        .every((each) => isPartOfWord(each) || each === "_"),
    ) ?? null
  );
}

const lengthOf = (text: string): number => Array.from(text).length;

function mendedText(text: string): string {
  return withoutInvisible(withoutEscapes(text).replace(/<br\s?\/?>/gi, "\n")).normalize("NFC");
}

function mendedBody(text: string): string {
  const lines = text.split("\n").map((line) => line.trimEnd());
  const kept = lines.filter(
    (line, at) => line !== "" || lines.slice(Math.max(0, at - MOST_EMPTY_LINES), at).some((before) => before !== ""),
  );
  return kept.join("\n").trim();
}

const QUOTED = /^(?:"([^"]*)"|“([^“”]*)”|„([^„“”]*)[“”]|«([^«»]*)»|‘([^‘’]*)’|'([^']*)')$/;
const LABEL = /^(?:subject(?: line)?|betreff|objet|asunto|oggetto|assunto|onderwerp|temat)\s?[:：]\s*/i;

/** Models write the label and the quotation marks in either order. */
function mendedSubject(text: string): string {
  let subject = text.replace(/\s*[\n\t]\s*/g, " ").trim();
  for (let before = ""; before !== subject;) {
    before = subject;
    const inside =
      QUOTED.exec(subject)
        ?.slice(1)
        .find((each) => each !== undefined) ?? subject;
    subject = inside.replace(LABEL, "").trim();
  }
  return subject;
}
