import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const assets = join(import.meta.dirname, "../../src/console/assets");
const MOST_BYTES = 60_000;

test("the console's style and script stay small, uncompressed and htmx aside", () => {
  const files = readdirSync(assets).filter((name) => /\.(css|js)$/.test(name));
  expect(files.toSorted()).toEqual(["console.css", "console.js"]);
  const bytes = files.reduce((sum, name) => sum + statSync(join(assets, name)).size, 0);
  expect(bytes).toBeLessThan(MOST_BYTES);
});
