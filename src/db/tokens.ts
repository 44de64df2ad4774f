import type { Token } from "../contract/tokens.ts";
import { InvariantError } from "../domain/invariant.ts";
import type { Role } from "../domain/role.ts";
import { statement } from "./sql.ts";

/** Use is noted at most once in so long: a row that is written with every request would be the bill. */
const NOTED_EVERY_MS = 3_600_000;

const TOKEN = `id, name, role, created_at AS createdAt, last_used_at AS lastUsedAt, expires_at AS expiresAt,
  revoked_at AS revokedAt`;
const usable = (token: string) =>
  `${token}.revoked_at IS NULL AND (${token}.expires_at IS NULL OR ${token}.expires_at > :now)`;

const SQL = {
  find: `SELECT id, name, role, hash, last_used_at AS lastUsedAt FROM tokens WHERE id = :id AND ${usable("tokens")}`,
  use: `UPDATE tokens SET last_used_at = :now
    WHERE id = :id AND (last_used_at IS NULL OR last_used_at <= :now - ${NOTED_EVERY_MS})`,
  // The cursor's own place, so that a page is found again though ids have no order.
  list: `SELECT ${TOKEN} FROM tokens
    WHERE :cursor IS NULL OR (created_at, id) < (SELECT created_at, id FROM tokens WHERE id = :cursor)
    ORDER BY created_at DESC, id DESC LIMIT :limit`,
  insert: `INSERT INTO tokens (id, name, role, hash, created_at, expires_at)
    VALUES (:id, :name, :role, :hash, :createdAt, :expiresAt) RETURNING ${TOKEN}`,
  // Two admins may revoke each other at once: one statement decides, so one of them stays.
  revoke: `UPDATE tokens SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL
    AND (NOT (role = 'admin' AND ${usable("tokens")}) OR EXISTS (SELECT 1 FROM tokens AS other
      WHERE other.id <> :id AND other.role = 'admin' AND ${usable("other")}))
    RETURNING id`,
  one: `SELECT ${TOKEN} FROM tokens WHERE id = :id`,
};

export interface UsableToken {
  id: string;
  name: string;
  role: Role;
  hash: string;
  lastUsedAt: number | null;
}

/** A token that may still be used. */
export function findToken(db: D1Database, id: string, now: number): Promise<UsableToken | null> {
  return statement(db, SQL.find, { id, now }).first<UsableToken>();
}

/** Whether its use is to be noted again; most requests need not even ask D1. */
export function isUseDue({ lastUsedAt }: UsableToken, now: number): boolean {
  return lastUsedAt === null || lastUsedAt <= now - NOTED_EVERY_MS;
}

export async function noteUse(db: D1Database, id: string, now: number): Promise<void> {
  await statement(db, SQL.use, { id, now }).run();
}

/** Newest first, one more than `limit`, to know of a next page. */
export async function listTokens(
  db: D1Database,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Token[]> {
  return (await statement(db, SQL.list, { limit: limit + 1, cursor: cursor ?? null }).all<Token>()).results;
}

export async function insertToken(
  db: D1Database,
  token: { id: string; name: string; role: Role; hash: string; createdAt: number; expiresAt: number | null },
): Promise<Token> {
  const made = await statement(db, SQL.insert, token).first<Token>();
  if (!made) throw new InvariantError("db/tokens: an inserted token was not returned");
  return made;
}

/** The token as it stands then, and whether it is this call that revoked it; null when there is none. */
export async function revokeToken(
  db: D1Database,
  id: string,
  now: number,
): Promise<{ token: Token; revoked: boolean } | null> {
  const [changed, found] = await db.batch([statement(db, SQL.revoke, { id, now }), statement(db, SQL.one, { id })]);
  const token = found?.results[0] as Token | undefined;
  return token ? { token, revoked: changed?.results.length === 1 } : null;
}
