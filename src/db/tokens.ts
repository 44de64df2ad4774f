import type { Role } from "../domain/role.ts";
import { statement } from "./sql.ts";

export interface TokenRow {
  id: string;
  name: string;
  role: Role;
  hash: string;
}

/** A token that may still be used. */
export function findToken(db: D1Database, id: string, now: number): Promise<TokenRow | null> {
  return statement(
    db,
    `SELECT id, name, role, hash FROM tokens
     WHERE id = :id AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now)`,
    { id, now },
  ).first<TokenRow>();
}
