import { registerHooks } from "node:module";
import type { World } from "./world.ts";

/** Modules that the product imports and that the simulation replaces. */
const REPLACED: Record<string, string> = {
  "cloudflare:workers": new URL("./cloudflare-workers.ts", import.meta.url).href,
  uuid: new URL("./ids.ts", import.meta.url).href,
  // Few jobs fill many slices.
  "./slices.ts": new URL("./slices.ts", import.meta.url).href,
};

registerHooks({
  resolve: (specifier, context, next) => {
    const url = REPLACED[specifier];
    return url ? { url, shortCircuit: true } : next(specifier, context);
  },
});

let world: World | null = null;

/** From now on the product's clock and timers are this world's, and its log lines go to its trace. */
export function enter(entered: World): void {
  world = entered;
}

const inside = (): World => {
  if (!world) throw new Error("simulation: no world");
  return world;
};
Date.now = () => inside().now;
Object.assign(globalThis, {
  scheduler: { wait: (ms: number) => inside().wait(ms) },
  setTimeout: (run: () => void, ms = 0) => inside().after(ms, run),
});

const print = console.log.bind(console);
/** Writes to the terminal, where `console.log` is the product's. */
export const say = (text: string): void => print(text);
// The time in a log line is the real one, which has no place in a trace.
console.log = (line: string) => inside().note(`log ${line.replace(/"at":"[^"]*",/, "")}`);
console.error = console.log;
