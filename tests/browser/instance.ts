import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { applyMigrations, freePort, startWorkers } from "../../scripts/local.mjs";
import { CHROMIUM } from "./chromium.ts";

declare module "vitest" {
  export interface ProvidedContext {
    base: string;
  }
}

/** One real local instance for all browser tests. */
export default async function setup(project: TestProject) {
  if (!CHROMIUM) {
    console.warn("No Chromium was found: the browser tests are skipped. Install one, or name it with CHROMIUM=path.");
    project.provide("base", "");
    return undefined;
  }
  const state = mkdtempSync(join(tmpdir(), "andon-browser-"));
  const port = await freePort();
  // Not waited for: other tests run meanwhile, and the desk waits until it is ready.
  const started = applyMigrations(state).then(() => startWorkers({ port, state, quiet: true }));
  project.provide("base", `http://localhost:${port}`);
  return async () => {
    await (await started).stop();
    rmSync(state, { recursive: true, force: true, maxRetries: 5 });
  };
}
