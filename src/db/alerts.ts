import { isNull } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { DeliveryStatus, FailingCampaign } from "../domain/alert.ts";
import { FAILING_AFTER } from "../domain/failing.ts";
import { JOB_STATUSES } from "../domain/job.ts";
import { recordOf } from "../domain/record.ts";
import type { DeliveryAttempt, DeliveryStore } from "../ports/alerts.ts";
import { alertTargets } from "./alert-schema.ts";
import { KEPT_COUNTS } from "./job-counts.ts";
import { progressNow } from "./job-schema.ts";
import { batch, statement } from "./sql.ts";

/** A queue's clock and ours may differ a little: a message that comes this early is in time. */
const EARLY_MS = 1_000;
/** More than wait at once in practice. */
const OVERDUE_LIMIT = 100;

/** How long the log of deliveries reaches back. */
const KEPT_MS = 90 * 24 * 60 * 60_000;
const FORGET_LIMIT = 100;

const AMONG = "id IN (SELECT value FROM json_each(:ids))";

const SQL = {
  failingCampaigns: `SELECT campaigns.id AS campaignId, name, failing_reason AS reason, failing_count AS count,
      failing_since AS since
    FROM progress INDEXED BY progress_failing CROSS JOIN campaigns ON campaigns.id = progress.campaign_id
    WHERE failing_count >= ${FAILING_AFTER} AND updated_at > :since`,
  // The condition after WHERE also tells SQLite that ON begins no join.
  add: `INSERT INTO alert_deliveries
      (id, target_id, event, event_key, incident_id, payload, status, attempts, next_attempt_at, created_at, delivered_at)
    SELECT m.value ->> 'id', alert_targets.id, m.value ->> 'event', m.value ->> 'key', m.value ->> 'incidentId',
      m.value ->> 'payload', iif(m.value ->> 'arrivedAt' IS NULL, 'PENDING', 'DELIVERED'),
      m.value ->> 'arrivedAt' IS NOT NULL, :now, :now, m.value ->> 'arrivedAt'
    FROM json_each(:deliveries) AS m JOIN alert_targets ON alert_targets.id = m.value ->> 'targetId'
    WHERE alert_targets.disabled_at IS NULL AND NOT (m.value ->> 'event' = 'breaker.still_open' AND EXISTS (
      SELECT 1 FROM alert_deliveries AS earlier WHERE earlier.status = 'PENDING'
        AND earlier.target_id = alert_targets.id AND earlier.event = 'breaker.still_open'
        AND earlier.incident_id = m.value ->> 'incidentId'))
    ON CONFLICT (target_id, event_key) DO NOTHING RETURNING id, status`,
  // Ids are in the order of time, so the oldest rows tell whether there is anything to do.
  forgetOld: `DELETE FROM alert_deliveries WHERE id IN (
    SELECT id FROM (SELECT id, status, created_at FROM alert_deliveries ORDER BY id LIMIT :limit)
    WHERE created_at < :before AND status <> 'PENDING')`,
  takeOverdue: `UPDATE alert_deliveries SET next_attempt_at = :now WHERE id IN (
      SELECT id FROM alert_deliveries WHERE status = 'PENDING' AND next_attempt_at < :before ORDER BY id LIMIT :limit)
    RETURNING id`,
  nextAt: "SELECT min(next_attempt_at) AS nextAt FROM alert_deliveries WHERE status = 'PENDING'",
  // What the last attempt said is over: an error tells one that waits for its next attempt from one that is under way.
  claim: `UPDATE alert_deliveries SET attempts = attempts + 1, next_attempt_at = :until, last_error = NULL
    WHERE ${AMONG} AND status = 'PENDING' AND next_attempt_at <= :early RETURNING id`,
  attempts: `SELECT alert_deliveries.id, attempts, payload, kind, url, secret FROM alert_deliveries
    JOIN alert_targets ON alert_targets.id = target_id WHERE alert_deliveries.${AMONG}`,
  arrived: `UPDATE alert_deliveries SET status = 'DELIVERED', delivered_at = :now, last_error = NULL
    WHERE id = :id AND status <> 'DELIVERED'`,
  hasten: `UPDATE alert_deliveries SET next_attempt_at = :now
    WHERE status = 'PENDING' AND last_error IS NOT NULL AND next_attempt_at > :now
      AND target_id = (SELECT target_id FROM alert_deliveries WHERE id = :id)
    RETURNING id`,
  missed: `UPDATE alert_deliveries SET status = CASE WHEN :nextAt IS NULL THEN 'FAILED' ELSE 'PENDING' END,
      last_error = :problem, next_attempt_at = coalesce(:nextAt, next_attempt_at)
    WHERE id = :id AND status = 'PENDING'`,
};

interface IdRow {
  id: string;
}
const idsOf = (rows: IdRow[]): string[] => rows.map(({ id }) => id);

export function createDeliveryStore(db: D1Database): DeliveryStore {
  const drizzled = drizzle(db);
  const isOn = isNull(alertTargets.disabledAt);
  return {
    async failingCampaigns(since) {
      return (await statement(db, SQL.failingCampaigns, { since }).all<FailingCampaign>()).results;
    },

    async reachable() {
      const { id, kind, url, secret, events } = alertTargets;
      return drizzled.select({ id, kind, url, secret, events }).from(alertTargets).where(isOn).orderBy(id);
    },

    async audience() {
      const { id, kind, events, stillOpenAfterMinutes, createdAt } = alertTargets;
      const [listeners, [jobCounts]] = await drizzled.batch([
        drizzled
          .select({ id, kind, events, stillOpenAfterMinutes, createdAt })
          .from(alertTargets)
          .where(isOn)
          .orderBy(id),
        drizzled.select(KEPT_COUNTS).from(progressNow),
      ]);
      return { listeners, jobCounts: jobCounts ?? recordOf(JOB_STATUSES, () => 0) };
    },

    async add(deliveries, now) {
      const values = { deliveries: JSON.stringify(deliveries), now };
      const [added] = await batch(db, [
        statement<IdRow & { status: DeliveryStatus }>(db, SQL.add, values),
        statement(db, SQL.forgetOld, { before: now - KEPT_MS, limit: FORGET_LIMIT }),
      ]);
      return idsOf(added.filter(({ status }) => status === "PENDING"));
    },

    async takeOverdue(before, now) {
      const [taken, [next]] = await batch(db, [
        statement<IdRow>(db, SQL.takeOverdue, { before, now, limit: OVERDUE_LIMIT }),
        statement<{ nextAt: number | null }>(db, SQL.nextAt),
      ]);
      return { overdue: idsOf(taken), nextAt: next?.nextAt ?? null };
    },

    async claim(ids, now, until) {
      const among = { ids: JSON.stringify(ids) };
      const [claimed, attempts] = await batch(db, [
        statement<IdRow>(db, SQL.claim, { ...among, until, early: now + EARLY_MS }),
        statement<DeliveryAttempt>(db, SQL.attempts, among),
      ]);
      const mine = new Set(idsOf(claimed));
      return attempts.filter(({ id }) => mine.has(id));
    },

    async arrived(id, now) {
      const [, hastened] = await batch(db, [
        statement(db, SQL.arrived, { id, now }),
        statement<IdRow>(db, SQL.hasten, { id, now }),
      ]);
      return idsOf(hastened);
    },

    async missed(id, problem, nextAt) {
      await statement(db, SQL.missed, { id, problem, nextAt }).run();
    },
  };
}
