import { createRoute } from "@hono/zod-openapi";
import {
  TokenAnswer,
  TokenList,
  TokenMade,
  TokenParams,
  TokenQuery,
  TokenRequest,
  tokenView,
} from "../contract/tokens.ts";
import { insertToken, listTokens, revokeToken } from "../db/tokens.ts";
import { log } from "../platform/log.ts";
import { newToken } from "../access/new-token.ts";
import { answers, body, createRouter, good, NO_QUERY, page, route } from "./endpoint.ts";
import { ApiError } from "./errors.ts";

const TAG = "Tokens";
const DAY_MS = 86_400_000;

export const tokens = createRouter();

tokens.openapi(
  createRoute({
    ...route("admin", TAG, "Every token, newest first; never a secret"),
    method: "get",
    path: "/",
    request: { query: TokenQuery },
    responses: answers(TokenList),
  }),
  async (c) => {
    const at = c.req.valid("query");
    const { rows, next_cursor } = page(await listTokens(c.env.DB, at), at.limit);
    return c.json(good({ tokens: rows.map(tokenView), next_cursor }), 200);
  },
);

tokens.openapi(
  createRoute({
    ...route("admin", TAG, "Make a token; its secret is in this answer and nowhere else"),
    method: "post",
    path: "/",
    request: { query: NO_QUERY, body: body(TokenRequest) },
    responses: answers(TokenMade, [], 201),
  }),
  async (c) => {
    const { name, role, expires_in_days: days } = c.req.valid("json");
    const { id, text: secret, hash } = await newToken();
    const createdAt = Date.now();
    const expiresAt = days === undefined ? null : createdAt + days * DAY_MS;
    const token = await insertToken(c.env.DB, { id, name, role, hash, createdAt, expiresAt });
    log("info", "token_made", { token_id: id, role, request_id: c.get("requestId") });
    c.header("cache-control", "no-store");
    return c.json(good({ token: tokenView(token), secret }), 201);
  },
);

tokens.openapi(
  createRoute({
    ...route("admin", TAG, "Revoke a token, one's own too; but not the last admin's"),
    method: "delete",
    path: "/{id}",
    request: { params: TokenParams, query: NO_QUERY },
    responses: answers(TokenAnswer, ["not_found", "invalid_transition"]),
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const found = await revokeToken(c.env.DB, id, Date.now());
    if (!found) throw new ApiError("not_found", "No token has this id. GET /api/v1/tokens lists those there are.");
    const { token, revoked } = found;
    if (!revoked && token.revokedAt === null) {
      throw new ApiError(
        "conflict",
        "This is the last admin token that can be used: without it nobody could manage tokens. It stays valid. Make another admin token first.",
      );
    }
    const view = tokenView(token);
    if (!revoked) {
      throw new ApiError("invalid_transition", "This token is revoked already. Nothing was changed.", {
        revoked_at: view.revoked_at,
      });
    }
    log("info", "token_revoked", { token_id: id, role: token.role, request_id: c.get("requestId") });
    return c.json(good({ token: view }), 200);
  },
);
