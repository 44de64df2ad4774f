import { and, eq, gt, isNotNull, isNull, lte, or } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Sessions } from "../access/sessions.ts";
import { sessions, tokens } from "./schema.ts";

export function createSessions(d1: D1Database): Sessions {
  const db = drizzle(d1);
  return {
    async begin({ hash, caller, now, expiresAt }) {
      await db.batch([
        db.delete(sessions).where(lte(sessions.expiresAt, now)),
        db.insert(sessions).values({ hash, ...caller, createdAt: now, expiresAt }),
      ]);
    },

    async find(hash, now) {
      // A token that was revoked or has run out ends its sessions too.
      const lasts = and(
        isNotNull(tokens.id),
        isNull(tokens.revokedAt),
        or(isNull(tokens.expiresAt), gt(tokens.expiresAt, now)),
      );
      const [found] = await db
        .select({ name: sessions.name, role: sessions.role, tokenId: sessions.tokenId })
        .from(sessions)
        .leftJoin(tokens, eq(tokens.id, sessions.tokenId))
        .where(and(eq(sessions.hash, hash), gt(sessions.expiresAt, now), or(isNull(sessions.tokenId), lasts)));
      return found ?? null;
    },

    async end(hash) {
      await db.delete(sessions).where(eq(sessions.hash, hash));
    },
  };
}
