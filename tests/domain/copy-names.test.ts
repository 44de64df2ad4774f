import { describe, expect, test } from "vitest";
import { copyProblem } from "../../src/domain/copy.ts";
import type { LeadProfile } from "../../src/domain/lead.ts";
import { aLead } from "./copy-builders.ts";
import cases from "./cases/copy-names.json";

const problemOf = (body: string, changes: Partial<LeadProfile>) =>
  copyProblem({ subject: "Hello", body }, aLead({ linkedinUrl: null, ...changes }));
const greeted = (name: string, firstName: string) => problemOf(`Hi ${name},\n\nhello.\n\nCharles`, { firstName });

describe("a first name as profiles show it", () => {
  test.each(cases.right)("%j is rightly greeted %j", (firstName, name) => {
    expect(greeted(name, firstName)).toBeNull();
  });

  test.each(cases.wrong)("%j is not rightly greeted %j", (firstName, name) => {
    expect(greeted(name, firstName)).not.toBeNull();
  });
});

describe("a first name that is none", () => {
  const none = cases.noNames;

  test.each(none)("%j asks for nothing", (firstName) => {
    for (const greeting of ["Hello", "Hi there", "Dear Ms Lee", "Hello X team"]) {
      expect(problemOf(`${greeting},\n\na good idea`, { firstName })).toBeNull();
    }
  });

  test.each(none)("%j is not greeted by a name from nowhere", (firstName) => {
    expect(problemOf("Dear Hannah,\n\na good idea", { firstName })).toBe("it greets somebody else: Hannah");
  });

  test("may be greeted as the address says, or as its one letter begins", () => {
    expect(problemOf("Hi Ann,\n\nan idea", { firstName: "" })).toBeNull();
    expect(problemOf("Dear Jane,\n\nan idea", { firstName: "J." })).toBeNull();
    expect(problemOf("Dear Bob,\n\nan idea", { firstName: "J." })).not.toBeNull();
    expect(problemOf("Hi Ada,\n\nan idea", { firstName: "Ada", company: "Ada" })).toBeNull();
  });
});

describe("a greeting", () => {
  test.each(cases.strangers)("%j greets somebody else", (body) => {
    expect(problemOf(body, {})).not.toBeNull();
  });

  test.each(cases.greetings)("%j is right", (body) => {
    expect(problemOf(body, {})).toBeNull();
  });

  test("of somebody else is told even where the person is named", () => {
    expect(problemOf("Dear Hannah,\n\nI know Ann.", {})).toBe("it greets somebody else: Hannah");
  });

  test.each([
    ["太郎", "太郎さん、こんにちは。", ""],
    ["太郎", "田中様\n\nこんにちは。", "田中"],
    ["محمد", "عزيزي محمد، مرحبا", ""],
    ["محمد", "مرحبا، لمحمد تحية", ""],
    ["Ayşe", "Merhaba Ayşe'nin ekibi, nasılsın", ""],
    ["Ann", "Dear Ms O'Neil,\n\nx", "O’Neil"],
    ["Ann", "Dear Ms Smith-Jones,\n\nx", "Smith-Jones, PhD"],
    ["Ann", "Dear Ms van der Berg,\n\nx", "van der Berg"],
  ])("of %j may be %j", (firstName, body, lastName) => {
    expect(problemOf(body, { firstName, lastName })).toBeNull();
  });

  test.each([
    ["太郎", "花子さん、こんにちは。"],
    ["محمد", "مرحبا محمود، أهلا"],
  ])("of %j is not %j", (firstName, body) => {
    expect(problemOf(body, { firstName })).toBe("it does not name the person");
  });
});
