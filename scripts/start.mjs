// Runs Andon on this machine: both Workers in one runtime, the providers played by the sandbox.
//   npm start -- --port 8899 --persist-to DIR
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { applyMigrations, DEFAULT_STATE, startWorkers, waitUntilReady } from "./local.mjs";

const { values } = parseArgs({
  options: { port: { type: "string", default: "8787" }, "persist-to": { type: "string", default: DEFAULT_STATE } },
});
const port = Number(values.port);
const state = resolve(values["persist-to"]);

console.log("Andon: preparing the local database …");
await applyMigrations(state);
const workers = startWorkers({ port, state });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => workers.stop());
// npm passes signals on, but nobody tells this process when npm, or the shell between, is killed.
const starters = ancestors();
setInterval(() => ancestors() === starters || workers.stop(), 500).unref();
workers.exited.then((code) => {
  console.log("Andon has stopped. Its state stays: the next start goes on with it.");
  process.exit(code);
});

await waitUntilReady(port);
console.log(`
Andon is running, with sandbox providers: nothing leaves this machine.

  Open            http://localhost:${port}        (the console: sign in as sandbox-admin)
  API reference   http://localhost:${port}/docs
  API             http://localhost:${port}/api/v1
  Tokens          sandbox-viewer, sandbox-operator, sandbox-admin  (Authorization: Bearer TOKEN)
  State           ${state}

Ctrl-C stops it. npm run reset empties its state.
`);

/** The process that started this one and, where /proc tells it, the one before: npm runs its scripts through a shell. */
function ancestors() {
  try {
    const [, parent] = /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${process.ppid}/stat`, "utf8")) ?? [];
    return `${process.ppid} ${parent}`;
  } catch {
    return `${process.ppid}`;
  }
}
