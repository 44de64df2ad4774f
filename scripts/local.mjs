// What the scripts that run Andon on this machine share.
import { execFile, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

export const ROOT = resolve(import.meta.dirname, "..");
export const DEFAULT_STATE = join(ROOT, ".wrangler/state");

/** The Wrangler that a revision has installed. */
const wranglerOf = (root) =>
  join(dirname(createRequire(join(root, "package.json")).resolve("wrangler/package.json")), "bin/wrangler.js");
const ENVIRONMENT = {
  ...process.env,
  // Wrangler's questions to Cloudflare: none of them is needed to run on one machine.
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CI: "true",
  // Wrangler's own record of every request, query and call, in a database beside ours: half of what a local run cost.
  X_LOCAL_OBSERVABILITY: "false",
  X_LOCAL_EXPLORER: "false",
};

/**
 * @param {string} state folder of the local D1, Durable Objects and queues; made when absent
 * @param {string} root the project whose migrations they are
 * @param {AbortSignal} [signal]
 */
export async function applyMigrations(state, root = ROOT, signal = undefined) {
  mkdirSync(state, { recursive: true });
  const words = ["d1", "migrations", "apply", "DB", "--local", "--env", "sandbox", "--persist-to", state];
  const applied = promisify(execFile)(process.execPath, [wranglerOf(root), ...words], {
    cwd: root,
    env: ENVIRONMENT,
    signal,
  });
  await applied.catch(({ stdout, stderr }) => {
    throw new Error(`The migrations could not be applied to ${state}:\n${stdout}${stderr}`);
  });
}

/**
 * Starts both Workers on a leash: stopping them leaves nothing behind, nor does the death of this process.
 * @param {{ port: number, state: string, quiet?: boolean, config?: string, root?: string }} options `root`: the project that runs
 */
export function startWorkers({ port, state, quiet = false, config = "wrangler.toml", root = ROOT }) {
  const words = ["dev", "-c", config, "-c", "sandbox/wrangler.toml", "--env", "sandbox"];
  const options = ["--port", String(port), "--persist-to", state, "--show-interactive-dev-session=false"];
  const command = [process.execPath, wranglerOf(root), ...words, ...options, "--inspector-port", "0"];
  command.push("--var", `CONSOLE_ORIGIN:http://localhost:${port}`);
  const output = quiet ? "ignore" : "inherit";
  const leash = spawn(process.execPath, [join(import.meta.dirname, "leash.mjs"), ...command], {
    cwd: root,
    env: ENVIRONMENT,
    detached: true,
    stdio: ["pipe", output, output],
  });
  const exited = new Promise((done) => leash.once("exit", (code) => done(code ?? 0)));
  const signal = (name) => {
    try {
      process.kill(-leash.pid, name);
    } catch {
      // It has gone already.
    }
  };
  return {
    exited,
    pid: leash.pid,
    /** Asks them to end, and after five seconds ends them. */
    async stop() {
      signal("SIGINT");
      const late = setTimeout(() => signal("SIGKILL"), 5_000);
      await exited;
      clearTimeout(late);
      signal("SIGKILL");
    },
    /** What a crash does. */
    async kill() {
      signal("SIGKILL");
      await exited;
    },
  };
}

export async function waitUntilReady(port, patienceMs = 60_000) {
  const endAt = Date.now() + patienceMs;
  while (Date.now() < endAt) {
    const answer = await fetch(`http://localhost:${port}/api/v1/health/ready`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((wake) => setTimeout(wake, 200));
  }
  throw new Error(`Andon did not become ready on port ${port} within ${patienceMs / 1000} s.`);
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Calls the API as the sandbox's admin. @returns a function of method, path and body; it throws what is no success, with its `status` */
export const apiAt = (base) => async (method, path, body) => {
  const ask = () =>
    fetch(`${base}/api/v1${path}`, {
      method,
      headers: { authorization: "Bearer sandbox-admin", "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  // A connection that lay idle while this process was busy may be closed already: what only reads is asked again.
  const response = await ask().catch((error) => (method === "GET" ? ask() : Promise.reject(error)));
  const answer = await response.json();
  if (answer.status !== "success")
    throw Object.assign(new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer.error)}`), {
      status: response.status,
    });
  return answer.data;
};
