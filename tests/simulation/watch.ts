const shown = (row: string) => `CASE WHEN ${row}.finished_at IS NOT NULL OR EXISTS (SELECT 1 FROM breaker_gate
    WHERE state = 'closed' AND epoch = ${row}.queued_epoch) THEN ${row}.status ELSE 'PAUSED' END`;
const [WAS, BECOMES] = [shown("old"), shown("new")];

/** Every change of a row that an invariant speaks of, as the database itself saw it. */
export const WATCH = `
  CREATE TABLE changes (
    kind TEXT, id TEXT, was TEXT, becomes TEXT, dispatch_was INTEGER, dispatch INTEGER, lease_was INTEGER, reason TEXT);
  CREATE TRIGGER watch_jobs AFTER UPDATE ON job_rows WHEN ${WAS} <> ${BECOMES} OR old.dispatch <> new.dispatch BEGIN
    INSERT INTO changes SELECT 'job', new.id, ${WAS}, ${BECOMES}, old.dispatch, new.dispatch, old.lease_until, NULL;
  END;
  CREATE TRIGGER watch_new_jobs AFTER INSERT ON job_rows BEGIN
    INSERT INTO changes SELECT 'made', new.id, '', ${BECOMES}, NULL, new.dispatch, NULL, NULL;
  END;
  CREATE TRIGGER watch_gate AFTER UPDATE ON breaker_gate WHEN old.epoch <> new.epoch BEGIN
    INSERT INTO changes VALUES ('gate', new.epoch, old.state, new.state, NULL, NULL, NULL, new.reason);
  END;
  CREATE TRIGGER watch_leads AFTER UPDATE ON leads WHEN old.stage <> new.stage OR old.outcome <> new.outcome BEGIN
    INSERT INTO changes SELECT 'lead', new.id, old.stage, new.stage, NULL, NULL, NULL, new.outcome;
  END;
  CREATE TRIGGER watch_campaigns AFTER UPDATE OF status ON campaigns BEGIN
    INSERT INTO changes VALUES ('campaign', new.id, old.status, new.status, NULL, NULL, NULL, NULL);
  END;
  CREATE TRIGGER watch_deletions AFTER DELETE ON job_rows BEGIN
    INSERT INTO changes SELECT 'deletion', old.id, ${WAS}, '', old.dispatch, NULL, NULL, NULL;
  END;`;

/** The one row that the migrations made. */
export const GATE = "INSERT INTO breaker_gate (id, state, epoch) VALUES (1, 'closed', 0)";

export interface Change {
  kind: "job" | "made" | "gate" | "lead" | "campaign" | "deletion";
  id: string;
  was: string;
  becomes: string;
  dispatch_was: number;
  dispatch: number;
  lease_was: number | null;
  reason: string | null;
}
