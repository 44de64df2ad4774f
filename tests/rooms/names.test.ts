import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
/** Wrangler and the platform know the actors by these names. */
const ACTORS = ["Breaker", "Campaign", "Throttle"];

test("no two exported types have one name, but an actor and what it is one of", () => {
  const homes = new Map<string, string[]>();
  for (const folder of ["src", "durable-objects"])
    for (const file of readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })) {
      if (!/\.tsx?$/.test(file) || file.endsWith(".d.ts")) continue;
      const text = readFileSync(join(ROOT, folder, file), "utf8");
      const names = [...text.matchAll(/^export (?:type|interface|class) (\w+)/gm)].map(([, name = ""]) => name);
      for (const name of names) homes.set(name, [...(homes.get(name) ?? []), `${folder}/${file}`]);
    }
  expect(homes.size).toBeGreaterThan(100);
  const twice = [...homes].filter(([name, files]) => files.length > 1 && !ACTORS.includes(name));
  expect(twice).toEqual([]);
});
