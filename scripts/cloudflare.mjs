// Wrangler, as the deploy's scripts call it: for production, the top level of wrangler.toml.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./local.mjs";

const WRANGLER = join(ROOT, "node_modules/.bin/wrangler");

/** Runs it in front of the person: what it asks, they answer. @returns whether it ended well */
export const wrangler = (...args) => spawnSync(WRANGLER, args, { cwd: ROOT, stdio: "inherit" }).status === 0;

/** Runs it for what it prints. @throws with its own words when it fails */
export function wranglerSays(...args) {
  const { status, stdout, stderr } = spawnSync(WRANGLER, args, { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) throw new Error(`wrangler ${args.join(" ")} failed:\n${stdout}${stderr}`.trim());
  return stdout;
}
