import { uuidFrom } from "./random.ts";

export interface SenderCampaign {
  id: string;
  name: string;
  status: number;
  createdAtMs: number;
}

interface SenderLead {
  id: string;
  email: string;
  campaign: string;
}

export interface Page {
  limit: number;
  /** The id that the last page ended with. */
  after: string | null;
}

export type SenderRequest =
  | { do: "list_campaigns"; search: string; page: Page }
  | { do: "get_campaign"; campaign: string }
  | { do: "create_campaign"; name: string }
  | { do: "add_leads"; campaign: string; emails: string[]; skipIfInCampaign: boolean }
  | { do: "list_leads"; campaign: string; contacts: string[] | null; page: Page };

/** What became of one address that was to be added. */
export type AddedLead = { email: string } & ({ fate: "created"; id: string } | { fate: "skipped" | "invalid" });

export type SenderResult =
  | { did: "list_campaigns"; campaigns: SenderCampaign[]; next: string | null }
  | { did: "get_campaign" | "create_campaign"; campaign: SenderCampaign }
  /** One for each address, in the order of the request. */
  | { did: "add_leads"; leads: AddedLead[] }
  | { did: "list_leads"; leads: SenderLead[]; next: string | null }
  | { did: "nothing"; because: "no_such_campaign" };

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sender_campaign (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, created_at INTEGER NOT NULL,
    leads INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE IF NOT EXISTS sender_lead (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, campaign TEXT NOT NULL, email TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS sender_lead_place ON sender_lead (campaign, email);
`;

/** A campaign that never sends by itself. */
const DRAFT = 0;

const SQL = {
  campaigns: `SELECT id, name, created_at FROM sender_campaign
    WHERE n < coalesce((SELECT n FROM sender_campaign WHERE id = ?1), 9e15) AND instr(lower(name), lower(?2)) > 0
    ORDER BY n DESC LIMIT ?3`,
  nextCampaign: `SELECT coalesce(max(n), 0) + 1 AS n FROM sender_campaign`,
  addCampaign: `INSERT INTO sender_campaign (n, id, name, created_at) VALUES (?1, ?2, ?3, ?4)`,
  campaign: `SELECT id, name, created_at FROM sender_campaign WHERE id = ?1`,
  countLeads: `UPDATE sender_campaign SET leads = leads + ?2 WHERE id = ?1`,
  pushed: `SELECT id, leads FROM sender_campaign ORDER BY n`,
  leadExists: `SELECT 1 FROM sender_lead WHERE campaign = ?1 AND email = ?2 LIMIT 1`,
  nextLead: `SELECT coalesce(max(n), 0) + 1 AS n FROM sender_lead`,
  addLead: `INSERT INTO sender_lead (n, id, campaign, email) VALUES (?1, ?2, ?3, ?4)`,
  leads: `SELECT id, email FROM sender_lead
    WHERE campaign = ?1 AND n > coalesce((SELECT n FROM sender_lead WHERE id = ?2), 0) ORDER BY n LIMIT ?3`,
  leadsAmong: `SELECT id, email FROM sender_lead
    WHERE campaign = ?1 AND email IN (SELECT value FROM json_each(?4))
      AND n > coalesce((SELECT n FROM sender_lead WHERE id = ?2), 0) ORDER BY n LIMIT ?3`,
  clear: `DELETE FROM sender_campaign; DELETE FROM sender_lead`,
} as const;

type CampaignRow = { id: string; name: string; created_at: number };

const campaignOf = (row: CampaignRow): SenderCampaign => ({
  id: row.id,
  name: row.name,
  status: DRAFT,
  createdAtMs: row.created_at,
});

/** Instantly's memory: its campaigns and the leads in them. Owns `sender_campaign` and `sender_lead`. */
export class Sender {
  #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(SCHEMA);
  }

  carryOut(request: SenderRequest, atMs: number): SenderResult {
    switch (request.do) {
      case "list_campaigns":
        return this.#listCampaigns(request.search, request.page);
      case "get_campaign":
        return this.#getCampaign(request.campaign);
      case "create_campaign":
        return { did: "create_campaign", campaign: this.#createCampaign(request.name, atMs) };
      case "add_leads":
        if (!this.#campaign(request.campaign)) return { did: "nothing", because: "no_such_campaign" };
        return { did: "add_leads", leads: this.#addLeads(request) };
      case "list_leads":
        return this.#listLeads(request);
    }
  }

  /** Leads by campaign. */
  pushed(): Record<string, number> {
    const rows = this.#sql.exec<{ id: string; leads: number }>(SQL.pushed).toArray();
    return Object.fromEntries(rows.map((row) => [row.id, row.leads]));
  }

  clear(): void {
    this.#sql.exec(SQL.clear);
  }

  #listCampaigns(search: string, page: Page): SenderResult {
    const rows = this.#sql.exec<CampaignRow>(SQL.campaigns, page.after, search, page.limit).toArray();
    const campaigns = rows.map(campaignOf);
    return { did: "list_campaigns", campaigns, next: nextAfter(campaigns, page) };
  }

  #getCampaign(id: string): SenderResult {
    const campaign = this.#campaign(id);
    return campaign ? { did: "get_campaign", campaign } : { did: "nothing", because: "no_such_campaign" };
  }

  #campaign(id: string): SenderCampaign | null {
    const [row] = this.#sql.exec<CampaignRow>(SQL.campaign, id).toArray();
    return row ? campaignOf(row) : null;
  }

  #createCampaign(name: string, atMs: number): SenderCampaign {
    const { n } = this.#sql.exec<{ n: number }>(SQL.nextCampaign).one();
    const id = uuidFrom(`campaign:${n}:${name}`);
    this.#sql.exec(SQL.addCampaign, n, id, name, atMs);
    return { id, name, status: DRAFT, createdAtMs: atMs };
  }

  #addLeads(request: SenderRequest & { do: "add_leads" }): AddedLead[] {
    const leads = request.emails.map((email) => this.#addLead(request, email.trim().toLowerCase()));
    const created = leads.filter((lead) => lead.fate === "created").length;
    if (created > 0) this.#sql.exec(SQL.countLeads, request.campaign, created);
    return leads;
  }

  #addLead(request: SenderRequest & { do: "add_leads" }, email: string): AddedLead {
    if (!isAddress(email)) return { email, fate: "invalid" };
    const held = () => this.#sql.exec(SQL.leadExists, request.campaign, email).toArray().length > 0;
    if (request.skipIfInCampaign && held()) return { email, fate: "skipped" };
    const { n } = this.#sql.exec<{ n: number }>(SQL.nextLead).one();
    const id = uuidFrom(`lead:${n}:${request.campaign}:${email}`);
    this.#sql.exec(SQL.addLead, n, id, request.campaign, email);
    return { email, fate: "created", id };
  }

  #listLeads({ campaign, contacts, page }: SenderRequest & { do: "list_leads" }): SenderResult {
    const among = contacts?.map((email) => email.trim().toLowerCase());
    const rows =
      among === undefined
        ? this.#sql.exec<{ id: string; email: string }>(SQL.leads, campaign, page.after, page.limit)
        : this.#sql.exec<{ id: string; email: string }>(
            SQL.leadsAmong,
            campaign,
            page.after,
            page.limit,
            JSON.stringify(among),
          );
    const leads = rows.toArray().map((row) => ({ id: row.id, email: row.email, campaign }));
    return { did: "list_leads", leads, next: nextAfter(leads, page) };
  }
}

function nextAfter(items: { id: string }[], page: Page): string | null {
  return items.length === page.limit ? (items.at(-1)?.id ?? null) : null;
}

function isAddress(email: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email);
}
