import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../local.mjs";

const run = promisify(execFile);

/**
 * Lays an earlier revision of this repository into a folder, with the packages that it runs with: ours where both lock
 * the same, else its own.
 * @param {string} name what git knows it by
 * @param {string} folder is made
 * @param {AbortSignal} signal
 * @returns its short hash, and the folder
 */
export async function checkOut(name, folder, signal) {
  const git = (...words) => run("git", ["-C", ROOT, ...words], { signal });
  const found = await git("rev-parse", "--verify", "--short", `${name}^{commit}`).catch(() => null);
  if (!found) throw new Error(`This repository has no revision ${name} (a shallow clone lacks the earlier ones).`);
  const hash = found.stdout.trim();
  const archive = `${folder}.tar`;
  await git("archive", "--output", archive, hash);
  mkdirSync(folder);
  await run("tar", ["-xf", archive, "-C", folder], { signal });
  const lockOf = (root) => readFileSync(join(root, "package-lock.json"), "utf8");
  if (lockOf(folder) === lockOf(ROOT)) symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  else await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, signal, maxBuffer: 64 * 1024 * 1024 });
  return { hash, root: folder };
}
