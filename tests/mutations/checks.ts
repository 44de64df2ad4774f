import type { Mutation } from "./mutation.ts";

/** What keeps a check from claiming more than it has shown. */
export const CHECK_MUTATIONS: Mutation[] = [
  {
    name: "any good check proves the call that failed",
    file: "src/domain/check.ts",
    find: 'return proves.includes(reason.kind === "out_of_credit" ? "credit" : "work");',
    replace: "return proves.length > 0;",
    test: "tests/domain/check.test.ts",
  },
  {
    name: "a check takes an error inside a 200 for a good answer",
    file: "src/providers/call.ts",
    find: "if (error) return errorInside(service, error);",
    replace: "if (error && service.key === '') return errorInside(service, error);",
    test: "tests/providers/checks.test.ts",
  },
  {
    name: "a refused key counts as a request that was looked at",
    file: "src/providers/checks.ts",
    find: "names.test(words) && !ACCESS.test(words)",
    replace: "(names.test(words) || ACCESS.test(words))",
    test: "tests/providers/checks.test.ts",
  },
  {
    name: "Apollo's check does not look at the credit that is left",
    file: "src/providers/apollo-check.ts",
    find: "return left > 0\n",
    replace: "return Number.isFinite(left)\n",
    test: "tests/providers/checks.test.ts",
  },
  {
    name: "a full plan of Instantly counts as one that takes leads",
    file: "src/providers/instantly-check.ts",
    find: "if (left !== null && left <= 0)",
    replace: "if (left !== null && left < 0)",
    test: "tests/providers/checks.test.ts",
  },
  {
    name: "any job that stopped the line is named as one that did so again and again",
    file: "src/domain/repeated-job.ts",
    find: "return stops < 2 ? null",
    replace: "return stops < 1 ? null",
    test: "tests/domain/repeated-job.test.ts",
  },
];
