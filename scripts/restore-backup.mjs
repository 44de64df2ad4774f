// Puts a backup into a database that is empty but for its tables. docs/operations.md: From a backup.
//   npm run restore-backup                                        the newest, into production's database
//   npm run restore-backup -- --backup 2026-11-27T03:00:00Z       another
//   npm run restore-backup -- --local --persist-to DIR            a local one
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { insertions, REPAIRS } from "../src/db/restore.ts";
import { BACKED_UP, pageName } from "../src/domain/backup.ts";
import { wranglerSays } from "./cloudflare.mjs";
import { DEFAULT_STATE } from "./local.mjs";

const BUCKET = "andon-backups";
/** Characters of SQL that go to the database at once. */
const PART_CHARACTERS = 50_000_000;

const { values } = parseArgs({
  options: {
    backup: { type: "string" },
    local: { type: "boolean", default: false },
    "persist-to": { type: "string", default: DEFAULT_STATE },
  },
});
const place = values.local ? ["--local", "--persist-to", values["persist-to"]] : ["--remote"];
const environment = values.local ? ["--env", "sandbox"] : ["--env="];
const folder = mkdtempSync(join(tmpdir(), "andon-restore-"));

function objectOf(key) {
  const file = join(folder, "object");
  wranglerSays("r2", "object", "get", `${BUCKET}/${key}`, "--file", file, ...place, ...environment);
  return readFileSync(file);
}

function query(sql) {
  const said = wranglerSays("d1", "execute", "DB", ...place, ...environment, "--json", "--command", sql);
  return JSON.parse(said)[0].results;
}

function run(statements) {
  const file = join(folder, "part.sql");
  writeFileSync(file, statements.join("\n"));
  wranglerSays("d1", "execute", "DB", ...place, ...environment, "--yes", "--file", file);
}

function* parts(backup) {
  let part = [];
  let size = 0;
  for (const { table } of BACKED_UP)
    for (let page = 1; page <= (backup.pages[table] ?? 0); page++) {
      const lines = gunzipSync(objectOf(pageName({ id: backup.id, table, page })))
        .toString("utf8")
        .trimEnd()
        .split("\n");
      for (const statement of insertions(
        table,
        lines.map((line) => JSON.parse(line)),
      )) {
        if (size + statement.length > PART_CHARACTERS) {
          yield part;
          [part, size] = [[], 0];
        }
        part.push(statement);
        size += statement.length;
      }
    }
  yield part;
}

try {
  const backup = JSON.parse(objectOf(values.backup ? `backups/${values.backup}/backup.json` : "backups/newest.json"));
  if (backup.finishedAt === null)
    throw new Error(`The backup ${backup.id} is not complete. Name an earlier one with --backup; nothing was changed.`);
  const [{ schema, rows }] = query(
    `SELECT (SELECT name FROM d1_migrations ORDER BY id DESC LIMIT 1) AS schema,
       (SELECT count(*) FROM campaigns) + (SELECT count(*) FROM leads) AS rows`,
  );
  if (rows > 0)
    throw new Error("The database has campaigns or leads already. Restore into an empty one; nothing was changed.");
  if (schema < backup.schema)
    throw new Error(
      `The tables are those of ${schema}, the backup's those of ${backup.schema}: apply the migrations first.`,
    );
  console.log(`${backup.id}: ${backup.rows} rows, with the tables of ${backup.schema}`);
  for (const part of parts(backup)) {
    if (part.length > 0) run(part);
    console.log(`  ${part.length} statements written`);
  }
  run(REPAIRS);
  console.log("Restored. The line stops by itself within a minute, with kind `restored`; then close it once.");
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
