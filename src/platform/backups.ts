import { createBackupPages } from "../db/backup-pages.ts";
import { backUp } from "../operations/back-up.ts";
import { createBackupBucket } from "./backup-bucket.ts";
import { describeError, log } from "./log.ts";

/** The next pages of the backup, if one is due and there is a bucket for it. What fails is tried again a minute later. */
export async function backUpNext(env: Env): Promise<void> {
  if (!env.BACKUPS) return;
  try {
    const ports = { pages: createBackupPages(env.DB), bucket: createBackupBucket(env.BACKUPS), now: Date.now };
    const backup = await backUp(ports);
    if (backup?.finishedAt) {
      const { id, rows, startedAt, finishedAt } = backup;
      log("info", "backup_finished", { backup: id, rows, ms: finishedAt - startedAt });
    }
  } catch (error) {
    log("error", "backup_failed", describeError(error));
  }
}
