import { describe, expect, test } from "vitest";
import type { Copy, LeadProfile } from "../../src/domain/lead.ts";
import { copyProblem } from "../../src/domain/copy.ts";

function aLead(changes: Partial<LeadProfile> = {}): LeadProfile {
  return {
    email: "ada@engines.example",
    firstName: "Ada",
    lastName: "Byron",
    title: "Head of Engines",
    headline: null,
    linkedinUrl: null,
    company: "Engines Ltd",
    companyWebsite: "https://engines.example",
    ...changes,
  };
}

function aCopy(changes: Partial<Copy> = {}): Copy {
  return { subject: "Your second hall", body: "Hi Ada,\n\nbetter cogs for the new hall?\n\nCharles", ...changes };
}

/** A message to Ada that is whole but for this. */
const saying = (words: string): Copy => aCopy({ body: `Hi Ada,\n\nI saw ${words} and had a thought.\n\nCharles` });

test("a whole message to the person can be sent", () => {
  expect(copyProblem(aCopy(), aLead())).toBeNull();
});

describe("blanks to fill", () => {
  test.each([
    "[Your Name]",
    "[your name]",
    "[YOUR COMPANY]",
    "[Name]",
    "[First Name]",
    "[Company]",
    "[Company Name]",
    "[Job Title]",
    "[Your Position]",
    "[insert link here]",
    "[Insert a compliment]",
    "[Date]",
    "[phone number]",
    "{{first_name}}",
    "{{ firstName }}",
    "{{company}}",
    "{{",
    "}}",
    "<company>",
    "<Your Name>",
    "<first_name>",
    "<COMPANY NAME>",
  ])("%s is found in a body", (blank) => {
    expect(copyProblem(saying(blank), aLead())).not.toBeNull();
  });

  test.each(["[FIRST_NAME]", "[first_name]", "[company_name]", "[FirstName]", "[Firstname]", "[CompanyName]"])(
    "%s, written as one word, is found in a body",
    (blank) => {
      expect(copyProblem(saying(blank), aLead())).not.toBeNull();
    },
  );

  test("are found in a subject", () => {
    expect(copyProblem(aCopy({ subject: "A word for {{company}}" }), aLead())).toContain("placeholder {{");
    expect(copyProblem(aCopy({ subject: "Idea for [Company]" }), aLead())).toContain("placeholder [Company]");
  });

  test("are found in the signature, after the person was named", () => {
    expect(copyProblem(aCopy({ body: "Hi Ada,\n\ncogs?\n\nBest,\n[Your Name]" }), aLead())).toBe(
      "it holds the placeholder [Your Name]",
    );
  });
});

describe("ordinary words and signs", () => {
  test.each([
    "[1]",
    "[12]",
    "the note [1][2]",
    "[sic]",
    "[…]",
    "the hall (your company's second)",
    "that 3 < 5 and 7 > 2",
    "a margin of <5%",
    "the *new* hall",
    "{a set}",
    "the arrows -> and <-",
    "your name on the list of speakers",
    "the company title",
    "an unnamed [source]",
  ])("%s are no blank", (words) => {
    expect(copyProblem(saying(words), aLead())).toBeNull();
  });
});

describe("emptiness", () => {
  test.each(["", "   ", "\n\t"])("of the subject is a problem (%j)", (subject) => {
    expect(copyProblem(aCopy({ subject }), aLead())).toBe("the subject is empty");
  });

  test.each(["", "   ", "\n\t"])("of the body is a problem (%j)", (body) => {
    expect(copyProblem(aCopy({ body }), aLead())).toBe("the body is empty");
  });
});

describe("the person's name", () => {
  const greeting = (name: string) => aCopy({ body: `Dear ${name},\n\nbetter cogs?\n\nCharles` });

  test.each([
    ["Ada", "Ada"],
    ["Ada", "ADA"],
    ["ada", "Ada"],
    [" Ada ", "Ada"],
    ["José", "José"],
    ["José", "Jose"],
    ["Jose", "José"],
    ["Zoë", "Zoe"],
    ["François", "Francois"],
    ["Jürgen", "Ju\u0308rgen"],
    ["Ann-Marie", "Ann-Marie"],
    ["O'Neil", "O'Neil"],
    ["Mary Ann", "Mary Ann"],
    ["Mary Ann", "Mary"],
    ["李", "李"],
    ["太郎", "太郎さん"],
  ])("%j is rightly written %j", (firstName, written) => {
    expect(copyProblem(greeting(written), aLead({ firstName }))).toBeNull();
  });

  test.each([
    ["Ada", "Bob"],
    ["Ada", "Sir"],
    ["José", "Jorge"],
    ["Ann-Marie", "Ann"],
    ["Mary Ann", "Ann"],
  ])("%j is not rightly written %j", (firstName, written) => {
    expect(copyProblem(greeting(written), aLead({ firstName }))).toBe("it does not name the person");
  });

  test.each([
    ["Ada", "Sir or Madam"],
    ["Ian", "Brian"],
    ["Ann", "Hannah"],
    ["Al", "Salim"],
    ["Jo", "John"],
  ])("%j is not named by %j, which only holds the same letters", (firstName, written) => {
    expect(copyProblem(greeting(written), aLead({ firstName }))).toBe("it does not name the person");
  });

  test("in the subject alone is not enough", () => {
    const copy = aCopy({ subject: "Ada, a thought", body: "Hi there,\n\ncogs?\n\nCharles" });
    expect(copyProblem(copy, aLead())).toBe("it does not name the person");
  });

  test("is not asked for when the service did not tell it", () => {
    expect(copyProblem(greeting("reader"), aLead({ firstName: "" }))).toBeNull();
  });
});
