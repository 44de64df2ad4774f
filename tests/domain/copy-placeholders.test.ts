import { describe, expect, test } from "vitest";
import { copyProblem } from "../../src/domain/copy.ts";
import { aBrief, aCopySaying, aLead } from "./copy-builders.ts";
import cases from "./cases/copy-placeholders.json";

const problem = (words: string) => copyProblem(aCopySaying(words), aLead(), aBrief());
const problemOf = (body: string) => copyProblem({ subject: "Hello", body }, aLead(), aBrief());

test.each(cases.placeholders)("%s is a placeholder", (words) => {
  // A few are markup as well; which of both is said makes no difference to who reads it.
  expect(problem(words)).toMatch(/^it holds (?:the placeholder|markup:) ./);
});

test.each(cases.unfilledNames)("%j has something unfilled where a name stands", (body) => {
  expect(problemOf(body)).not.toBeNull();
});

test.each(cases.noPlaceholders)("%s is no placeholder", (words) => {
  expect(problem(words)).toBeNull();
});

test("what the lead's own company is called is no placeholder, and a template's word is one all the same", () => {
  const lead = aLead({ company: "XXX [Studio] Name" });
  expect(copyProblem(aCopySaying("the [Studio]"), lead, aBrief())).toBeNull();
  expect(copyProblem(aCopySaying("XXX"), lead, aBrief())).toBeNull();
  expect(copyProblem(aCopySaying("[Name]"), lead, aBrief())).toBe("it holds the placeholder [Name]");
});

test("a placeholder in the subject is found", () => {
  expect(copyProblem({ ...aCopySaying("x"), subject: "For {first_name}" }, aLead())).toBe(
    "it holds the placeholder {first_name}",
  );
});

describe("markup", () => {
  test.each([
    "<b>x</b>",
    "<br>",
    "<p>x",
    "</div>",
    "<a href='x'>",
    "**bold**",
    "[text](url)",
    "[text](https://cogs.example/demo)",
    "![x](y)",
    "```x```",
    "&nbsp;",
    "&amp;",
    "&#39;",
    "<!-- x -->",
    "<script>",
    "`code`",
    "~~gone~~",
    "<img src=x onerror=1>",
    "<A HREF=x>",
    '<span style="x">a</span>',
    "[url=https://x.example]x[/url]",
    "__bold__",
    "<custom-tag/>",
    "[b]x[/b]",
  ])("%s is markup or a link", (words) => {
    expect(problem(words)).not.toBeNull();
  });

  test.each(["# Heading", "```\ncode\n```", "| a | b |\n|---|---|\n| 1 | 2 |"])("%j is markup", (block) => {
    expect(problemOf(`Hi Ann,\n\n${block}`)).toMatch(/^it holds markup: /);
  });

  test.each(cases.noMarkup)("%s is no markup", (words) => {
    expect(problem(words)).toBeNull();
  });

  test.each(["- one\n- two\n\n1. x\n2. y\n\n* z\n\n> quoted\n\n--\nCharles", "#1 of them\n\n---\nCharles"])(
    "%j, as people write in plain text, is no markup",
    (block) => {
      expect(problemOf(`Hi Ann,\n\n${block}`)).toBeNull();
    },
  );
});
