import { Tables } from "./database.ts";
import type { Process, World } from "./world.ts";

/** What a Durable Object's class is made with here. */
export type ActorClass = new (ctx: DurableObjectState, env: Env) => object;

const ALARM_RETRIES = 6;

/**
 * One Durable Object: storage that stays, and an instance that may be put out at any moment. Writes are there as soon as
 * they are made: a life that dies before its writes are kept is, for everybody else, one that died before it made them,
 * because nothing that it sends leaves before they are.
 */
export class SimulatedActor {
  readonly name: string;
  readonly #world: World;
  readonly #make: (process: Process, ctx: DurableObjectState) => object;
  readonly #tables: Tables | null;
  readonly #values = new Map<string, unknown>();
  #life: { process: Process; instance: object } | null = null;
  #alarmAt: number | null = null;
  #alarmRuns = false;
  #lives = 0;
  /** Told after every event of the actor. */
  onEvent: (method: string, answer: unknown) => void = () => undefined;

  constructor(
    world: World,
    name: string,
    make: (process: Process, ctx: DurableObjectState) => object,
    tables: Tables | null,
  ) {
    this.#world = world;
    this.name = name;
    this.#make = make;
    this.#tables = tables;
  }

  /** A stub for one process: any method of the class, at a distance. */
  stub(caller: Process): object {
    return new Proxy(
      {},
      {
        get: (_, method) =>
          typeof method === "string" && method !== "then"
            ? (...args: unknown[]) => this.#call(caller, method, args)
            : undefined,
      },
    );
  }

  #call(caller: Process, method: string, args: unknown[]): Promise<unknown> {
    const world = this.#world;
    return new Promise((resolve, reject) => {
      if (!caller.alive) return;
      const far = world.isFar(this.name, caller) ? world.chance.between("a far actor", 100, 500) : 0;
      const answer = (tell: () => void) =>
        world.after(far + world.latency(`${this.name}'s answer`, 4, 1_500), () => caller.alive && tell());
      const reset = () => {
        caller.disturbedAt = world.now;
        answer(() =>
          reject(
            Object.assign(new Error("Durable Object reset: Network connection lost."), {
              remote: true,
              retryable: true,
            }),
          ),
        );
      };
      world.after(far + world.latency(this.name, 4, 1_500), () => {
        if (world.chance.strikes("an actor is not reached", 0.003)) return reset();
        const { process, instance } = this.#living();
        let open = true;
        process.onKill.push(() => {
          if (open) reset();
          open = false;
        });
        const work = (instance as Record<string, (...args: unknown[]) => Promise<unknown>>)[method];
        if (!work) throw new Error(`simulation: ${this.name} has no method ${method}`);
        void this.#answers(() => work.apply(instance, structuredClone(args))).then((answered) => {
          if (!open || !process.alive) return undefined;
          open = false;
          if ("error" in answered) {
            world.note(`${this.name}.${method} threw ${String(answered.error)}`);
            return answer(() => reject(answered.error as Error));
          }
          this.onEvent(method, answered.value);
          if (world.chance.strikes("an actor's answer is lost", 0.003)) return reset();
          return answer(() => resolve(answered.value));
        });
      });
    });
  }

  /** An answer is a copy, as one that came over a network is. */
  async #answers(work: () => Promise<unknown>): Promise<{ value: unknown } | { error: unknown }> {
    try {
      return { value: structuredClone(await work()) };
    } catch (error) {
      return { error };
    }
  }

  #living(): { process: Process; instance: object } {
    if (this.#life?.process.alive) return this.#life;
    const process = this.#world.start(`${this.name}, life ${++this.#lives}`);
    return (this.#life = { process, instance: this.#make(process, this.#context(process)) });
  }

  #context(process: Process): DurableObjectState {
    const world = this.#world;
    const only = <Result>(work: () => Result): Promise<Result> =>
      process.alive ? Promise.resolve(work()) : new Promise<never>(() => undefined);
    const storage = {
      get: (key: string) => only(() => this.#values.get(key)),
      put: (key: string, value: unknown) => only(() => void this.#values.set(key, value)),
      getAlarm: () => only(() => this.#alarmAt),
      setAlarm: (at: number) => only(() => this.#setAlarm(Math.max(at, world.now))),
      deleteAlarm: () => only(() => (this.#alarmAt = null)),
      sql: {
        exec: (sql: string, ...values: (string | number | null)[]) => {
          if (!process.alive) throw new Error("simulation: a dead actor writes");
          const tables = this.#tables as Tables;
          if (values.length === 0 && sql.includes(";")) return void tables.run(sql);
          const rows = tables.all(sql, values);
          return { one: () => rows[0], toArray: () => rows };
        },
      },
    };
    return { storage } as unknown as DurableObjectState;
  }

  #setAlarm(at: number): void {
    this.#alarmAt = at;
    this.#world.after(at - this.#world.now, () => {
      if (this.#alarmAt !== null && this.#alarmAt <= this.#world.now && !this.#alarmRuns) this.#runAlarm(0);
    });
  }

  /** An alarm that fails comes again, some times; one that was set meanwhile comes in any case. */
  #runAlarm(retries: number): void {
    const world = this.#world;
    this.#alarmAt = null;
    this.#alarmRuns = true;
    const { process, instance } = this.#living();
    let over = false;
    const finish = (failed: boolean) => {
      if (over) return;
      over = true;
      this.#alarmRuns = false;
      this.onEvent("alarm", undefined);
      if (failed && this.#alarmAt === null && retries < ALARM_RETRIES)
        world.after(2_000 * 2 ** retries, () => this.#alarmRuns || this.#runAlarm(retries + 1));
      else if (this.#alarmAt !== null) this.#setAlarm(Math.max(this.#alarmAt, world.now));
    };
    process.onKill.push(() => finish(true));
    (instance as { alarm: () => Promise<void> }).alarm().then(
      () => finish(false),
      (error: unknown) => {
        world.note(`${this.name}.alarm threw ${String(error)}`);
        finish(true);
      },
    );
  }
}
