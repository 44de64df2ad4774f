// The first deploy: makes what is missing, and asks before each thing. Safe to run again.
//   npm run setup             asks
//   npm run setup -- --yes    agrees to all but secrets, which only a person can give
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { PROVIDER_SECRETS } from "../src/platform/secrets.ts";
import { wrangler, wranglerSays } from "./cloudflare.mjs";
import { ROOT } from "./local.mjs";

const { values } = parseArgs({ options: { yes: { type: "boolean", default: false } } });
const config = readFileSync(join(ROOT, "wrangler.toml"), "utf8").split("\n[env.sandbox]")[0];
const DATABASE = /database_name = "([^"]+)"/.exec(config)[1];
const BUCKET = /bucket_name = "([^"]+)"/.exec(config)[1];
const QUEUES = [...new Set([...config.matchAll(/^(?:queue|dead_letter_queue) = "([^"]+)"/gm)].map(([, name]) => name))];

/** What `[vars]` says: the actors are made there, so the database is too. */
const placed = (name) => new RegExp(`^${name} = "([^"]*)"`, "m").exec(config)[1];
const WHERE = placed("JURISDICTION")
  ? ["--jurisdiction", placed("JURISDICTION")]
  : ["--location", placed("LOCATION_HINT")];

const input = values.yes ? null : createInterface({ input: process.stdin, output: process.stdout });
const left = [];

/** @returns whether it was done, or was there already */
async function step(what, isThere, make) {
  if (isThere) return (console.log(`ok      ${what}`), true);
  const agreed = values.yes || /^y/i.test(await input.question(`Missing: ${what}. Make it? [y/N] `));
  if (agreed && (await make())) return (console.log(`made    ${what}`), true);
  console.log(agreed ? `FAILED  ${what}` : `left    ${what}`);
  left.push(what);
  return false;
}

/** The names of the Worker's secrets; null where there is no Worker. */
function secretsOf() {
  try {
    return JSON.parse(wranglerSays("secret", "list", "--env=")).map(({ name }) => name);
  } catch {
    return null;
  }
}

const deploy = () =>
  spawnSync(process.execPath, [join(ROOT, "scripts/deploy.mjs")], { cwd: ROOT, stdio: "inherit" }).status === 0;

try {
  const databases = JSON.parse(wranglerSays("d1", "list", "--json"));
  const hasDatabase = await step(
    `the database ${DATABASE}`,
    databases.some(({ name }) => name === DATABASE),
    () => wrangler("d1", "create", DATABASE, ...(WHERE[1] ? WHERE : [])),
  );
  // A bucket takes the hint under the same name; one within a jurisdiction is another bucket, and so is its list.
  const within = placed("JURISDICTION") ? ["--jurisdiction", placed("JURISDICTION")] : [];
  const buckets = hasDatabase ? wranglerSays("r2", "bucket", "list", ...within) : "";
  const hasBucket =
    hasDatabase &&
    (await step(`the bucket ${BUCKET}`, new RegExp(`\\b${BUCKET}\\s*$`, "m").test(buckets), () =>
      wrangler("r2", "bucket", "create", BUCKET, "--update-config=false", ...(WHERE[1] ? WHERE : [])),
    ));
  let hasQueues = hasBucket;
  const queues = wranglerSays("queues", "list");
  for (const name of QUEUES) {
    if (!hasQueues) break;
    const isThere = new RegExp(`\\b${name}\\b`).test(queues);
    hasQueues = await step(`the queue ${name}`, isThere, () => wrangler("queues", "create", name));
  }
  // A Worker without its database and queues would be refused, after its migrations.
  const hasWorker =
    hasDatabase && hasQueues && (await step("the Worker, with its migrations", secretsOf() !== null, deploy));
  if (hasWorker) {
    const secrets = secretsOf() ?? [];
    for (const name of Object.values(PROVIDER_SECRETS))
      await step(
        `the secret ${name}`,
        secrets.includes(name),
        () => !values.yes && wrangler("secret", "put", name, "--env="),
      );
  }
} catch (error) {
  console.error(error.message);
  console.error("What was made stays. Run it again when this is mended.");
  process.exit(1);
} finally {
  input?.close();
}
if (left.length > 0) {
  console.log(`\nStill missing: ${left.join(", ")}. Run it again for them.`);
  process.exitCode = 1;
} else {
  console.log(
    '\nAll is there. Make a token (npm run token -- --name "Ada" --role admin), set CONSOLE_ORIGIN in wrangler.toml, and look at docs/operations.md: Check after a deploy.',
  );
}
