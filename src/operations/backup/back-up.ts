import {
  BACKED_UP,
  type BackedUp,
  type Backup,
  folderOf,
  isDue,
  pageName,
  type Row,
  type RowKey,
} from "../../domain/backup.ts";
import type { Instant } from "../../domain/breaker.ts";

export interface BackUpPorts {
  pages: {
    /** Rows after a key, in its order. */
    read(from: BackedUp, after: RowKey | null, limit: number): Promise<Row[]>;
    /** The last migration that was applied. */
    schema(): Promise<string>;
  };
  bucket: {
    /** The newest backup; null before the first. */
    last(): Promise<{ backup: Backup; version: string } | null>;
    /** Saves where it stands, unless somebody else has done so since `version`. Returns the new version; null when not saved. */
    save(backup: Backup, version: string | null): Promise<string | null>;
    writePage(name: string, rows: Row[]): Promise<void>;
  };
  now: () => Instant;
}

/** Rows of a page: leads of a few KB each, so that some MB are held at a time. */
const PAGE_ROWS = 1_000;
/** What one invocation reads, of the thousand statements that it has. */
const PAGES_AT_ONCE = 100;
const CLAIM_MS = 5 * 60_000;

/**
 * Writes the next pages of the backup that is due or under way. May be called by several at once and cut off anywhere: a page
 * that is written again has the same name. Returns the backup as it stands; null when there is nothing to do, or somebody
 * else does it.
 */
export async function backUp({ pages, bucket, now }: BackUpPorts): Promise<Backup | null> {
  const last = await bucket.last();
  const backup = last && !isDue(last.backup, now()) ? last.backup : newBackup(await pages.schema(), now());
  if (backup.finishedAt !== null || backup.claimedUntil > now()) return null;
  const version = await bucket.save({ ...backup, claimedUntil: now() + CLAIM_MS }, last?.version ?? null);
  if (version === null) return null;
  let next = backup;
  for (let written = 0; written < PAGES_AT_ONCE && next.finishedAt === null; written++) {
    next = await writePage({ pages, bucket }, next);
    if (next.at === BACKED_UP.length) next = { ...next, finishedAt: now() };
  }
  await bucket.save({ ...next, claimedUntil: 0 }, version);
  return next;
}

function newBackup(schema: string, now: Instant): Backup {
  const id = folderOf(now);
  return { id, startedAt: now, finishedAt: null, schema, at: 0, after: null, pages: {}, rows: 0, claimedUntil: 0 };
}

async function writePage({ pages, bucket }: Omit<BackUpPorts, "now">, backup: Backup): Promise<Backup> {
  const from = BACKED_UP[backup.at];
  if (!from) return backup;
  const rows = await pages.read(from, backup.after, PAGE_ROWS);
  const page = (backup.pages[from.table] ?? 0) + 1;
  const last = rows.at(-1);
  const isTablesLast = rows.length < PAGE_ROWS || !last;
  const position = isTablesLast
    ? { at: backup.at + 1, after: null }
    : { after: from.key.map((column) => last[column] as string | number) };
  if (!last) return { ...backup, ...position };
  await bucket.writePage(pageName({ id: backup.id, table: from.table, page }), rows);
  return { ...backup, ...position, pages: { ...backup.pages, [from.table]: page }, rows: backup.rows + rows.length };
}
