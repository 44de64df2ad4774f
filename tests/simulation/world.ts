import { Chance } from "./chance.ts";

/** Where each history begins. */
const BEGIN = Date.UTC(2026, 0, 1);

/** What all ids begin with; a trace is easier to read without. */
const ID_START = "00000000-0000-7000-8000-0000000";

/** Something that lives and may die: one run of a consumer, one life of an actor, one request of an operator. */
export interface Process {
  readonly id: number;
  readonly name: string;
  alive: boolean;
  /** Told once, when it is killed. */
  onKill: (() => void)[];
  /** Dispatches that its messages name, as `job dispatch`; of a consumer. */
  readonly named: Set<string>;
  /** Dispatches that it has claimed, by job. */
  readonly claims: Map<string, number>;
  /** Jobs that it knows not to be running any more: a write of its own has told it. */
  readonly told: Set<string>;
  /** Jobs whose attempt the platform disturbed: it ends, and may not even be able to give its job back. */
  readonly disturbed: Set<string>;
  /** The last time the platform failed it: what it could not renew then may be taken from it. */
  disturbedAt: number;
}

interface Event {
  at: number;
  order: number;
  run: () => void;
}

/** Thrown when one of the invariants does not hold. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/**
 * Time, and what happens in it. Nothing here waits: the clock jumps to the next event, the event runs, and all that it
 * sets free runs before the next one. So a history is a function of its seed alone.
 */
export class World {
  now = BEGIN;
  readonly chance: Chance;
  readonly processes = new Set<Process>();
  readonly trace: string[] = [];
  steps = 0;
  /** In some worlds the Breaker is far away from some of those who ask it. */
  readonly #breakerIsFar: boolean;
  /** Results that D1 takes at no time, of every fifth person, and the attempts (`job dispatch`) that had one. */
  readonly refusal: { people: number; stage: string; met: Set<string> } | null;
  /** The first thing that must not be; looked at after every step. */
  violation: Violation | null = null;
  readonly #events: Event[] = [];
  readonly #keepsTrace: boolean;
  #order = 0;
  #processes = 0;

  constructor(chance: Chance, keepsTrace: boolean) {
    this.chance = chance;
    this.#keepsTrace = keepsTrace;
    this.#breakerIsFar = chance.strikes("the Breaker is far away", 0.15);
    const stage = chance.pick("at which stage", ["verified", "researched", "written", "pushed"]);
    const people = chance.between("whose", 0, 4);
    this.refusal = chance.strikes("a result can never be saved", 0.1) ? { people, stage, met: new Set() } : null;
  }

  after(ms: number, run: () => void): void {
    push(this.#events, { at: this.now + Math.max(0, ms), order: this.#order++, run });
  }

  isFar(actor: string, caller: Process): boolean {
    return this.#breakerIsFar && !this.chance.calm && actor.startsWith("Breaker") && caller.id % 2 === 0;
  }

  wait = (ms: number): Promise<void> => new Promise((resolve) => this.after(ms, resolve));

  /** Milliseconds something takes: mostly few, sometimes a great many. */
  latency(kind: string, usual: number, rare: number): number {
    if (!this.chance.strikes(`${kind} is slow`, 0.01)) return this.chance.between(kind, 1, usual);
    return this.chance.between(kind, usual, this.chance.strikes(`${kind} is very slow`, 0.1) ? rare * 20 : rare);
  }

  start(name: string): Process {
    const process: Process = {
      id: this.#processes++,
      name,
      alive: true,
      onKill: [],
      named: new Set(),
      claims: new Map(),
      told: new Set(),
      disturbed: new Set(),
      disturbedAt: -Infinity,
    };
    this.processes.add(process);
    return process;
  }

  end(process: Process): void {
    process.alive = false;
    this.processes.delete(process);
  }

  kill(process: Process): void {
    if (!process.alive) return;
    this.note(`${process.name} dies`);
    this.end(process);
    for (const tell of process.onKill) tell();
  }

  note(text: string): void {
    if (this.#keepsTrace)
      this.trace.push(`${((this.now - BEGIN) / 1_000).toFixed(3).padStart(9)} s  ${text.replaceAll(ID_START, "…")}`);
  }

  violated(text: string): void {
    this.note(`VIOLATION ${text}`);
    this.violation ??= new Violation(text);
  }

  /** Runs events until `until` holds or `deadline` has come. Returns whether it holds. @throws Violation */
  async run(until: () => boolean, deadline: number, afterStep: () => void): Promise<boolean> {
    while (!until()) {
      const event = this.#events[0];
      if (!event || event.at > deadline) {
        this.now = Math.max(this.now, deadline);
        return until();
      }
      pop(this.#events);
      this.now = Math.max(this.now, event.at);
      this.steps++;
      event.run();
      await settled();
      afterStep();
      if (this.violation) throw this.violation;
    }
    return true;
  }
}

/** All promises that can go on have gone on: Node's next tick comes when none is left, and unlike a turn of its loop asks nothing of the system. */
const settled = () => new Promise<void>((resolve) => process.nextTick(resolve));

const before = (a: Event, b: Event) => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Event[], event: Event): void {
  let at = heap.length;
  heap.push(event);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Event;
    if (!before(event, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop() as Event;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = at * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1] as Event, heap[child] as Event)) child++;
    if (!before(heap[child] as Event, last)) break;
    heap[at] = heap[child] as Event;
    at = child;
  }
  heap[at] = last;
}
