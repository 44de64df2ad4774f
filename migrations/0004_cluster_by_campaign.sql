CREATE TABLE `__new_jobs` (
	`id` text NOT NULL,
	`campaign_id` text NOT NULL,
	`lead_id` text,
	`type` text NOT NULL,
	`status` text NOT NULL,
	`priority` integer NOT NULL,
	`dispatch` integer NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`lease_until` integer,
	`queued_at` integer,
	`pause_reason` text,
	`error` text,
	`progress` text,
	`result` text,
	`history` text,
	`created_at` integer NOT NULL,
	`started_at` integer,
	`finished_at` integer,
	PRIMARY KEY(`campaign_id`, `id`),
	CONSTRAINT "job_type" CHECK("type" = 'FETCH_LEADS' OR "type" = 'ENRICH_LEAD' OR "type" = 'CLEANUP_CAMPAIGN'),
	CONSTRAINT "job_status" CHECK("status" = 'PENDING' OR "status" = 'RUNNING' OR "status" = 'PAUSED' OR "status" = 'COMPLETED' OR "status" = 'FAILED' OR "status" = 'CANCELLED'),
	CONSTRAINT "job_finished" CHECK(("finished_at" IS NULL) = ("status" = 'PENDING' OR "status" = 'RUNNING' OR "status" = 'PAUSED'))
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_jobs`("id", "campaign_id", "lead_id", "type", "status", "priority", "dispatch", "attempts", "lease_until", "queued_at", "pause_reason", "error", "progress", "result", "history", "created_at", "started_at", "finished_at") SELECT "id", "campaign_id", "lead_id", "type", "status", "priority", "dispatch", "attempts", "lease_until", "queued_at", "pause_reason", "error", "progress", "result", "history", "created_at", "started_at", "finished_at" FROM `jobs`;--> statement-breakpoint
DROP TABLE `jobs`;--> statement-breakpoint
ALTER TABLE `__new_jobs` RENAME TO `jobs`;--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_id` ON `jobs` (`id`);--> statement-breakpoint
CREATE INDEX `jobs_unfinished` ON `jobs` (`campaign_id`,`id`) WHERE "finished_at" IS NULL;--> statement-breakpoint
CREATE INDEX `jobs_of_campaign_itself` ON `jobs` (`campaign_id`,`id`) WHERE "type" <> 'ENRICH_LEAD';--> statement-breakpoint
CREATE INDEX `jobs_failed` ON `jobs` (`id`) WHERE "status" = 'FAILED';--> statement-breakpoint
CREATE TABLE `__new_leads` (
	`id` text NOT NULL,
	`campaign_id` text NOT NULL,
	`person_id` text NOT NULL,
	`email` text,
	`profile` text,
	`stage` text NOT NULL,
	`outcome` text DEFAULT 'open' NOT NULL,
	`error` text,
	`verification` text,
	`research` text,
	`copy` text,
	`push` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`campaign_id`, `id`),
	CONSTRAINT "lead_stage" CHECK("stage" = 'reserved' OR "stage" = 'dropped' OR "stage" = 'found' OR "stage" = 'verified' OR "stage" = 'researched' OR "stage" = 'written' OR "stage" = 'pushed'),
	CONSTRAINT "lead_outcome" CHECK("outcome" = 'open' OR "outcome" = 'pushed' OR "outcome" = 'rejected' OR "outcome" = 'failed' OR "outcome" = 'cancelled')
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_leads`("id", "campaign_id", "person_id", "email", "profile", "stage", "outcome", "error", "verification", "research", "copy", "push", "created_at", "updated_at") SELECT "id", "campaign_id", "person_id", "email", "profile", "stage", "outcome", "error", "verification", "research", "copy", "push", "created_at", "updated_at" FROM `leads`;--> statement-breakpoint
DROP TABLE `leads`;--> statement-breakpoint
ALTER TABLE `__new_leads` RENAME TO `leads`;--> statement-breakpoint
CREATE UNIQUE INDEX `leads_person` ON `leads` (`person_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `leads_email` ON `leads` (`email`) WHERE "email" IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `leads_id` ON `leads` (`id`);--> statement-breakpoint
CREATE INDEX `leads_given_up` ON `leads` (`campaign_id`,`stage`) WHERE "outcome" IN ('failed', 'cancelled');