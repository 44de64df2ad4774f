import { describe, expect, test } from "vitest";
import { copyProblem, mendedCopy } from "../../src/domain/copy.ts";
import { aBrief, aLead } from "./copy-builders.ts";

const BODY = "Hi Ann,\n\nhello.\n\nCharles";
const inBody = (character: string) => ({ subject: "Hello", body: `Hi Ann,\n\nhel${character}lo.\n\nCharles` });
const inSubject = (character: string) => ({ subject: `Hel${character}lo`, body: BODY });

describe("what shows nothing", () => {
  test.each([
    ..."\u200b\ufeff\u00ad\u200e\u2060\u2066\u2069\u202a\u202c\u061c\u200c\u200d\u034f\u115f\u3164\ufff9",
    ..."\u0000\u0007\u001b\u007f\u0085\u2028\u2029\v\f",
    "\u{E0041}",
  ])("%j is a problem, and is mended", (character) => {
    for (const copy of [inBody(character), inSubject(character)]) {
      expect(copyProblem(copy, aLead())).not.toBeNull();
      expect(copyProblem(mendedCopy(copy), aLead())).toBeNull();
    }
  });

  test.each(["\u202e", "\u202d", "\ud800", "\udc00", "\ufffd", "\ue000", "\uffff", "\ufdd0", "\u{1FFFE}", "\u{F0000}"])(
    "%j has lost or turned a meaning, and stays a problem",
    (character) => {
      for (const copy of [inBody(character), inSubject(character)]) {
        expect(copyProblem(copy, aLead())).toMatch(/character: U\+[0-9A-F]{4,6}$/);
        expect(copyProblem(mendedCopy(copy), aLead())).not.toBeNull();
      }
    },
  );

  test.each(["👩🏽‍💻", "🏳️‍🌈", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️‍🔥", "1️⃣", "🇩🇪", "👨‍👩‍👧", "کتاب\u200cها", "क्\u200dष", "l’été\u202f!", "a\u00a0b"])(
    "%s is whole with it, and stays",
    (text) => {
      expect(copyProblem(inBody(text), aLead())).toBeNull();
      expect(mendedCopy(inBody(text))).toEqual(inBody(text));
    },
  );

  test.each(["\u200b\u200b", "\u200e", "\u2800", "\u3164", "\u00a0\ufe0f"])(
    "a subject or body of %j alone is empty",
    (text) => {
      expect(copyProblem({ subject: text, body: BODY }, aLead())).toBe("the subject is empty");
      expect(copyProblem({ subject: "Hello", body: text }, aLead())).toBe("the body is empty");
    },
  );
});

describe("what is written out instead of meant", () => {
  test.each([
    ["Hi Ann,\\n\\nhello.\\n\\nCharles", "Hi Ann,\n\nhello.\n\nCharles"],
    ["Hi Ann,\\r\\n\\r\\nhello.", "Hi Ann,\n\nhello."],
    ["Hi Ann,\\\\n\\\\nhello.", "Hi Ann,\n\nhello."],
    ["Hi Ann,\\thello", "Hi Ann, hello"],
    ['Hi Ann, \\"so\\" hello', 'Hi Ann, "so" hello'],
    ["Hi Ann,\nwe\\u2019re at the caf\\u00e9 \\ud83d\\ude80", "Hi Ann,\nwe’re at the café 🚀"],
  ])("%j is mended to %j", (body, right) => {
    expect(copyProblem({ subject: "Hello", body }, aLead())).toMatch(/^it holds a character that is written out: \\/);
    expect(mendedCopy({ subject: "Hello", body }).body).toBe(right);
    expect(copyProblem({ subject: "Hello", body: right }, aLead())).toBeNull();
  });

  test("a path of Windows has backslashes of its own", () => {
    const copy = { subject: "Hello", body: "Hi Ann, see C:\\new\\reports\\today and \\\\server\\name\\x" };
    expect(copyProblem(copy, aLead())).toBeNull();
    expect(mendedCopy(copy)).toEqual(copy);
  });

  test("a tag of a line end is one", () => {
    expect(mendedCopy({ subject: "A<br>b", body: "Hi Ann,<br><br/>hello" })).toEqual({
      subject: "A b",
      body: "Hi Ann,\n\nhello",
    });
  });
});

test.each(["He\nllo", "He\r\nllo", "He\tllo", "Hello\n", "He\u2028llo"])(
  "the subject %j is one line when it is mended",
  (subject) => {
    expect(copyProblem({ subject, body: BODY }, aLead())).toMatch(/^the subject holds a (line end|tab)$/);
    expect(mendedCopy({ subject, body: BODY }).subject).toMatch(/^He ?llo$/);
  },
);

test.each([
  '"Hello"',
  "“Hello”",
  "„Hello“",
  "«Hello»",
  "Subject: Hello",
  '"Subject: Hello"',
  'Subject: "Hello"',
  " Betreff: Hello ",
])("of the subject %j only what is its own is kept", (subject) => {
  expect(mendedCopy({ subject, body: BODY }).subject).toBe("Hello");
});

test.each(['"A" and "B"', "It's the engines'", "Subjects: A", "Re: A"])("the subject %j stays", (subject) => {
  expect(mendedCopy({ subject, body: BODY }).subject).toBe(subject);
});

test("line ends are of one kind, at most two lines are empty, and letters are composed", () => {
  const body = "  Hi Ann,\r\n\r\n \n\n\n\ncafe\u0301.  \r\rCharles\n";
  expect(mendedCopy({ subject: "Cafe\u0301", body })).toEqual({
    subject: "Café",
    body: "Hi Ann,\n\n\ncafé.\n\nCharles",
  });
});

describe("lengths", () => {
  test.each([
    [{ subject: "word ".repeat(40), body: BODY }, null],
    [{ subject: "word ".repeat(41), body: BODY }, "the subject is longer than 200 characters"],
    [{ subject: "Hello", body: `Ann ${"word ".repeat(999)}` }, null],
    [{ subject: "Hello", body: `Ann ${"word ".repeat(1_000)}` }, "the body is longer than 5000 characters"],
    [{ subject: "Hello", body: `Ann ${"w".repeat(200)}` }, null],
    [
      { subject: "Hello", body: `Ann ${"w".repeat(201)}` },
      `it holds a word of more than 200 characters: ${"w".repeat(40)}`,
    ],
    [{ subject: "Hello", body: `Ann ${"早".repeat(900)}` }, null],
    [{ subject: "Hello", body: `Ann ${"สวัสดี".repeat(100)}` }, null],
  ])("have their bounds (%#)", (copy, problem) => {
    expect(copyProblem(copy, aLead())).toBe(problem);
  });
});

describe("hostile texts", () => {
  const PIECES = [
    "[",
    "{",
    "<",
    "(",
    "*|",
    "%a",
    "#a",
    "@a",
    "$a",
    "_",
    "__",
    "a_",
    "a.",
    "a@",
    "www.",
    "http://",
    "1 ",
    "1.",
    "+1-",
    "**a",
  ];
  const MORE = [
    "![",
    "[a](",
    "&#",
    "\\",
    "\\n",
    "\\u00",
    "\n",
    "\n ",
    "\r",
    " ",
    "-",
    "a-",
    "\u200d",
    "👩\u200d",
    "\u0301",
    "insert ",
  ];
  const WORDS = [
    "first name ",
    "dear ",
    "hi bob ",
    "____ ",
    "://",
    "a/",
    "[dot]",
    " dot ",
    "C:\\",
    '"',
    "|-",
    "# ",
    "~~",
    "<a ",
    "aB",
    "\ud800",
  ];

  test.each([...PIECES, ...MORE, ...WORDS])("of 5,000 characters of %j come to an end wherever they stand", (piece) => {
    const text = `${piece.repeat(5_000).slice(0, 4_980)}! Ann`;
    const lead = aLead({ firstName: text, lastName: text, company: text, companyWebsite: text });
    copyProblem({ subject: piece, body: text }, aLead(), aBrief({ offer: text }));
    copyProblem({ subject: "Hello", body: text }, lead, aBrief({ offer: text }));
    const mended = mendedCopy({ subject: text, body: text });
    expect(mendedCopy(mended)).toEqual(mended);
  });

  test("of any mixture are mended once and for all", () => {
    const pieces = [
      "a",
      "B",
      " ",
      "\n",
      "\r",
      "\t",
      "\\n",
      "\\",
      "n",
      "u",
      "0041",
      '"',
      "'",
      "“",
      "”",
      "Subject:",
      "\u200b",
      "\u200d",
      "👩",
      "💻",
    ];
    const more = [
      "\u0301",
      "e",
      "\u202e",
      "\\u00e9",
      "\\u200b",
      "\\ud83d",
      "<br>",
      "<br",
      "> ",
      "\0",
      "\ud800",
      "C:\\",
      "\\\\s\\",
      "\u034f",
    ];
    const all = [...pieces, ...more];
    let state = 1;
    const next = () => (state = (state * 48_271) % 2_147_483_647);
    for (let round = 0; round < 2_000; round++) {
      const text = Array.from({ length: 1 + (next() % 9) }, () => all[next() % all.length]).join("");
      const mended = mendedCopy({ subject: text, body: text });
      expect(mendedCopy(mended)).toEqual(mended);
    }
  });
});
