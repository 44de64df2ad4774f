import { LEAD_STAGES } from "../domain/pipeline.ts";
import type { AddressStore, LeadKey } from "../ports/addresses.ts";
import { mailboxRange, taggedIn } from "./mailbox.ts";
import { batch, countLeads, statement } from "./sql.ts";

const REASON = "Another lead has this mailbox.";

const MEMBER = `m.value ->> 'mailbox' AS mailbox, leads.id, leads.campaign_id, leads.outcome,
  CASE leads.stage ${LEAD_STAGES.map((stage, rank) => `WHEN '${stage}' THEN ${rank}`).join(" ")} END AS rank`;
const FROM = "FROM json_each(:rows) AS m CROSS JOIN leads WHERE";

/** The leads of each row's mailbox, and of these the ones that do not keep it and may still be pushed. */
const LOSERS = `WITH members AS (
    SELECT ${MEMBER} ${FROM} leads.id = m.value ->> 'leadId'
    UNION SELECT ${MEMBER} ${FROM} leads.email = m.value ->> 'mailbox'
    UNION SELECT ${MEMBER} ${FROM} ${taggedIn("leads")}),
  losers AS (SELECT * FROM members AS mine WHERE outcome IN ('open', 'failed') AND EXISTS (SELECT 1 FROM members AS other
    WHERE other.mailbox = mine.mailbox AND (other.rank > mine.rank OR other.rank = mine.rank AND other.id < mine.id)))`;

/** A result that is on its way is still to be kept: it may be a push. */
const ALIVE = `SELECT lead_id FROM job_rows INDEXED BY jobs_unfinished WHERE finished_at IS NULL
  AND lead_id IS NOT NULL AND campaign_id IN (SELECT campaign_id FROM losers) AND (status = 'RUNNING' OR lease_until >= :now)`;
const ENDING = `SELECT DISTINCT id, campaign_id, outcome FROM losers WHERE id NOT IN (${ALIVE})`;

const SQL = {
  addresses: `SELECT campaign_id AS campaignId, id AS leadId, email FROM leads
    WHERE (campaign_id, id) > (:fromCampaign, :fromLead) ORDER BY campaign_id, id LIMIT :limit`,
  respell: `UPDATE OR IGNORE leads SET email = m.value ->> 'address' FROM json_each(:rows) AS m
    WHERE leads.id = m.value ->> 'leadId' AND leads.email = m.value ->> 'was' AND m.value ->> 'was' <> m.value ->> 'address'`,
  countFailed: `${LOSERS} UPDATE progress SET leads_failed = leads_failed - ended.n
    FROM (SELECT campaign_id, count(*) AS n FROM (${ENDING}) WHERE outcome = 'failed' GROUP BY campaign_id) AS ended
    WHERE progress.campaign_id = ended.campaign_id`,
  countRejected: countLeads(`${LOSERS} SELECT campaign_id, 'rejected' AS counter, NULL AS kind FROM (${ENDING})`),
  reject: `${LOSERS} UPDATE leads SET outcome = 'rejected', error = '${REASON}', updated_at = :now
    FROM (${ENDING}) AS ended WHERE leads.id = ended.id`,
  waiting: `${LOSERS} SELECT DISTINCT m.value ->> 'leadId' AS leadId FROM losers
    JOIN json_each(:rows) AS m ON m.value ->> 'mailbox' = losers.mailbox`,
};

export function createAddressStore(db: D1Database): AddressStore {
  return {
    async addresses({ campaignId, leadId }, limit) {
      const values = { fromCampaign: campaignId, fromLead: leadId, limit };
      return (await statement(db, SQL.addresses, values).all<LeadKey & { email: string | null }>()).results;
    },

    async respell(rows, now) {
      const values = { rows: JSON.stringify(rows.map((row) => ({ ...row, ...mailboxRange(row.address) }))), now };
      const [, , , , waiting] = await batch(db, [
        statement(db, SQL.respell, values),
        statement(db, SQL.countFailed, values),
        statement(db, SQL.countRejected, values),
        statement(db, SQL.reject, values),
        statement<{ leadId: string }>(db, SQL.waiting, values),
      ]);
      return waiting.map(({ leadId }) => leadId);
    },
  };
}
