// Makes an API token and stores its hash. The token is printed once and cannot be shown again.
//   npm run token -- --name "Ada's phone" --role operator            in production's database
//   npm run token -- --name test --role viewer --local               in the local one
import { parseArgs } from "node:util";
import { newToken } from "../src/access/new-token.ts";
import { wranglerSays } from "./cloudflare.mjs";
import { DEFAULT_STATE } from "./local.mjs";

const { values } = parseArgs({
  options: {
    name: { type: "string" },
    role: { type: "string" },
    days: { type: "string" },
    local: { type: "boolean", default: false },
    "persist-to": { type: "string", default: DEFAULT_STATE },
  },
});
const { name, role, days, local } = values;
if (!name || !["viewer", "operator", "admin"].includes(role ?? "") || (days !== undefined && !(Number(days) > 0))) {
  console.error(
    "Usage: npm run token -- --name NAME --role viewer|operator|admin [--days N] [--local [--persist-to DIR]]",
  );
  process.exit(2);
}

const { id, text, hash } = await newToken();
const now = Date.now();
const expiresAt = days === undefined ? "NULL" : now + Number(days) * 86_400_000;
const sql = `INSERT INTO tokens (id, name, role, hash, created_at, expires_at)
  VALUES ('${id}', '${name.replaceAll("'", "''")}', '${role}', '${hash}', ${now}, ${expiresAt})`;
const where = local ? ["--local", "--env", "sandbox", "--persist-to", values["persist-to"]] : ["--remote", "--env="];
try {
  wranglerSays("d1", "execute", "DB", ...where, "--command", sql);
} catch (error) {
  console.error(`The token could not be stored:\n${error.message}`);
  process.exit(1);
}
console.log(text);
