CREATE TABLE `sessions` (
	`hash` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`token_id` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	CONSTRAINT "session_role" CHECK("role" IN ('viewer', 'operator', 'admin'))
);
