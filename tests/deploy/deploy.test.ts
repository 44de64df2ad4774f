import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ACCOUNT, Cloudflare } from "./cloudflare.ts";

const ROOT = join(import.meta.dirname, "../..");
const QUEUES = ["andon-alerts", "andon-campaign-jobs", "andon-dead-letters", "andon-lead-jobs"];
const SLOW = { timeout: 300_000 };

let cloudflare: Cloudflare;
let address: string;

beforeEach(async () => {
  cloudflare = new Cloudflare();
  address = await cloudflare.start();
});
afterEach(() => cloudflare.stop());

/** Runs a program of the project as somebody would who has an account at the stand-in. */
function run(program: string, ...args: string[]): Promise<{ code: number | null; said: string }> {
  const env = {
    ...process.env,
    CI: "1",
    CLOUDFLARE_API_BASE_URL: address,
    CLOUDFLARE_API_TOKEN: "a-token",
    CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
    WRANGLER_SEND_METRICS: "false",
  };
  return new Promise((resolve) => {
    const running = spawn(program, args, { cwd: ROOT, env });
    let said = "";
    for (const stream of [running.stdout, running.stderr]) stream.on("data", (text) => (said += String(text)));
    running.on("close", (code) => resolve({ code, said }));
  });
}
const script = (name: string, ...args: string[]) => run(process.execPath, join(ROOT, "scripts", name), ...args);
const wrangler = (...args: string[]) => run(join(ROOT, "node_modules/.bin/wrangler"), ...args);

const isUpload = (change: string) => change === "PUT /workers/scripts/andon";
const tables = () => cloudflare.database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();

test("npm run setup makes what is missing, goes on where it failed, and is safe to run again", SLOW, async () => {
  const made = (what: string) => cloudflare.changes().filter((change) => change === what).length;
  cloudflare.refuses = "POST /queues";
  const failed = await script("setup.mjs", "--yes");
  expect(failed.code).toBe(1);
  expect(failed.said).toContain("made    the database andon");
  expect(failed.said).toContain("FAILED  the queue andon-lead-jobs");
  expect(cloudflare.uploads).toBe(0);

  cloudflare.refuses = null;
  cloudflare.asked.length = 0;
  const { code, said } = await script("setup.mjs", "--yes");
  expect(made("POST /d1/database")).toBe(0);
  expect(cloudflare.queues.toSorted()).toEqual(QUEUES);
  expect(cloudflare.buckets).toEqual(["andon-backups"]);
  expect(cloudflare.uploads).toBe(1);
  expect(JSON.stringify(tables())).toContain("job_rows");
  // Each finds what it needs: the code comes after its queues and tables.
  const changes = cloudflare.changes();
  const upload = changes.findIndex(isUpload);
  expect(changes.findLastIndex((each) => each === "POST /queues")).toBeLessThan(upload);
  expect(changes.findLastIndex((each) => each.startsWith("POST /d1/database/"))).toBeLessThan(upload);
  // Secrets only a person can give.
  expect(code).toBe(1);
  expect(said).toMatch(/Still missing: .*OPENAI_API_KEY/);

  const services = ["APOLLO", "MILLIONVERIFIER", "PERPLEXITY", "OPENAI", "INSTANTLY"];
  cloudflare.secrets.push(...services.map((name) => `${name}_API_KEY`));
  cloudflare.asked.length = 0;
  const again = await script("setup.mjs", "--yes");
  expect(cloudflare.changes()).toEqual([]);
  expect(again).toMatchObject({ code: 0, said: expect.stringContaining("All is there") as string });
});

test.each([
  { variable: "LOCATION_HINT", value: "weur", asked: { primary_location_hint: "weur" } },
  { variable: "JURISDICTION", value: "eu", asked: { jurisdiction: "eu" } },
])("the database is made where $variable has the actors made", SLOW, async ({ variable, value, asked }) => {
  const copy = mkdtempSync(join(tmpdir(), "andon-setup-"));
  try {
    for (const name of ["scripts", "src/platform", "src/domain"])
      cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    cpSync(join(ROOT, "package.json"), join(copy, "package.json"));
    symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
    const config = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
    writeFileSync(join(copy, "wrangler.toml"), config.replace(`${variable} = ""`, `${variable} = "${value}"`));
    cloudflare.refuses = "POST /queues";
    const { said } = await run(process.execPath, join(copy, "scripts/setup.mjs"), "--yes");
    expect(said).toContain("made    the database andon");
    const made = cloudflare.asked.find(({ method, path }) => method === "POST" && path === "/d1/database");
    expect(JSON.parse(made?.body ?? "")).toMatchObject(asked);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});

describe("npm run deploy", () => {
  test("of a dry run asks for nothing and changes nothing", SLOW, async () => {
    const { code, said } = await script("deploy.mjs", "--dry-run");
    expect({ code, asked: cloudflare.asked }).toEqual({ code: 0, asked: [] });
    expect(said).toContain("Nothing was changed.");
  });

  test("whose migrations fail deploys nothing, and says what runs", SLOW, async () => {
    cloudflare.hasDatabase = true;
    cloudflare.refuses = "POST /d1/database/11111111";
    const { code, said } = await script("deploy.mjs");
    expect(code).toBe(1);
    expect(cloudflare.uploads).toBe(0);
    expect(said).toContain("nothing was deployed: the earlier code runs on");
  });
});

test("the sandbox's configuration cannot be deployed over production", SLOW, async () => {
  cloudflare.hasDatabase = true;
  cloudflare.queues.push(...QUEUES);
  const { code } = await wrangler("deploy", "--env", "sandbox");
  expect(code).not.toBe(0);
  expect(cloudflare.asked.filter(({ path }) => !path.startsWith("/client/v4/accounts/00000000"))).toEqual([]);
  expect(cloudflare.uploads).toBe(0);
});

test("a roll back, as the runbook has it, brings the version before back and touches no data", SLOW, async () => {
  cloudflare.hasDatabase = true;
  cloudflare.uploads = 1;
  const { code } = await wrangler("rollback", "version-1", "--env=", "--message", "why", "--yes");
  expect(code).toBe(0);
  expect(cloudflare.changes()).toEqual(["POST /workers/scripts/andon/deployments"]);
});

test("an export, as the runbook has it, reads and changes nothing, and says when it is refused", SLOW, async () => {
  cloudflare.hasDatabase = true;
  const folder = mkdtempSync(join(tmpdir(), "andon-export-"));
  const file = join(folder, "andon.sql");
  try {
    const exported = () => wrangler("d1", "export", "DB", "--remote", "--env=", "--output", file);
    expect((await exported()).code).toBe(0);
    expect(readFileSync(file, "utf8")).toContain("CREATE TABLE campaigns");
    expect(cloudflare.changes()).toEqual(["POST /d1/database/11111111-1111-4111-8111-111111111111/export"]);
    cloudflare.refuses = "POST /d1/database/11111111";
    const refused = await exported();
    expect(refused.code).toBe(1);
    expect(refused.said).toContain("Not with this token.");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
