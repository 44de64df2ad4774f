CREATE TABLE `breaker_gate` (
	`id` integer PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`epoch` integer NOT NULL,
	`reason` text,
	CONSTRAINT "gate_single" CHECK("id" = 1),
	CONSTRAINT "gate_state" CHECK("state" IN ('open', 'closed'))
);
--> statement-breakpoint
CREATE TABLE `campaigns` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`description` text,
	`target_leads` integer NOT NULL,
	`search` text NOT NULL,
	`message` text NOT NULL,
	`instantly_campaign_id` text,
	`refuse_catch_all` integer NOT NULL,
	`status` text NOT NULL,
	`error` text,
	`created_at` integer NOT NULL,
	`started_at` integer,
	`completed_at` integer,
	`failed_at` integer,
	CONSTRAINT "campaign_status" CHECK("status" IN ('CREATED', 'RUNNING', 'COMPLETED', 'FAILED')),
	CONSTRAINT "campaign_target" CHECK("target_leads" BETWEEN 1 AND 50000)
);
--> statement-breakpoint
CREATE INDEX `campaigns_running` ON `campaigns` (`id`) WHERE "status" = 'RUNNING';--> statement-breakpoint
CREATE TABLE `jobs` (
	`id` text PRIMARY KEY NOT NULL,
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
	`created_at` integer NOT NULL,
	`started_at` integer,
	`finished_at` integer,
	CONSTRAINT "job_type" CHECK("type" IN ('FETCH_LEADS', 'ENRICH_LEAD', 'CLEANUP_CAMPAIGN')),
	CONSTRAINT "job_status" CHECK("status" IN ('PENDING', 'RUNNING', 'PAUSED', 'COMPLETED', 'FAILED', 'CANCELLED')),
	CONSTRAINT "job_finished" CHECK(("finished_at" IS NULL) = ("status" IN ('PENDING', 'RUNNING', 'PAUSED')))
);
--> statement-breakpoint
CREATE INDEX `jobs_of_campaign` ON `jobs` (`campaign_id`,`id`);--> statement-breakpoint
CREATE INDEX `jobs_unfinished` ON `jobs` (`campaign_id`,`id`) WHERE "finished_at" IS NULL;--> statement-breakpoint
CREATE INDEX `jobs_failed` ON `jobs` (`id`) WHERE "status" = 'FAILED';--> statement-breakpoint
CREATE TABLE `leads` (
	`id` text PRIMARY KEY NOT NULL,
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
	CONSTRAINT "lead_stage" CHECK("stage" IN ('reserved', 'dropped', 'found', 'verified', 'researched', 'written', 'pushed')),
	CONSTRAINT "lead_outcome" CHECK("outcome" IN ('open', 'pushed', 'rejected', 'failed', 'cancelled'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `leads_person` ON `leads` (`person_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `leads_email` ON `leads` (`email`);--> statement-breakpoint
CREATE INDEX `leads_of_campaign` ON `leads` (`campaign_id`,`id`);--> statement-breakpoint
CREATE TABLE `parked_messages` (
	`id` text PRIMARY KEY NOT NULL,
	`queue` text NOT NULL,
	`body` text NOT NULL,
	`problem` text NOT NULL,
	`parked_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `progress` (
	`campaign_id` text PRIMARY KEY NOT NULL,
	`pending` integer DEFAULT 0 NOT NULL,
	`running` integer DEFAULT 0 NOT NULL,
	`paused` integer DEFAULT 0 NOT NULL,
	`completed` integer DEFAULT 0 NOT NULL,
	`failed` integer DEFAULT 0 NOT NULL,
	`cancelled` integer DEFAULT 0 NOT NULL,
	`leads_found` integer DEFAULT 0 NOT NULL,
	`leads_verified` integer DEFAULT 0 NOT NULL,
	`leads_rejected` integer DEFAULT 0 NOT NULL,
	`leads_researched` integer DEFAULT 0 NOT NULL,
	`leads_written` integer DEFAULT 0 NOT NULL,
	`leads_pushed` integer DEFAULT 0 NOT NULL,
	`leads_failed` integer DEFAULT 0 NOT NULL,
	`updated_at` integer
);
--> statement-breakpoint
CREATE TABLE `tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`revoked_at` integer,
	CONSTRAINT "token_role" CHECK("role" IN ('viewer', 'operator', 'admin'))
);
