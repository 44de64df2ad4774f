import { eq } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { Campaign } from "../domain/campaign.ts";
import { FAILING_AFTER, type FailingStreak } from "../domain/failing.ts";
import { progressNow } from "./job-schema.ts";
import { campaigns } from "./schema.ts";

/** Campaigns with their counts, for a condition and an order to be added. */
export const selectCampaigns = (db: DrizzleD1Database) =>
  db.select().from(campaigns).innerJoin(progressNow, eq(progressNow.campaignId, campaigns.id)).$dynamic();

type Counts = typeof progressNow.$inferSelect;

interface Row {
  campaigns: typeof campaigns.$inferSelect;
  progress_now: Counts;
}

export function toCampaign({ campaigns: campaign, progress_now: counts }: Row): Campaign {
  const { pending, running, paused, completed, failed, cancelled, updatedAt } = counts;
  return {
    ...campaign,
    progress: {
      jobs: {
        PENDING: pending,
        RUNNING: running,
        PAUSED: paused,
        COMPLETED: completed,
        FAILED: failed,
        CANCELLED: cancelled,
      },
      leads: {
        found: counts.leadsFound,
        verified: counts.leadsVerified,
        rejected: counts.leadsRejected,
        researched: counts.leadsResearched,
        written: counts.leadsWritten,
        pushed: counts.leadsPushed,
        failed: counts.leadsFailed,
      },
      failing: failingOf(counts),
      updatedAt,
    },
  };
}

function failingOf({ failingReason: reason, failingCount: count, failingSince: since }: Counts): FailingStreak | null {
  return reason !== null && since !== null && count >= FAILING_AFTER ? { reason, count, since } : null;
}
