import type { Backup, Row } from "../domain/backup.ts";
import type { BackUpPorts } from "../operations/backup/back-up.ts";

/** Where the newest backup stands; each complete one is also described in its own folder. */
const NEWEST = "backups/newest.json";
const JSON_TYPE = { httpMetadata: { contentType: "application/json" } };

export function createBackupBucket(bucket: R2Bucket): BackUpPorts["bucket"] {
  return {
    async last() {
      const found = await bucket.get(NEWEST);
      return found && { backup: await found.json<Backup>(), version: found.etag };
    },

    async save(backup, version) {
      const described = JSON.stringify(backup);
      if (backup.finishedAt !== null) await bucket.put(`backups/${backup.id}/backup.json`, described, JSON_TYPE);
      const onlyIf = version === null ? { etagDoesNotMatch: "*" } : { etagMatches: version };
      return (await bucket.put(NEWEST, described, { ...JSON_TYPE, onlyIf }))?.etag ?? null;
    },

    async writePage(name, rows) {
      const bytes = await gzipped(rows);
      // The service compares: a page that arrived otherwise is refused.
      const sha256 = await crypto.subtle.digest("SHA-256", bytes);
      await bucket.put(name, bytes, { sha256, httpMetadata: { contentType: "application/gzip" } });
    },
  };
}

/** NDJSON: a row a line. */
function gzipped(rows: Row[]): Promise<ArrayBuffer> {
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const stream = new Blob([lines]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}
