-- The rows keep what happened to each job; `jobs` is what everybody reads. A table is renamed, never copied: its indexes come
-- along. The line stands while this runs, and no lease is held (docs/operations.md): the release before cannot work with it.
ALTER TABLE `jobs` RENAME TO `job_rows`;--> statement-breakpoint
ALTER TABLE `job_rows` ADD `queued_epoch` integer;--> statement-breakpoint
ALTER TABLE `progress` ADD `epoch` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `jobs_unqueued` ON `job_rows` (`campaign_id`,`id`) WHERE "queued_epoch" IS NULL AND "finished_at" IS NULL;--> statement-breakpoint
CREATE VIEW `jobs` AS SELECT r.id, r.campaign_id, r.lead_id, r.type,
  CASE WHEN r.finished_at IS NOT NULL OR g.state = 'closed' AND r.queued_epoch = g.epoch THEN r.status ELSE 'PAUSED' END AS status,
  r.status AS row_status, r.priority, r.dispatch, r.attempts, r.lease_until, r.queued_at, r.queued_epoch,
  CASE WHEN r.finished_at IS NOT NULL OR g.state = 'closed' AND r.queued_epoch = g.epoch THEN NULL
    ELSE coalesce(g.reason, 'It waits to be queued again.') END AS pause_reason,
  r.error, r.progress, r.result, r.history, r.created_at, r.started_at, r.finished_at
FROM breaker_gate AS g CROSS JOIN job_rows AS r WHERE g.id = 1;--> statement-breakpoint
CREATE VIEW `progress_now` AS SELECT p.campaign_id,
  CASE WHEN p.epoch = g.epoch THEN p.pending ELSE 0 END AS pending,
  CASE WHEN p.epoch = g.epoch THEN p.running ELSE 0 END AS running,
  CASE WHEN p.epoch = g.epoch THEN p.paused ELSE p.pending + p.running + p.paused END AS paused,
  p.completed, p.failed, p.cancelled, p.leads_found, p.leads_verified, p.leads_rejected, p.leads_researched, p.leads_written,
  p.leads_pushed, p.leads_failed, p.failing_reason, p.failing_count, p.failing_since, p.updated_at
FROM breaker_gate AS g CROSS JOIN progress AS p WHERE g.id = 1;--> statement-breakpoint
-- No row says yet under which epoch it was queued, so all that is unfinished waits. The next close queues it, or, where the
-- line runs, the Breaker does it at once: it sees by this reason that a resume is owed.
UPDATE `progress` SET `epoch` = -1;--> statement-breakpoint
UPDATE `breaker_gate` SET `reason` = coalesce(`reason`, 'Andon was upgraded; every job is queued again.')
WHERE EXISTS (SELECT 1 FROM `job_rows` WHERE "finished_at" IS NULL);
