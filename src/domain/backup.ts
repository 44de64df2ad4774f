import type { Instant } from "./breaker.ts";

/**
 * The tables of a backup in the order in which they are read, and the columns that their pages go by. A job is read before its
 * lead, so that no job has done more than its lead shows. Sessions, deliveries and parked messages are not kept: they say
 * nothing of the work.
 */
export const BACKED_UP = [
  { table: "campaigns", key: ["id"] },
  { table: "progress", key: ["campaign_id"] },
  { table: "job_rows", key: ["campaign_id", "id"] },
  { table: "leads", key: ["campaign_id", "id"] },
  { table: "alert_targets", key: ["id"] },
  { table: "tokens", key: ["id"] },
  { table: "breaker_gate", key: ["id"] },
] as const;
export type BackedUp = (typeof BACKED_UP)[number];

export type Row = Record<string, string | number | null>;
/** The values of a table's key columns. */
export type RowKey = (string | number)[];

/** A backup that is under way or complete. */
export interface Backup {
  /** When it began, as the name of its folder. */
  id: string;
  startedAt: Instant;
  finishedAt: Instant | null;
  /** The last migration of the tables that it holds. */
  schema: string;
  /** Which of `BACKED_UP` is read now. */
  at: number;
  /** Of that table, the key of the last row that was read; null at its beginning. */
  after: RowKey | null;
  /** How many pages each table has so far. */
  pages: Partial<Record<BackedUp["table"], number>>;
  rows: number;
  /** Somebody writes pages until then. */
  claimedUntil: Instant;
}

const EVERY_MS = 24 * 60 * 60_000;

/** Whether the next one is due. One that is under way is finished first, however long it takes. */
export const isDue = (last: Backup | null, now: Instant): boolean =>
  last === null || (last.finishedAt !== null && now - last.startedAt >= EVERY_MS);

export const folderOf = (startedAt: Instant): string => new Date(startedAt).toISOString().replace(/\.\d+Z$/, "Z");

export const pageName = ({ id, table, page }: { id: string; table: string; page: number }): string =>
  `backups/${id}/${table}/${String(page).padStart(6, "0")}.ndjson.gz`;
