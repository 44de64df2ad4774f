import type { AlertDeliveryRow, AlertTargetRow } from "../contract/alerts.ts";
import type { ChosenEvent, DeliveryStatus } from "../domain/alert.ts";
import type { TargetStore } from "../ports/alert-targets.ts";
import type { Page } from "./lists.ts";
import { statement } from "./sql.ts";

/** Each announcement is written once a target. */
const MOST_TARGETS = 20;

const TARGET = `id, name, kind, url, secret, events, still_open_after_minutes AS stillOpenAfterMinutes,
  created_at AS createdAt, disabled_at AS disabledAt`;
const DELIVERY = `id, target_id AS targetId, event, incident_id AS incidentId, status, attempts, last_error AS lastError,
  next_attempt_at AS nextAttemptAt, created_at AS createdAt, delivered_at AS deliveredAt`;

const SQL = {
  list: `SELECT ${TARGET} FROM alert_targets ORDER BY id DESC`,
  find: `SELECT ${TARGET} FROM alert_targets WHERE id = :id`,
  create: `INSERT INTO alert_targets (id, name, kind, url, secret, events, still_open_after_minutes, created_at)
    SELECT :id, :name, :kind, :url, :secret, :events, :stillOpenAfterMinutes, :createdAt
    WHERE (SELECT count(*) FROM alert_targets) < ${MOST_TARGETS}`,
  update: `UPDATE alert_targets SET name = coalesce(:name, name), events = coalesce(:events, events),
      still_open_after_minutes = coalesce(:stillOpenAfterMinutes, still_open_after_minutes),
      disabled_at = CASE :disabled WHEN 1 THEN coalesce(disabled_at, :now) WHEN 0 THEN NULL ELSE disabled_at END
    WHERE id = :id RETURNING ${TARGET}`,
  giveUp: `UPDATE alert_deliveries SET status = 'FAILED', last_error = :problem
    WHERE target_id = :id AND status = 'PENDING'`,
  remove: "DELETE FROM alert_targets WHERE id = :id",
  delivery: `SELECT ${DELIVERY} FROM alert_deliveries WHERE id = :id`,
};

export function createTargetStore(db: D1Database): TargetStore {
  return {
    async list() {
      return (await statement(db, SQL.list).all<TargetRow>()).results.map(toTarget);
    },

    async find(id) {
      const row = await statement(db, SQL.find, { id }).first<TargetRow>();
      return row && toTarget(row);
    },

    async create({ id, name, kind, url, secret, events, stillOpenAfterMinutes, createdAt }) {
      const values = { id, name, kind, url, secret, events: JSON.stringify(events), stillOpenAfterMinutes, createdAt };
      return (await statement(db, SQL.create, values).run()).meta.changes > 0;
    },

    async update(id, { name, events, stillOpenAfterMinutes, disabled }, now) {
      const problem = "The target was switched off before it arrived.";
      const values = {
        id,
        now,
        name: name ?? null,
        events: events ? JSON.stringify(events) : null,
        stillOpenAfterMinutes: stillOpenAfterMinutes ?? null,
        disabled: disabled === undefined ? null : Number(disabled),
      };
      const [updated] = await db.batch<TargetRow>([
        statement(db, SQL.update, values),
        ...(disabled ? [statement(db, SQL.giveUp, { id, problem })] : []),
      ]);
      const row = updated?.results[0];
      return row ? toTarget(row) : null;
    },

    async remove(id) {
      const problem = "The target was deleted before it arrived.";
      const [removed] = await db.batch([statement(db, SQL.remove, { id }), statement(db, SQL.giveUp, { id, problem })]);
      return (removed?.meta.changes ?? 0) > 0;
    },

    delivery: (id) => statement(db, SQL.delivery, { id }).first<AlertDeliveryRow>(),
  };
}

/** The log of deliveries, newest first, and one more than it shows. */
export async function listDeliveries(
  db: D1Database,
  filter: { targetId?: string | undefined; status?: DeliveryStatus | undefined },
  page: Page,
): Promise<AlertDeliveryRow[]> {
  const { results } = await statement(
    db,
    `SELECT ${DELIVERY} FROM alert_deliveries WHERE (:targetId IS NULL OR target_id = :targetId)
       AND (:status IS NULL OR status = :status) AND (:cursor IS NULL OR id < :cursor)
     ORDER BY id DESC LIMIT :limit`,
    {
      targetId: filter.targetId ?? null,
      status: filter.status ?? null,
      cursor: page.cursor ?? null,
      limit: page.limit + 1,
    },
  ).all<AlertDeliveryRow>();
  return results;
}

type TargetRow = Omit<AlertTargetRow, "events"> & { events: string };
const toTarget = (row: TargetRow): AlertTargetRow => ({ ...row, events: JSON.parse(row.events) as ChosenEvent[] });
