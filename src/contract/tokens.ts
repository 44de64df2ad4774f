import { z } from "zod";
import type { Instant } from "../domain/breaker.ts";
import { type Role, ROLES } from "../domain/role.ts";
import { NextCursor, PageQuery, text, Time, time, timeOrNull } from "./common.ts";

/** The public part of a token. */
const TokenId = z.string().regex(/^[a-z0-9]{8,32}$/, "must be the id of a token: 8 to 32 small letters and digits");

/** A token as its row tells it: never its secret, nor what the secret is compared with. */
export interface Token {
  id: string;
  name: string;
  role: Role;
  createdAt: Instant;
  lastUsedAt: Instant | null;
  expiresAt: Instant | null;
  revokedAt: Instant | null;
}

export const TokenView = z.object({
  id: TokenId,
  name: z.string(),
  role: z.enum(ROLES),
  created_at: Time,
  last_used_at: Time.nullable().describe("Noted at most once an hour."),
  expires_at: Time.nullable(),
  revoked_at: Time.nullable(),
});

export const TokenParams = z.object({ id: TokenId });
export const TokenQuery = PageQuery.extend({ cursor: TokenId.optional() });
export const TokenRequest = z.strictObject({
  name: text(100),
  role: z.enum(ROLES),
  expires_in_days: z.int().min(1).max(3_650).optional(),
});

export const TokenAnswer = z.object({ token: TokenView });
export const TokenList = z.object({ tokens: z.array(TokenView), next_cursor: NextCursor });
export const TokenMade = z.object({
  token: TokenView,
  secret: z.string().describe("The whole token, `andon_ID_SECRET`. It is shown this once."),
});

export function tokenView(token: Token): z.infer<typeof TokenView> {
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    created_at: time(token.createdAt),
    last_used_at: timeOrNull(token.lastUsedAt),
    expires_at: timeOrNull(token.expiresAt),
    revoked_at: timeOrNull(token.revokedAt),
  };
}
