// Empties the local state: database, actors, queues and the sandbox's world.
import { rmSync } from "node:fs";
import { DEFAULT_STATE } from "./local.mjs";

rmSync(DEFAULT_STATE, { recursive: true, force: true });
console.log(`Removed ${DEFAULT_STATE}. The next npm start begins anew.`);
