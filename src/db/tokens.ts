import { and, desc, eq, getTableColumns, gt, isNull, lte, or, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Token } from "../contract/tokens.ts";
import { InvariantError } from "../domain/invariant.ts";
import type { Role } from "../domain/role.ts";
import { tokens } from "./schema.ts";
import { statement } from "./sql.ts";

/** Use is noted at most once in so long: a row that is written with every request would be the bill. */
const NOTED_EVERY_MS = 3_600_000;

const { hash: _, ...TOKEN } = getTableColumns(tokens);

// Two admins may revoke each other at once: one statement decides, so one of them stays.
const USABLE = (token: string) =>
  `${token}.revoked_at IS NULL AND (${token}.expires_at IS NULL OR ${token}.expires_at > :now)`;
const REVOKE = `UPDATE tokens SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL
  AND (NOT (role = 'admin' AND ${USABLE("tokens")}) OR EXISTS (SELECT 1 FROM tokens AS other
    WHERE other.id <> :id AND other.role = 'admin' AND ${USABLE("other")}))`;

export interface UsableToken {
  id: string;
  name: string;
  role: Role;
  hash: string;
  lastUsedAt: number | null;
}

/** A token that may still be used. */
export async function findToken(db: D1Database, id: string, now: number): Promise<UsableToken | null> {
  const { name, role, hash, lastUsedAt, revokedAt, expiresAt } = tokens;
  const [found] = await drizzle(db)
    .select({ id: tokens.id, name, role, hash, lastUsedAt })
    .from(tokens)
    .where(and(eq(tokens.id, id), isNull(revokedAt), or(isNull(expiresAt), gt(expiresAt, now))));
  return found ?? null;
}

/** Whether its use is to be noted again; most requests need not even ask D1. */
export function isUseDue({ lastUsedAt }: UsableToken, now: number): boolean {
  return lastUsedAt === null || lastUsedAt <= now - NOTED_EVERY_MS;
}

export async function noteUse(db: D1Database, id: string, now: number): Promise<void> {
  const { lastUsedAt } = tokens;
  await drizzle(db)
    .update(tokens)
    .set({ lastUsedAt: now })
    .where(and(eq(tokens.id, id), or(isNull(lastUsedAt), lte(lastUsedAt, now - NOTED_EVERY_MS))));
}

/** Newest first, one more than `limit`, to know of a next page. */
export async function listTokens(
  db: D1Database,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Token[]> {
  // The cursor's own place, so that a page is found again though ids have no order.
  const after = sql`(created_at, id) < (SELECT created_at, id FROM tokens WHERE id = ${cursor ?? null})`;
  return drizzle(db)
    .select(TOKEN)
    .from(tokens)
    .where(cursor === undefined ? undefined : after)
    .orderBy(desc(tokens.createdAt), desc(tokens.id))
    .limit(limit + 1);
}

export async function insertToken(
  db: D1Database,
  token: { id: string; name: string; role: Role; hash: string; createdAt: number; expiresAt: number | null },
): Promise<Token> {
  const [made] = await drizzle(db).insert(tokens).values(token).returning(TOKEN);
  if (!made) throw new InvariantError("db/tokens: an inserted token was not returned");
  return made;
}

/** The token as it stands then, and whether it is this call that revoked it; null when there is none. */
export async function revokeToken(
  db: D1Database,
  id: string,
  now: number,
): Promise<{ token: Token; revoked: boolean } | null> {
  const { meta } = await statement(db, REVOKE, { id, now }).run();
  const [token] = await drizzle(db).select(TOKEN).from(tokens).where(eq(tokens.id, id));
  return token ? { token, revoked: meta.changes === 1 } : null;
}
