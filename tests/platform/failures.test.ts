import { describe, expect, test } from "vitest";
import { InvariantError } from "../../src/domain/invariant.ts";
import { failureOf } from "../../src/platform/failures.ts";
import words from "../cases/platform-errors.json" with { type: "json" };

const kindOf = (error: unknown) => failureOf(error).kind;
const stopFor = (message: string) => {
  const failure = failureOf(new Error(message));
  return failure.kind === "lasts" ? failure.fault.kind : failure.kind;
};

describe("what passes by itself", () => {
  test.each([
    ...words.passes,
    "Network connection lost.",
    "D1_ERROR: D1 DB is overloaded. Too many requests queued.",
    "Durable Object is overloaded. Requests queued for too long.",
    "Internal error while starting up D1 DB storage caused object to be reset.",
    "D1_ERROR: internal error; reference = abc",
    "D1_ERROR: Currently processing a long-running export.",
    "Queue sendBatch failed: Internal Server Error",
    "Queue sendBatch failed: Too Many Requests",
    "words that no document has",
  ])("is an error that says: %s", (message) => {
    expect(kindOf(new Error(message))).toBe("passes");
  });

  test.each([
    Object.assign(new Error("the object threw"), { remote: true }),
    Object.assign(new TypeError("Cannot read properties of undefined"), { remote: true }),
    Object.assign(new Error("gone"), { retryable: false }),
    Object.assign(new Error("gone"), { overloaded: true }),
  ])("is what an actor throws, such as %s", (error) => {
    expect(kindOf(error)).toBe("passes");
  });
});

describe("what lasts until a person acts", () => {
  test.each(words.lasts)("is: %s", (message) => {
    expect(kindOf(new Error(message))).toBe("lasts");
  });

  test.each([
    ["D1_ERROR: Exceeded maximum DB size", "storage_full"],
    ["D1_ERROR: Exceeded maximum account storage size", "storage_full"],
    ["D1_ERROR: Your account has exceeded D1's maximum account storage limit", "storage_full"],
    ["database or disk is full: SQLITE_FULL", "storage_full"],
    ["D1_ERROR: no such table: jobs: SQLITE_ERROR", "storage_failed"],
    ["D1_ERROR: table job_rows has no column named disturbed: SQLITE_ERROR", "storage_failed"],
    ["D1_ERROR: database disk image is malformed: SQLITE_CORRUPT", "storage_failed"],
    ["D1_ERROR: file is not a database: SQLITE_NOTADB", "storage_failed"],
  ])("and stops the line: %s", (message, kind) => {
    expect(stopFor(message)).toBe(kind);
  });

  test("says what it means, what to do, and at last the database's own words", () => {
    const failure = failureOf(new Error("D1_ERROR: Exceeded maximum DB size"));
    expect(failure).toMatchObject({ fault: { provider: null, httpStatus: null } });
    const { message } = (failure as { fault: { message: string } }).fault;
    expect(message).toMatch(/full.*Nothing that is saved is lost.*close the breaker\. \(Exceeded maximum DB size\)$/);
  });
});

describe("what is our mistake", () => {
  test.each([
    ...words.our_mistake,
    "D1_ERROR: UNIQUE constraint failed: leads.email: SQLITE_CONSTRAINT",
    'D1_ERROR: near "SELEC": syntax error at offset 0: SQLITE_ERROR',
    "D1_ERROR: malformed JSON: SQLITE_ERROR",
    "D1_ERROR: string or blob too big: SQLITE_TOOBIG",
    "D1_TYPE_ERROR: Type 'undefined' not supported for value 'undefined'",
    "D1_ERROR: Wrong number of parameter bindings for SQL query.",
  ])("is: %s", (message) => {
    expect(kindOf(new Error(message))).toBe("mistake");
  });

  test.each([
    new TypeError("Cannot read properties of undefined"),
    new InvariantError("enrich-lead: lead l-1 is written but cannot be pushed"),
    new SyntaxError("Unexpected token"),
    new RangeError("Invalid array length"),
    new DOMException("It could not be cloned.", "DataCloneError"),
    undefined,
    null,
    "Network connection lost.",
    500,
  ])("is %s of our own code", (thrown) => {
    expect(kindOf(thrown)).toBe("mistake");
  });
});
