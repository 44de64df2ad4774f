import { expect, test } from "vitest";
import { failureKind } from "../../src/domain/failing.ts";

test.each([
  ["the lead 17 is not known", "the lead 4711 is not known"],
  ["instantly refused it: ann@acme.example is taken", "instantly refused it: bob.lee+x@x.example is taken"],
  ["apollo refused it: see https://a.example/1?x=y", "apollo refused it: see www.b.example"],
  ['openai refused it: "Ann Lee" cannot be named', 'openai refused it: "Bob" cannot be named'],
  ["openai refused it: “Ann Lee” cannot be named", "openai refused it: “Bob” cannot be named"],
  ["it holds the placeholder [Your Company].", "it holds the placeholder {{ first name }}."],
  ["it holds the placeholder Your Company", "it holds the placeholder First Name or so"],
  ["perplexity refused it: No answer: Ann is unknown", "perplexity refused it: No answer: Bob has left"],
  ["refused at 12:30, id 6a3f-bb", "refused at 01:15, id 0c-1"],
])("%j and %j are failures of one kind", (first, second) => {
  expect(failureKind(first)).toBe(failureKind(second));
});

test.each([
  [
    "The written message cannot be sent: the subject is empty.",
    "The written message cannot be sent: the body is empty.",
  ],
  ["instantly refused it: The address is on its block list", "instantly refused it: It calls the address invalid"],
  ["perplexity refused it: too long", "openai refused it: too long"],
])("%j and %j are not", (first, second) => {
  expect(failureKind(first)).not.toBe(failureKind(second));
});

test("a kind can be read, keeps words with an apostrophe, and ends without the detail's marks", () => {
  expect(failureKind("openai refused it: I can't, and won't, write to 'Ann Lee' (5).")).toBe(
    "openai refused it: I can't, and won't, write to",
  );
  expect(failureKind("The written message cannot be sent: it holds the placeholder [Name].")).toBe(
    "The written message cannot be sent: it holds the placeholder",
  );
});

test.each(["", "   ", "…", "12345", "[ ]", ":", "::", "a@b.example"])(
  "the kind of %j is not empty, for that stands for leads that have nothing in common",
  (error) => {
    expect(failureKind(error)).toBe("no reason was given");
  },
);

test("a kind is short, and cut between characters", () => {
  const kind = failureKind("🙂".repeat(10_000));
  expect(kind).toBe("🙂".repeat(120));
});

test("a kind is the kind of itself", () => {
  for (const error of ["openai refused it: a: b", "x [y] 1 2 z", "it holds the placeholder [Name]"])
    expect(failureKind(failureKind(error))).toBe(failureKind(error));
});
