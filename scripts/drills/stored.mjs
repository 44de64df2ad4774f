// The files of a local instance: what it has stored, read from copies, so that it may run on or lie still.
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const FOLDERS = {
  d1: "v3/d1/miniflare-D1DatabaseObject",
  breaker: "v3/do/andon-Breaker",
  world: "v3/do/andon-sandbox-World",
};

/** @param {"d1" | "breaker" | "world"} name each has one database */
function fileOf(state, name) {
  const folder = join(state, FOLDERS[name]);
  const file = readdirSync(folder).find((each) => each.endsWith(".sqlite") && each !== "metadata.sqlite");
  if (!file) throw new Error(`${folder} holds no database.`);
  return join(folder, file);
}

/** Its file, and what SQLite keeps beside it. */
export function filesOf(state, name) {
  const file = fileOf(state, name);
  return ["", "-wal", "-shm"].map((end) => `${file}${end}`).filter((each) => existsSync(each));
}

/** What `look` returns of a copy that it may change. */
export function lookInto(state, name, look) {
  const file = fileOf(state, name);
  const folder = mkdtempSync(join(tmpdir(), "andon-look-"));
  try {
    const copy = join(folder, basename(file));
    for (const end of ["", "-wal"]) if (existsSync(`${file}${end}`)) copyFileSync(`${file}${end}`, `${copy}${end}`);
    return using(copy, look);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Changes what is stored. Nothing may run on it. */
export const change = (state, name, deed) => using(fileOf(state, name), deed);

function using(file, deed) {
  const database = new DatabaseSync(file);
  try {
    return deed(database);
  } finally {
    database.close();
  }
}

const literal = (value) => {
  if (value === null) return "NULL";
  if (typeof value === "string") return `'${value.replaceAll("'", "''").replaceAll("\n", "' || char(10) || '")}'`;
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString("hex")}'`;
  return String(value);
};

/** Tables, indexes and rows as SQL, each statement a paragraph that ends with a semicolon; without what the platform keeps for itself. */
export function dump(database) {
  const parts = database
    .prepare(
      `SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '\\_%' ESCAPE '\\'
       AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type <> 'table', name`,
    )
    .all();
  const statements = parts.map(({ sql }) => sql);
  for (const { type, name } of parts) {
    if (type !== "table") continue;
    for (const row of database.prepare(`SELECT * FROM "${name}"`).all()) {
      const columns = Object.keys(row).map((column) => `"${column}"`);
      statements.push(
        `INSERT INTO "${name}" (${columns.join(", ")}) VALUES\n  (${Object.values(row).map(literal).join(", ")})`,
      );
    }
  }
  return statements.map((statement) => `${statement};\n`).join("\n");
}
