import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { MUTATIONS } from "./list.ts";
import { mutated } from "./mutation.ts";

test("every safeguard that `npm run mutations` takes away is where its list says", () => {
  for (const mutation of MUTATIONS) {
    const source = readFileSync(mutation.file, "utf8");
    expect(mutated(source, mutation)).not.toBe(source);
    expect(mutation.test === undefined || existsSync(mutation.test), mutation.test).toBe(true);
  }
});
