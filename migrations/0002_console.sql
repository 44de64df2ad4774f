CREATE TABLE `alert_deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`target_id` text NOT NULL,
	`event` text NOT NULL,
	`event_key` text NOT NULL,
	`incident_id` text,
	`payload` text NOT NULL,
	`status` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`next_attempt_at` integer NOT NULL,
	`last_error` text,
	`created_at` integer NOT NULL,
	`delivered_at` integer,
	CONSTRAINT "delivery_status" CHECK("status" IN ('PENDING', 'DELIVERED', 'FAILED'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `alert_deliveries_once` ON `alert_deliveries` (`target_id`,`event_key`);--> statement-breakpoint
CREATE INDEX `alert_deliveries_pending` ON `alert_deliveries` (`id`) WHERE "status" = 'PENDING';--> statement-breakpoint
CREATE TABLE `alert_targets` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`url` text NOT NULL,
	`secret` text,
	`events` text NOT NULL,
	`still_open_after_minutes` integer NOT NULL,
	`created_at` integer NOT NULL,
	`disabled_at` integer,
	CONSTRAINT "alert_kind" CHECK("kind" IN ('webhook', 'slack')),
	CONSTRAINT "alert_secret" CHECK(("secret" IS NOT NULL) = ("kind" = 'webhook'))
);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`hash` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`token_id` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	CONSTRAINT "session_role" CHECK("role" IN ('viewer', 'operator', 'admin'))
);
--> statement-breakpoint
ALTER TABLE `tokens` ADD `last_used_at` integer;--> statement-breakpoint
CREATE INDEX `jobs_of_campaign_itself` ON `jobs` (`campaign_id`,`id`) WHERE "type" <> 'ENRICH_LEAD';--> statement-breakpoint
CREATE INDEX `leads_given_up` ON `leads` (`campaign_id`,`stage`) WHERE "outcome" IN ('failed', 'cancelled');