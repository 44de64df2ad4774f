import { type BackUpPorts, backUp } from "./operations/backup/back-up.ts";
import { describeError, log } from "./platform/log.ts";

/** The next pages of the backup, if one is due and there is a bucket for it. What fails is tried again a minute later. */
export async function backUpNext(ports: BackUpPorts | null): Promise<void> {
  try {
    const backup = ports && (await backUp(ports));
    if (backup?.finishedAt) {
      const { id, rows, startedAt, finishedAt } = backup;
      log("info", "backup_finished", { backup: id, rows, ms: finishedAt - startedAt });
    }
  } catch (error) {
    log("error", "backup_failed", describeError(error));
  }
}
