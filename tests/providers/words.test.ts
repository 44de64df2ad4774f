import { describe, expect, test } from "vitest";
import { tidy, wordsOf } from "../../src/providers/words.ts";

describe("words", () => {
  test("are one line without control characters", () => {
    expect(tidy("  too\r\n\tmany\u0000\u202e  calls\u200b ", "k")).toBe("too many calls");
  });

  test("are at most 300 characters, and say that they were cut", () => {
    const cut = tidy("é😀".repeat(400), "k");
    expect(Array.from(cut)).toHaveLength(300);
    expect(cut.endsWith("é…")).toBe(true);
  });

  test("lose the key before they are cut", () => {
    expect(tidy(`${"x".repeat(295)}topsecret`, "topsecret")).toBe(`${"x".repeat(295)}[key]`);
  });

  test("lose a key that is a word of its own replacement", () => {
    expect(tidy("the key of keys", "key")).toBe("the [key] of [key]s");
  });

  test("lose the query of every URL", () => {
    expect(tidy("GET https://a.example/v3/?api=1&b=2 failed, see http://b.example/x?y", "k")).toBe(
      "GET https://a.example/v3/ failed, see http://b.example/x",
    );
  });

  test("survive an empty key", () => {
    expect(tidy("as it was", "")).toBe("as it was");
  });

  test.each([
    ["a list", '["a"]', '["a"]', ""],
    ["an error of another type", '{"error":7,"message":"seven"}', "seven", ""],
    ["a detail", '{"detail":"nope"}', "nope", ""],
    ["a list of details", '{"detail":[{"msg":"one"},{"msg":"two"}]}', "one; two", ""],
    ["lists of messages", '{"errors":["details is invalid"],"message":["a","b"]}', "a; b", ""],
    ["a message that is JSON itself", '{"message":"{\\n \\"message\\": \\"inner\\"}"}', "inner", ""],
    ["nothing usable", '{"odd":"nope"}', '{"odd":"nope"}', ""],
    ["codes of several kinds", '{"error":{"message":"m","code":"c","type":"t"},"error_code":5}', "m", "c t 5"],
    ["text", "plain", "plain", ""],
    ["a page", "<html><head><style>p {}</style></head><body><h1>Access denied</h1></body></html>", "Access denied", ""],
  ])("are found in %s", (_what, body, message, code) => {
    const words = wordsOf(body);
    expect({ ...words, message: words.message.trim() }).toMatchObject({ message, code });
  });
});
