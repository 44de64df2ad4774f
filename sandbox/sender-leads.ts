import { uuidFrom } from "./random.ts";
import { nextAfter, type Page } from "./sender-page.ts";

export interface SenderLead {
  id: string;
  email: string | null;
  campaign: string;
  /** The JSON of what else was sent with it. */
  fields: string;
  createdAtMs: number;
}

/** One lead of a request to add some. `email` null: none was given. */
export interface LeadToAdd {
  email: string | null;
  /** The JSON of what else is sent with it. */
  fields: string;
}

export interface LeadsToAdd {
  campaign: string;
  leads: LeadToAdd[];
  skipIfInCampaign: boolean;
}

/**
 * What became of one address that was to be added. `duplicate`: this campaign holds it; `known_elsewhere`: another one of
 * the workspace does; `repeated`: it stood before in the same request.
 */
export type AddedLead = { email: string | null } & (
  | { fate: "created"; id: string }
  | { fate: "duplicate" | "known_elsewhere" | "blocked" | "invalid" | "incomplete" | "repeated" | "plan_full" }
);

/** The campaign that holds what the workspace knew before. */
export const EARLIER_CAMPAIGN = uuidFrom("a campaign of the workspace from before");

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sender_lead (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, campaign TEXT NOT NULL, email TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS sender_lead_place ON sender_lead (campaign, email);
  CREATE INDEX IF NOT EXISTS sender_lead_email ON sender_lead (email);
  CREATE TABLE IF NOT EXISTS sender_lead_fields (
    lead TEXT PRIMARY KEY, fields TEXT NOT NULL, created_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sender_block (entry TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sender_plan (n INTEGER PRIMARY KEY CHECK (n = 1), remaining INTEGER);
`;

const PAGE_OF = `SELECT l.id, l.email, l.campaign, f.fields, coalesce(f.created_at, 0) AS created_at FROM`;
const WITH_FIELDS = `LEFT JOIN sender_lead_fields f ON f.lead = l.id`;
const AFTER = `l.n > coalesce((SELECT n FROM sender_lead WHERE id = ?2), 0) ORDER BY l.n LIMIT ?3`;
const SQL = {
  held: `SELECT 1 FROM sender_lead WHERE campaign = ?1 AND email = ?2 LIMIT 1`,
  heldElsewhere: `SELECT 1 FROM sender_lead WHERE email = ?2 AND campaign <> ?1 LIMIT 1`,
  next: `SELECT coalesce(max(n), 0) + 1 AS n FROM sender_lead`,
  add: `INSERT INTO sender_lead (n, id, campaign, email) VALUES (?1, ?2, ?3, ?4)`,
  addFields: `INSERT INTO sender_lead_fields (lead, fields, created_at) VALUES (?1, ?2, ?3)`,
  page: `${PAGE_OF} sender_lead l ${WITH_FIELDS} WHERE (?1 IS NULL OR l.campaign = ?1) AND ${AFTER}`,
  pageAmong: `${PAGE_OF} sender_lead l INDEXED BY sender_lead_email ${WITH_FIELDS}
    WHERE l.email IN (SELECT value FROM json_each(?4)) AND (?1 IS NULL OR l.campaign = ?1) AND ${AFTER}`,
  removeFields: `DELETE FROM sender_lead_fields WHERE lead IN (SELECT id FROM sender_lead WHERE campaign = ?1)`,
  remove: `DELETE FROM sender_lead WHERE campaign = ?1`,
  block: `INSERT OR IGNORE INTO sender_block (entry) SELECT lower(value) FROM json_each(?1)`,
  blocked: `SELECT 1 FROM sender_block WHERE entry IN (?1, ?2) LIMIT 1`,
  unblock: `DELETE FROM sender_block`,
  plan: `SELECT remaining FROM sender_plan`,
  setPlan: `INSERT INTO sender_plan (n, remaining) VALUES (1, ?1) ON CONFLICT DO UPDATE SET remaining = excluded.remaining`,
  clear: `DELETE FROM sender_lead; DELETE FROM sender_lead_fields; DELETE FROM sender_block; DELETE FROM sender_plan`,
} as const;

type LeadRow = { id: string; email: string; campaign: string; fields: string | null; created_at: number };

/** The leads of Instantly's campaigns, its plan and its block list. */
export class SenderLeads {
  #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(SCHEMA);
  }

  add({ campaign, leads, skipIfInCampaign }: LeadsToAdd, atMs: number): AddedLead[] {
    const seen = new Set<string>();
    return leads.map(({ email: written, fields }) => {
      const email = written?.trim().toLowerCase() ?? null;
      if (email === null || email === "") return { email, fate: "incomplete" };
      if (!isAddress(email)) return { email, fate: "invalid" };
      if (seen.has(email)) return { email, fate: "repeated" };
      seen.add(email);
      const domain = email.slice(email.lastIndexOf("@") + 1);
      if (this.#any(SQL.blocked, email, domain)) return { email, fate: "blocked" };
      if (this.#any(SQL.held, campaign, email)) return { email, fate: "duplicate" };
      if (skipIfInCampaign && this.#any(SQL.heldElsewhere, campaign, email)) return { email, fate: "known_elsewhere" };
      const remaining = this.remainingInPlan();
      if (remaining === 0) return { email, fate: "plan_full" };
      if (remaining !== null) this.setPlan(remaining - 1);
      return { email, fate: "created", id: this.#insert({ campaign, email, fields }, atMs) };
    });
  }

  /** `campaign` null: of all. `contacts` null: every address. */
  list(campaign: string | null, contacts: string[] | null, page: Page): { leads: SenderLead[]; next: string | null } {
    const place = [campaign, page.after, page.limit] as const;
    const among = contacts?.map((email) => email.trim().toLowerCase());
    const rows =
      among === undefined
        ? this.#sql.exec<LeadRow>(SQL.page, ...place)
        : this.#sql.exec<LeadRow>(SQL.pageAmong, ...place, JSON.stringify(among));
    const leads = rows.toArray().map(({ fields, created_at, ...row }) => ({
      ...row,
      fields: fields ?? "{}",
      createdAtMs: created_at,
    }));
    return { leads, next: nextAfter(leads, page) };
  }

  removeOf(campaign: string): void {
    this.#sql.exec(SQL.removeFields, campaign);
    this.#sql.exec(SQL.remove, campaign);
  }

  /** In place of those before. */
  know(emails: string[], atMs: number): void {
    this.removeOf(EARLIER_CAMPAIGN);
    for (const email of new Set(emails.map((each) => each.trim().toLowerCase()))) {
      this.#insert({ campaign: EARLIER_CAMPAIGN, email, fields: "{}" }, atMs);
    }
  }

  /** Addresses and domains, in place of those before. */
  block(entries: string[]): void {
    this.#sql.exec(SQL.unblock);
    this.#sql.exec(SQL.block, JSON.stringify(entries.map((entry) => entry.trim())));
  }

  /** Null: without bound. */
  remainingInPlan(): number | null {
    return this.#sql.exec<{ remaining: number | null }>(SQL.plan).toArray()[0]?.remaining ?? null;
  }

  setPlan(remaining: number | null): void {
    this.#sql.exec(SQL.setPlan, remaining);
  }

  clear(): void {
    this.#sql.exec(SQL.clear);
  }

  #any(query: string, first: string, second: string): boolean {
    return this.#sql.exec(query, first, second).toArray().length > 0;
  }

  #insert(lead: { campaign: string; email: string; fields: string }, atMs: number): string {
    const { n } = this.#sql.exec<{ n: number }>(SQL.next).one();
    const id = uuidFrom(`lead:${n}:${atMs}:${lead.campaign}:${lead.email}`);
    this.#sql.exec(SQL.add, n, id, lead.campaign, lead.email);
    this.#sql.exec(SQL.addFields, id, lead.fields, atMs);
    return id;
  }
}

function isAddress(email: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email);
}
