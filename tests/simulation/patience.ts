import type { Tables } from "./database.ts";
import type { Change } from "./watch.ts";
import type { Process, World } from "./world.ts";

const FIRST_MS = 15_000;

/** The watchdog waits longer each time before it sends a message again: the queue may have it all the same. */
export class Patience {
  readonly #world: World;
  readonly #tables: Tables;
  /** When each job that waits for its message was last given one, and how often nobody came with it. */
  readonly #awaited = new Map<string, { at: number; times: number }>();

  constructor(world: World, tables: Tables) {
    this.#world = world;
    this.#tables = tables;
  }

  check(writer: Process, id: string, step: string): void {
    const [row] = this.#tables.all("SELECT queued_at FROM job_rows WHERE id = ?1", [id]);
    const at = Number(row?.["queued_at"]);
    const before = this.#awaited.get(id);
    if (step !== "PENDING>PENDING") {
      if (step.endsWith(">PENDING")) this.#awaited.set(id, { at, times: 0 });
      else this.#awaited.delete(id);
      return;
    }
    if (!writer.name.startsWith("Breaker")) return void this.#awaited.delete(id);
    const times = (before?.times ?? 0) + 1;
    const leastMs = FIRST_MS * 2 ** Math.min(times - 1, 4);
    if (before && at - before.at < leastMs)
      this.#world.violated(`queue: job ${id} is sent again for the ${times}th time after only ${at - before.at} ms`);
    this.#awaited.set(id, { at, times });
  }
}

/** What cannot be saved is not bought a third time. */
export class Spending {
  readonly #world: World;
  /** How many attempts in a row each job was handed on after, though their results could not be saved. */
  readonly #inVain = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** `mine`: the attempt itself ends. */
  check({ id, was, becomes, dispatch_was: before }: Change, mine: boolean): void {
    if (becomes === "FAILED") return void this.#inVain.delete(id);
    const { refusal } = this.#world;
    if (!mine || was === "PENDING" || refusal?.stage === "pushed" || !refusal?.met.has(`${id} ${before}`)) return;
    const times = (this.#inVain.get(id) ?? 0) + 1;
    this.#inVain.set(id, times);
    if (times > 1)
      this.#world.violated(`10: job ${id} is handed on, and has bought ${times} times what cannot be saved`);
  }
}
