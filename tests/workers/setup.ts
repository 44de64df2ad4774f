import { applyD1Migrations, type D1Migration, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { theBreaker } from "./rows.ts";

// Files run one after another in the same runtime. None begins with what another has left, and what of it still works
// changes nothing any more: its jobs are gone, and its faults belong to an earlier stop.

const { DB, MIGRATIONS } = env as unknown as { DB: D1Database; MIGRATIONS: D1Migration[] };
/** In an order that foreign keys allow. */
const TABLES = "job_rows leads progress campaigns alert_deliveries alert_targets tokens parked_messages sessions".split(
  " ",
);
const BREAKER_TABLES = "incidents followers sweeps last_checks incident_checks closing_checks paces".split(" ");

async function sweepEnds(): Promise<void> {
  while ((await theBreaker().status()).sweep?.state === "running") await scheduler.wait(20);
}

const resetSandbox = () =>
  exports.default.fetch("http://andon.example/api/v1/sandbox/reset", {
    method: "POST",
    headers: { authorization: "Bearer sandbox-admin" },
  });

await applyD1Migrations(DB, MIGRATIONS);
await resetSandbox();
// As if no restore had ever been noticed.
await DB.prepare("UPDATE breaker_gate SET restored_at = NULL").run();
await runInDurableObject(
  theBreaker(),
  (_, { storage }) => void storage.sql.exec("UPDATE looks SET restored_at = NULL"),
);
await theBreaker().stop("setup", "the next file");
await sweepEnds();
await DB.batch(TABLES.map((table) => DB.prepare(`DELETE FROM ${table}`)));
await theBreaker().close("setup", null);
await sweepEnds();
await runInDurableObject(theBreaker(), (_, { storage }) => {
  for (const table of BREAKER_TABLES) storage.sql.exec(`DELETE FROM ${table}`);
});
// Calls that had begun before the stop are over.
await resetSandbox();
