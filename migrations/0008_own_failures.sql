ALTER TABLE `breaker_gate` ADD `restored_at` integer;--> statement-breakpoint
ALTER TABLE `breaker_gate` ADD `looked_at` integer;--> statement-breakpoint
ALTER TABLE `job_rows` ADD `disturbed` integer DEFAULT 0 NOT NULL;