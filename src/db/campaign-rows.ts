import type { Campaign, CampaignStatus } from "../domain/campaign.ts";
import { FAILING_AFTER, type FailingStreak } from "../domain/failing.ts";
import type { MessageBrief, Search } from "../domain/lead.ts";

/** A campaign with its counts, as `toCampaign` reads it. Append WHERE, ORDER BY and LIMIT. */
export const SELECT_CAMPAIGN =
  "SELECT * FROM campaigns JOIN progress_now AS progress ON progress.campaign_id = campaigns.id";

export interface CampaignRow {
  id: string;
  name: string;
  description: string | null;
  target_leads: number;
  search: string;
  message: string;
  instantly_campaign_id: string | null;
  refuse_catch_all: number;
  status: CampaignStatus;
  error: string | null;
  created_at: number;
  started_at: number | null;
  completed_at: number | null;
  failed_at: number | null;
  pending: number;
  running: number;
  paused: number;
  completed: number;
  failed: number;
  cancelled: number;
  leads_found: number;
  leads_verified: number;
  leads_rejected: number;
  leads_researched: number;
  leads_written: number;
  leads_pushed: number;
  leads_failed: number;
  failing_reason: string | null;
  failing_count: number;
  failing_since: number | null;
  updated_at: number | null;
}

export function toCampaign(row: CampaignRow): Campaign {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    targetLeads: row.target_leads,
    search: JSON.parse(row.search) as Search,
    message: JSON.parse(row.message) as MessageBrief,
    instantlyCampaignId: row.instantly_campaign_id,
    refuseCatchAll: row.refuse_catch_all === 1,
    status: row.status,
    error: row.error,
    createdAt: row.created_at,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    failedAt: row.failed_at,
    progress: {
      jobs: {
        PENDING: row.pending,
        RUNNING: row.running,
        PAUSED: row.paused,
        COMPLETED: row.completed,
        FAILED: row.failed,
        CANCELLED: row.cancelled,
      },
      leads: {
        found: row.leads_found,
        verified: row.leads_verified,
        rejected: row.leads_rejected,
        researched: row.leads_researched,
        written: row.leads_written,
        pushed: row.leads_pushed,
        failed: row.leads_failed,
      },
      failing: failingOf(row),
      updatedAt: row.updated_at,
    },
  };
}

function failingOf(row: CampaignRow): FailingStreak | null {
  const { failing_reason: reason, failing_count: count, failing_since: since } = row;
  return reason !== null && since !== null && count >= FAILING_AFTER ? { reason, count, since } : null;
}
