import { describe, expect, test } from "vitest";
import { addressOf, mailboxOf, sameMailbox } from "../../src/domain/mailbox.ts";
import cases from "../cases/addresses.json" with { type: "json" };

describe("an address", () => {
  test.each(cases.one_mailbox)("is one, however it is spelt: %j", (...spellings: string[]) => {
    const [first = "", ...others] = spellings;
    for (const other of others) expect([other, sameMailbox(first, other)]).toEqual([other, true]);
    expect(new Set(spellings.map(addressOf)).size).toBe(1);
  });

  test.each(cases.kept)("stays as it is: %s", (text) => {
    expect(addressOf(text)).toBe(text);
  });

  test.each([
    ["Ann@X.Example", "ann@x.example"],
    ["\t<ann@x.example>\n", "ann@x.example"],
    ['"Lee, Ann" <Ann@x.example>', "ann@x.example"],
    ["'ann@x.example'", "ann@x.example"],
    ['"ann"@x.example', "ann@x.example"],
    ["MAILTO:ann%2Bnews@x.example?subject=a@b.example", "ann+news@x.example"],
    ["<mailto:ann@x.example>", "ann@x.example"],
    ["a\u00ADn\u200Dn\u202E@x\u2060.example\uFEFF", "ann@x.example"],
    ["ａｎｎ＠ｘ．ｅｘａｍｐｌｅ", "ann@x.example"],
    ["ann@x。example。", "ann@x.example"],
    ["ann@straße.example", "ann@xn--strae-oqa.example"],
    ["ann@例え.テスト", "ann@xn--r8jz45g.xn--zckzah"],
    ["ann@sub.x.example.", "ann@sub.x.example"],
    ["a/b=c_d{e}~!#$%&*?^`|-f.g@x.example", "a/b=c_d{e}~!#$%&*?^`|-f.g@x.example"],
    [`${"a".repeat(64)}@x.example`, `${"a".repeat(64)}@x.example`],
  ])("%j is written %s", (text, address) => {
    expect(addressOf(text)).toBe(address);
    expect(addressOf(address)).toBe(address);
  });

  test("is written once and for all, whatever characters it is made of", () => {
    const parts = [
      "a",
      "İ",
      "ß",
      "Σ",
      "é",
      "e\u0301",
      "K",
      "ﬁ",
      "+",
      ".",
      "'",
      "\u200B",
      "＠",
      "@x.example",
      "@ÄB.example",
    ];
    for (const a of parts)
      for (const b of parts)
        for (const c of parts)
          for (const end of ["@x.example", "@MÜLLER.example.", ""]) {
            const address = addressOf(a + b + c + end);
            if (address !== null) expect(addressOf(address)).toBe(address);
          }
  });
});

describe("no address", () => {
  test.each(cases.no_address)("is %j", (text) => {
    expect(addressOf(text)).toBeNull();
  });

  test.each([
    "",
    "ann",
    "@x.example",
    "a@x.example b@x.example",
    "bob@x.example <ann@x.example>",
    "mailto:a@x.example,b@x.example",
    "mailto:ann%@x.example",
    "ann lee@x.example",
    ".ann@x.example",
    "ann.@x.example",
    "a..b@x.example",
    "ann@x.example..",
    "ann@x..example",
    "ann@.x.example",
    "ann@x",
    "ann@-x.example",
    "ann@x-.example",
    "ann@x_y.example",
    "ann@x.example:25",
    "ann@x.example/path",
    "ann@%78.example",
    "ann@x℀.example",
    "ann@127.0.0.1",
    "ann@[127.0.0.1]",
    "ann@1.2.0x3",
    "ann\n@x.example",
    "ann\uD800@x.example",
    "ann\uE000@x.example",
    `${"a".repeat(65)}@x.example`,
    `${"é".repeat(33)}@x.example`,
    `a@${"b".repeat(64)}.example`,
    `ann@${"b.".repeat(124)}example`,
    `${" ".repeat(5_000)}ann@x.example`,
  ])("is %j", (text) => {
    expect(addressOf(text)).toBeNull();
  });
});

describe("a mailbox", () => {
  test.each([
    ["ann+news@x.example", "ann@x.example"],
    ["ann+a+b@x.example", "ann@x.example"],
    ["ann+@x.example", "ann@x.example"],
    ["ann@x.example", "ann@x.example"],
    ["+news@x.example", "+news@x.example"],
    ["+news+a@x.example", "+news@x.example"],
  ])("of %s is %s", (address, mailbox) => {
    expect(mailboxOf(address)).toBe(mailbox);
  });

  test("is not another domain's, nor another person's", () => {
    expect(sameMailbox("ann@x.example", "ann@y.example")).toBe(false);
    expect(sameMailbox("ann+a@x.example", "ann.lee+a@x.example")).toBe(false);
    expect(sameMailbox("ann@x.example", "")).toBe(false);
  });

  test("of what is no address is its text", () => {
    expect(sameMailbox(" Ann@localhost", "ann@LOCALHOST")).toBe(true);
    expect(sameMailbox("ann@localhost", "bob@localhost")).toBe(false);
  });
});
