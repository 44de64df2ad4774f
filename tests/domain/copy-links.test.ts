import { describe, expect, test } from "vitest";
import { copyProblem } from "../../src/domain/copy.ts";
import { aBrief, aCopySaying, aLead } from "./copy-builders.ts";
import cases from "./cases/copy-links.json";

const problem = (words: string) => copyProblem(aCopySaying(words), aLead(), aBrief());
const problemWithoutBrief = (words: string) => copyProblem(aCopySaying(words), aLead());

describe("links and addresses", () => {
  test.each(cases.foreign)("%s is not sent", (words) => {
    expect(problem(words)).toMatch(/^it holds /);
    expect(problemWithoutBrief(words)).toMatch(/^it holds /);
  });

  test.each([
    "https://cogs.example/demo",
    "HTTPS://Cogs.example/demo",
    "https://www.cogs.example/demo/",
    "cogs.example/demo",
    "https://cogs.example/demo?utm=1",
    "https://cogs.example/demo/a",
    "(https://cogs.example/demo)",
    "https://cogs.example/demo.",
    "charles@cogs.example",
    "ann@x.example",
    "Ann@X.example",
    "x.example",
    "https://x.example",
    "https://www.x.example/",
    "https://www.linkedin.com/in/ann-lee",
    "linkedin.com/in/ann-lee",
    "+49 30 1234567",
    "030 1234567",
    "+49 (30) 123-4567",
    "0049301234567",
  ])("%s is the brief's or the lead's own", (words) => {
    expect(problem(words)).toBeNull();
  });

  test.each([
    "https://cogs.example/demo",
    "https://www.linkedin.com/in/ann-lee",
    "https://x.example",
    "charles@cogs.example",
  ])("%s is not sent without a brief", (words) => {
    expect(problemWithoutBrief(words)).not.toBeNull();
  });

  test.each(cases.noLinks)("%s is no link", (words) => {
    expect(problem(words)).toBeNull();
  });

  test.each([{ company: "Acme.io" }, { companyWebsite: "http://www.acme.io/" }, { companyWebsite: "acme.io/en" }])(
    "Acme.io may be named to somebody of %j, without a brief too",
    (changes) => {
      expect(copyProblem(aCopySaying("Acme.io's team"), aLead(changes))).toBeNull();
    },
  );

  test("any text of the brief may hold the link", () => {
    const brief = { ...aBrief(), instructions: "Send them to notes.example/today" };
    expect(copyProblem(aCopySaying("https://notes.example/today"), aLead(), brief)).toBeNull();
  });

  test("what is found stands last, and is cut", () => {
    expect(problem(`https://evil.example/${"a/".repeat(40)}`)).toBe(
      "it holds a link that is not in the brief: https://evil.example/a/a/a/a/a/a/a/a/a/a",
    );
  });
});

describe("numbers of phones, cards and accounts", () => {
  test.each(cases.foreignNumbers)("%s is not sent", (words) => {
    expect(problem(words)).toMatch(/^it holds a number that is not in the brief: /);
    expect(problemWithoutBrief(words)).toMatch(/^it holds a number that is not in the brief: /);
  });

  test.each(cases.otherNumbers)("%s is no such number", (words) => {
    expect(problem(words)).toBeNull();
  });
});
