import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const textOf = (path: string) => readFileSync(join(ROOT, path), "utf8");
const documents = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

test("the index of decisions names each once", () => {
  const pages = readdirSync(join(ROOT, "docs/decisions")).filter((name) => /^\d{4}-/.test(name));
  const named = [...textOf("docs/decisions/README.md").matchAll(/^\| \[\d{4}\]\(([^)]+)\)/gm)].map(([, name]) => name);
  expect(named).toEqual(pages.toSorted());
});

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

test.each(documents)("each link of %s leads somewhere", (path) => {
  const links = [...textOf(path).matchAll(/\]\((?!https?:)([^)#]*)(#[^)]*)?\)/g)];
  const broken = links.filter(([, file = "", anchor]) => {
    const target = file === "" ? path : join(dirname(path), file);
    if (!existsSync(join(ROOT, target))) return true;
    if (!anchor || !target.endsWith(".md")) return false;
    const anchors = [...textOf(target).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => `#${anchorOf(heading)}`);
    return !anchors.includes(anchor);
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});

test("each file that a document names in the code exists", () => {
  const missing = documents
    .filter((path) => !path.startsWith("docs/decisions/"))
    .flatMap((path) =>
      [...textOf(path).matchAll(/`((?:src|durable-objects|scripts|tests|sandbox)\/[\w./-]+\.(?:ts|tsx|mjs))`/g)]
        .map(([, file = ""]) => file)
        .filter((file) => !existsSync(join(ROOT, file)))
        .map((file) => `${path}: ${file}`),
    );
  expect(missing).toEqual([]);
});

test("the README has at most 200 lines", () => {
  expect(textOf("README.md").split("\n").length).toBeLessThanOrEqual(200);
});
