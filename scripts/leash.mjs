// Runs a command that must not outlive whoever started it: node scripts/leash.mjs COMMAND …
//
// It leads a process group of its own and holds a pipe to its starter as standard input. However the starter ends, even
// by SIGKILL, the pipe ends with it, and the whole group is killed.
import { spawn } from "node:child_process";

const [command, ...words] = process.argv.slice(2);
const child = spawn(command, words, { stdio: ["ignore", "inherit", "inherit"] });
// Signals are sent to the group: the command has its own, and this process outlives it to report how it ended.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
process.stdin.resume().once("end", () => process.kill(-process.pid, "SIGKILL"));
child.once("exit", (code) => process.exit(code ?? 0));
