import { applyD1Migrations, type D1Migration, reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";

// Files run one after another in the same runtime, and none begins with what another has left.

const { DB, MIGRATIONS } = env as unknown as { DB: D1Database; MIGRATIONS: D1Migration[] };

/** Longer than any attempt waits for its provider here; a test may also leave rows that no attempt stands behind. */
const LONGEST_WAIT_MS = 2_000;

/** An attempt of the file before would stop the line of this one. */
async function attemptsHaveEnded(): Promise<void> {
  if (!(await DB.prepare("SELECT 1 FROM sqlite_master WHERE name = 'jobs'").first())) return;
  await DB.exec(
    "UPDATE jobs SET status = 'CANCELLED', finished_at = 0 WHERE finished_at IS NULL AND status <> 'RUNNING'",
  );
  const held = DB.prepare("SELECT 1 FROM jobs WHERE lease_until > ? LIMIT 1");
  const until = Date.now() + LONGEST_WAIT_MS;
  while (Date.now() < until && (await held.bind(Date.now()).first())) await scheduler.wait(20);
}

await exports.default.fetch("http://andon.example/api/v1/sandbox/reset", {
  method: "POST",
  headers: { authorization: "Bearer sandbox-admin" },
});
await attemptsHaveEnded();
await reset();
await applyD1Migrations(DB, MIGRATIONS);
