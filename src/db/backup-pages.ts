import type { Row } from "../domain/backup.ts";
import type { BackUpPorts } from "../operations/backup/back-up.ts";

/** Reads whole tables by pages, in the order of their keys. */
export function createBackupPages(db: D1Database): BackUpPorts["pages"] {
  return {
    async read({ table, key }, after, limit) {
      const columns = key.join(", ");
      const values = key.map((_, at) => `?${at + 2}`).join(", ");
      const where = after === null ? "" : `WHERE (${columns}) > (${values})`;
      const page = db.prepare(`SELECT * FROM ${table} ${where} ORDER BY ${columns} LIMIT ?1`);
      return (await page.bind(limit, ...(after ?? [])).all<Row>()).results;
    },

    async schema() {
      const row = await db.prepare("SELECT name FROM d1_migrations ORDER BY id DESC LIMIT 1").first<{ name: string }>();
      return row?.name ?? "";
    },
  };
}
