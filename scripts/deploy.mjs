// Applies the migrations and deploys the Worker, in this order: for a moment the earlier code works on the later tables.
//   npm run deploy                  to production
//   npm run deploy -- --dry-run     builds it and says what would be done; asks nobody and changes nothing
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { wrangler } from "./cloudflare.mjs";
import { ROOT } from "./local.mjs";

const { values } = parseArgs({ options: { "dry-run": { type: "boolean", default: false } } });

if (values["dry-run"]) {
  const names = readdirSync(join(ROOT, "migrations")).filter((name) => name.endsWith(".sql"));
  console.log(`Of these migrations, a deploy first applies those that are missing:\n  ${names.join("\n  ")}`);
  if (!wrangler("deploy", "--env=", "--dry-run", "--outdir", ".build/production")) process.exit(1);
  console.log("Nothing was changed.");
} else {
  if (!wrangler("d1", "migrations", "apply", "DB", "--remote", "--env=")) {
    console.error("The migrations were not applied, so nothing was deployed: the earlier code runs on.");
    process.exit(1);
  }
  if (!wrangler("deploy", "--env=")) {
    console.error(
      "The migrations are applied, and the earlier code runs on with them. Run it again when it can be deployed.",
    );
    process.exit(1);
  }
}
