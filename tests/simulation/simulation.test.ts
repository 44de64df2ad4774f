import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const main = join(import.meta.dirname, "main.ts");
/** The project's own Node, which may be newer than the one that npm runs with. */
const node = join(import.meta.dirname, "../../node_modules/.bin/node");

test("1,000 histories of faults, deaths and operators violate none of the invariants", { timeout: 0 }, () => {
  const { status, stdout, stderr } = spawnSync(node, [main, "--seed", "1", "--histories", "1000"], {
    encoding: "utf8",
  });
  expect(stdout + stderr).toContain("1000 histories, no violation");
  expect(status).toBe(0);
});
