import type { SenderState } from "../src/contract/sandbox.ts";
import { uuidFrom } from "./random.ts";
import { EARLIER_CAMPAIGN, SenderLeads, type AddedLead, type LeadsToAdd, type SenderLead } from "./sender-leads.ts";
import { nextAfter, type Page } from "./sender-page.ts";

export interface SenderCampaign {
  id: string;
  name: string;
  status: number;
  createdAtMs: number;
  /** The JSON of what else was sent with it: schedule and sequences. */
  fields: string;
}

export type SenderRequest =
  | { do: "list_campaigns"; search: string; page: Page }
  | { do: "get_campaign"; campaign: string }
  | { do: "create_campaign"; name: string; fields: string }
  | ({ do: "add_leads" } & LeadsToAdd)
  /** `campaign` null: of the whole workspace. */
  | { do: "list_leads"; campaign: string | null; contacts: string[] | null; page: Page };

export type SenderResult =
  | { did: "list_campaigns"; campaigns: SenderCampaign[]; next: string | null }
  | { did: "get_campaign" | "create_campaign"; campaign: SenderCampaign }
  /** One for each address, in the order of the request. `remaining` null: the plan has no bound. */
  | { did: "add_leads"; leads: AddedLead[]; remaining: number | null }
  | { did: "list_leads"; leads: SenderLead[]; next: string | null }
  | { did: "nothing"; because: "no_such_campaign" };

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sender_campaign (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, created_at INTEGER NOT NULL,
    leads INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE IF NOT EXISTS sender_campaign_fields (campaign TEXT PRIMARY KEY, fields TEXT NOT NULL) WITHOUT ROWID;
`;

/** A campaign that never sends by itself. */
export const DRAFT = 0;

const FIELDS = `id, name, created_at, (SELECT fields FROM sender_campaign_fields WHERE campaign = id) AS fields`;
const SQL = {
  campaigns: `SELECT ${FIELDS} FROM sender_campaign
    WHERE n < coalesce((SELECT n FROM sender_campaign WHERE id = ?1), 9e15) AND instr(lower(name), lower(?2)) > 0
    ORDER BY n DESC LIMIT ?3`,
  next: `SELECT coalesce(max(n), 0) + 1 AS n FROM sender_campaign`,
  add: `INSERT INTO sender_campaign (n, id, name, created_at) VALUES (?1, ?2, ?3, ?4)`,
  addFields: `INSERT INTO sender_campaign_fields (campaign, fields) VALUES (?1, ?2)`,
  campaign: `SELECT ${FIELDS} FROM sender_campaign WHERE id = ?1`,
  countLeads: `UPDATE sender_campaign SET leads = leads + ?2 WHERE id = ?1`,
  pushed: `SELECT id, leads FROM sender_campaign WHERE id <> ?1 ORDER BY n`,
  remove: `DELETE FROM sender_campaign WHERE id = ?1`,
  removeFields: `DELETE FROM sender_campaign_fields WHERE campaign = ?1`,
  clear: `DELETE FROM sender_campaign; DELETE FROM sender_campaign_fields`,
} as const;

type CampaignRow = { id: string; name: string; created_at: number; fields: string | null };

const campaignOf = (row: CampaignRow): SenderCampaign => ({
  id: row.id,
  name: row.name,
  status: DRAFT,
  createdAtMs: row.created_at,
  fields: row.fields ?? "{}",
});

/** Instantly's memory: its campaigns, and the leads in them. Owns `sender_campaign` and its fields. */
export class Sender {
  #sql: SqlStorage;
  #leads: SenderLeads;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#leads = new SenderLeads(sql);
    sql.exec(SCHEMA);
  }

  carryOut(request: SenderRequest, atMs: number): SenderResult {
    switch (request.do) {
      case "list_campaigns":
        return this.#listCampaigns(request.search, request.page);
      case "get_campaign":
        return this.#getCampaign(request.campaign);
      case "create_campaign":
        return { did: "create_campaign", campaign: this.#createCampaign(request, atMs) };
      case "add_leads":
        if (!this.#campaign(request.campaign)) return { did: "nothing", because: "no_such_campaign" };
        return { did: "add_leads", leads: this.#addLeads(request, atMs), remaining: this.#leads.remainingInPlan() };
      case "list_leads":
        return { did: "list_leads", ...this.#leads.list(request.campaign, request.contacts, request.page) };
    }
  }

  /** False, and nothing done, when there is no campaign to delete. */
  setState({ remaining_in_plan, blocked, known, deleted_campaign }: SenderState, atMs: number): boolean {
    if (deleted_campaign !== undefined && !this.#campaign(deleted_campaign)) return false;
    if (remaining_in_plan !== undefined) this.#leads.setPlan(remaining_in_plan);
    if (blocked !== undefined) this.#leads.block(blocked);
    if (known !== undefined) {
      if (!this.#campaign(EARLIER_CAMPAIGN)) this.#insert(EARLIER_CAMPAIGN, { name: "Earlier", fields: "{}" }, atMs);
      this.#leads.know(known, atMs);
    }
    if (deleted_campaign !== undefined) this.#remove(deleted_campaign);
    return true;
  }

  /** Leads by campaign, without what the workspace knew before. */
  pushed(): Record<string, number> {
    const rows = this.#sql.exec<{ id: string; leads: number }>(SQL.pushed, EARLIER_CAMPAIGN).toArray();
    return Object.fromEntries(rows.map((row) => [row.id, row.leads]));
  }

  clear(): void {
    this.#sql.exec(SQL.clear);
    this.#leads.clear();
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

  #createCampaign(campaign: { name: string; fields: string }, atMs: number): SenderCampaign {
    const { n } = this.#sql.exec<{ n: number }>(SQL.next).one();
    const id = uuidFrom(`campaign:${n}:${atMs}:${campaign.name}`);
    this.#insert(id, campaign, atMs);
    return { ...campaign, id, status: DRAFT, createdAtMs: atMs };
  }

  #insert(id: string, { name, fields }: { name: string; fields: string }, atMs: number): void {
    const { n } = this.#sql.exec<{ n: number }>(SQL.next).one();
    this.#sql.exec(SQL.add, n, id, name, atMs);
    this.#sql.exec(SQL.addFields, id, fields);
  }

  #addLeads(request: LeadsToAdd, atMs: number): AddedLead[] {
    const leads = this.#leads.add(request, atMs);
    const created = leads.filter((lead) => lead.fate === "created").length;
    if (created > 0) this.#sql.exec(SQL.countLeads, request.campaign, created);
    return leads;
  }

  #remove(campaign: string): void {
    this.#leads.removeOf(campaign);
    this.#sql.exec(SQL.removeFields, campaign);
    this.#sql.exec(SQL.remove, campaign);
  }
}
