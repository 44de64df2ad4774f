import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pageName } from "../../src/domain/backup.ts";

const ROOT = join(import.meta.dirname, "../..");
const SLOW = 300_000;
const LOCAL = ["--local", "--env", "sandbox", "--persist-to"];
let folder: string;
let state: string;

const environment = { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false" };
const wrangler = async (...words: string[]) =>
  (await promisify(execFile)(join(ROOT, "node_modules/.bin/wrangler"), words, { cwd: ROOT, env: environment })).stdout;
const restore = async () => {
  const words = [join(ROOT, "scripts/restore-backup.mjs"), "--local", "--persist-to", state];
  const ran = promisify(execFile)(process.execPath, words, { cwd: ROOT, env: environment });
  return ran
    .then(({ stdout }) => ({ code: 0, said: stdout }))
    .catch((error: { code: number; stderr: string }) => ({ code: error.code, said: error.stderr }));
};
const rows = async (sql: string): Promise<unknown> => {
  const said = await wrangler("d1", "execute", "DB", ...LOCAL, state, "--json", "--command", sql);
  return (JSON.parse(said) as [{ results: unknown }])[0].results;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "andon-backup-"));
  state = join(folder, "state");
  await wrangler("d1", "migrations", "apply", "DB", ...LOCAL, state);
}, SLOW);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test(
  "npm run restore-backup puts the newest backup into an empty database, and refuses one that is not",
  { timeout: SLOW },
  async () => {
    const id = "2026-11-27T03:00:00Z";
    const put = async (key: string, bytes: Uint8Array | string) => {
      writeFileSync(join(folder, "object"), bytes);
      await wrangler("r2", "object", "put", `andon-backups/${key}`, "--file", join(folder, "object"), ...LOCAL, state);
    };
    const page = (table: string, lines: object[]) =>
      put(pageName({ id, table, page: 1 }), gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join("")));
    const campaign = {
      id: "c",
      name: 'O\'Brien — "№ 1"',
      target_leads: 2,
      search: "{}",
      message: "{}",
      refuse_catch_all: 0,
      status: "RUNNING",
      created_at: 1,
    };
    const job = {
      id: "j",
      campaign_id: "c",
      type: "ENRICH_LEAD",
      lead_id: "l",
      status: "RUNNING",
      priority: 0,
      dispatch: 3,
      lease_until: 9,
      created_at: 1,
      history: "x".repeat(120_000),
    };
    const lead = {
      id: "l",
      campaign_id: "c",
      person_id: "p",
      email: "ann@acme.example",
      stage: "found",
      created_at: 1,
      updated_at: 1,
      profile: "{\n}",
    };
    await page("campaigns", [campaign]);
    await page("job_rows", [job]);
    await page("leads", [lead, { ...lead, id: "m", person_id: "q", email: "bob@acme.example" }]);
    const pages = { campaigns: 1, job_rows: 1, leads: 1 };
    const schema = "0007_paused_is_read.sql";
    const backup = { id, startedAt: 1, finishedAt: null, schema, at: 7, after: null, pages, rows: 4, claimedUntil: 0 };
    await put("backups/newest.json", JSON.stringify(backup));
    expect(await restore()).toMatchObject({ code: 1, said: expect.stringContaining("is not complete") as string });
    await put("backups/newest.json", JSON.stringify({ ...backup, finishedAt: 2 }));
    expect(await restore()).toMatchObject({ code: 0, said: expect.stringContaining("Restored.") as string });

    const seen = `SELECT campaigns.name, campaigns.status AS campaign, leads_found, lead_id, job_rows.status, dispatch, lease_until
      FROM job_rows, campaigns, progress ORDER BY lead_id`;
    const shared = { name: campaign.name, campaign: "RUNNING", leads_found: 2, status: "PENDING", lease_until: null };
    expect(await rows(seen)).toEqual([
      { ...shared, lead_id: "l", dispatch: 4 },
      { ...shared, lead_id: "m", dispatch: 1 },
    ]);
    expect(await restore()).toMatchObject({ code: 1, said: expect.stringContaining("nothing was changed") as string });
  },
);
