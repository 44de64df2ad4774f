ALTER TABLE `breaker_gate` ADD `restored_at` integer;--> statement-breakpoint
ALTER TABLE `breaker_gate` ADD `looked_at` integer;--> statement-breakpoint
ALTER TABLE `job_rows` ADD `disturbed` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE `alert_targets` SET `events` = json_insert(`events`, '$[#]', 'line.stalled') WHERE (
  SELECT count(DISTINCT value) FROM json_each(`events`)
  WHERE value IN ('breaker.opened', 'breaker.reopened', 'breaker.still_open', 'breaker.closed', 'resume.finished', 'campaign.failing')) = 6;
