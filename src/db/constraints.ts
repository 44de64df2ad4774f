import { sql } from "drizzle-orm";

// What a column may hold, as the CHECK of its table.

export const oneOf = (column: string, values: readonly string[]) =>
  sql.raw(`"${column}" IN (${values.map((value) => `'${value}'`).join(", ")})`);

/** The same, for tables whose rows change often: SQLite sets up a list with IN anew for each row that it checks. */
export const anyOf = (column: string, values: readonly string[]) =>
  sql.raw(values.map((value) => `"${column}" = '${value}'`).join(" OR "));
