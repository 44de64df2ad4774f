import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise } from "dependency-cruiser";
import { afterAll, expect, test } from "vitest";

const rules = createRequire(import.meta.url)("../../.dependency-cruiser.cjs") as { forbidden: { name: string }[] };

/** For every rule, a file that breaks it. */
const PLANTED: Record<string, { file: string; imports: string }> = {
  "no-cycles": { file: "src/db/cycle-a.ts", imports: "./cycle-b.ts" },
  "domain-imports": { file: "src/domain/planted.ts", imports: "../db/room.ts" },
  "domain-is-pure": { file: "src/domain/planted-package.ts", imports: "node:fs" },
  "contract-imports": { file: "src/contract/planted.ts", imports: "../operations/room.ts" },
  "ports-imports": { file: "src/ports/planted.ts", imports: "../operations/room.ts" },
  "wording-imports": { file: "src/wording/planted.ts", imports: "../operations/room.ts" },
  "access-imports": { file: "src/access/planted.ts", imports: "../http/room.ts" },
  "one-composition-root": { file: "durable-objects/planted-db.ts", imports: "../src/db/room.ts" },
  "operations-imports": { file: "src/operations/planted.ts", imports: "../platform/room.ts" },
  "providers-imports": { file: "src/providers/planted.ts", imports: "../db/room.ts" },
  "db-imports": { file: "src/db/planted.ts", imports: "../platform/room.ts" },
  "platform-imports": { file: "src/platform/planted.ts", imports: "../../durable-objects/room.ts" },
  "queues-imports": { file: "src/queues/planted.ts", imports: "../providers/room.ts" },
  "http-imports": { file: "src/http/planted.ts", imports: "../providers/room.ts" },
  "console-imports": { file: "src/console/planted.ts", imports: "../db/room.ts" },
  "nobody-imports-http": { file: "durable-objects/planted-http.ts", imports: "../src/http/room.ts" },
  "nobody-imports-queues": { file: "src/platform/planted-queues.ts", imports: "../queues/room.ts" },
  "nobody-imports-console": { file: "src/http/planted-console.ts", imports: "../console/room.ts" },
  "actors-import": { file: "durable-objects/planted.ts", imports: "../src/providers/room.ts" },
  "sandbox-stays-outside": { file: "src/platform/planted-sandbox.ts", imports: "../../sandbox/room.ts" },
  "sandbox-imports": { file: "sandbox/planted.ts", imports: "../src/db/room.ts" },
};

const ROOMS = [
  "domain",
  "contract",
  "ports",
  "wording",
  "operations",
  "access",
  "providers",
  "db",
  "platform",
  "queues",
  "http",
  "console",
];
const project = mkdtempSync(join(tmpdir(), "andon-rooms-"));
afterAll(() => rmSync(project, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(project, file)), { recursive: true });
  writeFileSync(join(project, file), text);
}

test("the boundary check sees a planted violation of every rule", async () => {
  for (const room of [...ROOMS.map((name) => `src/${name}`), "durable-objects", "sandbox"]) {
    write(`${room}/room.ts`, "export const room = 1;\n");
  }
  write("src/db/cycle-b.ts", 'import "./cycle-a.ts";\nexport const b = 1;\n');
  for (const { file, imports } of Object.values(PLANTED)) {
    write(file, `import "${imports}";\nexport const planted = 1;\n`);
  }
  const { output } = await cruise(["src", "durable-objects", "sandbox"], {
    baseDir: project,
    ruleSet: rules as never,
    validate: true,
    tsPreCompilationDeps: true,
  });
  if (typeof output === "string") throw new Error(output);
  const seen = output.summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
  expect(rules.forbidden.map((rule) => rule.name).toSorted()).toEqual(Object.keys(PLANTED).toSorted());
  for (const [rule, { file }] of Object.entries(PLANTED)) expect(seen).toContain(`${rule}: ${file}`);
});
