import { applyD1Migrations, type D1Migration, reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";

const { DB, MIGRATIONS } = env as unknown as { DB: D1Database; MIGRATIONS: D1Migration[] };
// Files run one after another in the same runtime: none begins with what another has left.
await reset();
await applyD1Migrations(DB, MIGRATIONS);
await exports.default.fetch("http://andon.example/api/v1/sandbox/reset", {
  method: "POST",
  headers: { authorization: "Bearer sandbox-admin" },
});
