import { sql } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import { progressNow as progress } from "./job-schema.ts";

const kept = (column: SQLiteColumn) => sql<number>`coalesce(sum(${column}), 0)`;
/** Of all campaigns, from the counts that are kept with the rows. */
export const KEPT_COUNTS = {
  PENDING: kept(progress.pending),
  RUNNING: kept(progress.running),
  PAUSED: kept(progress.paused),
  COMPLETED: kept(progress.completed),
  FAILED: kept(progress.failed),
  CANCELLED: kept(progress.cancelled),
};
