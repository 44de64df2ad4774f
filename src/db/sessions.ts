import type { Caller, Sessions } from "../access/sessions.ts";
import { statement } from "./sql.ts";

const SQL = {
  begin: `INSERT INTO sessions (hash, name, role, token_id, created_at, expires_at)
    VALUES (:hash, :name, :role, :tokenId, :now, :expiresAt)`,
  forgetOld: "DELETE FROM sessions WHERE expires_at <= :now",
  // A token that was revoked or has run out ends its sessions too.
  find: `SELECT sessions.name, sessions.role, token_id AS tokenId
    FROM sessions LEFT JOIN tokens ON tokens.id = sessions.token_id
    WHERE sessions.hash = :hash AND sessions.expires_at > :now AND (token_id IS NULL OR (tokens.id IS NOT NULL
      AND tokens.revoked_at IS NULL AND (tokens.expires_at IS NULL OR tokens.expires_at > :now)))`,
  end: "DELETE FROM sessions WHERE hash = :hash",
};

export function createSessions(db: D1Database): Sessions {
  return {
    async begin({ hash, caller, now, expiresAt }) {
      await db.batch([
        statement(db, SQL.forgetOld, { now }),
        statement(db, SQL.begin, { hash, ...caller, now, expiresAt }),
      ]);
    },
    find: (hash, now) => statement(db, SQL.find, { hash, now }).first<Caller>(),
    async end(hash) {
      await statement(db, SQL.end, { hash }).run();
    },
  };
}
