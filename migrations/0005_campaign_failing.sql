ALTER TABLE `progress` ADD `failing_reason` text;--> statement-breakpoint
ALTER TABLE `progress` ADD `failing_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `progress` ADD `failing_since` integer;--> statement-breakpoint
CREATE INDEX `progress_failing` ON `progress` (`updated_at`) WHERE "failing_count" >= 20;--> statement-breakpoint
-- Who had chosen every event there was wants to be told of all: of this one too.
UPDATE `alert_targets` SET `events` = json_insert(`events`, '$[#]', 'campaign.failing') WHERE (
  SELECT count(DISTINCT value) FROM json_each(`events`)
  WHERE value IN ('breaker.opened', 'breaker.reopened', 'breaker.still_open', 'breaker.closed', 'resume.finished')) = 5;
