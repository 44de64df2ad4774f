import type { Dispatch } from "../../src/domain/job.ts";
import type { Process, World } from "./world.ts";

interface Sent {
  id: string;
  body: unknown;
  sentAt: number;
  attempts: number;
}

interface Consumer {
  batchSize: number;
  deadLetters: SimulatedQueue | null;
  /** Told of a message that a process sends, before the queue has it. */
  sending: (process: Process, body: unknown) => void;
  /** Starts a process for the batch; its promise ends when the handler has returned. */
  consume: (process: Process, batch: MessageBatch) => Promise<void>;
  /** Told when it has returned by itself. */
  returned: (process: Process) => void;
}

const MAX_RETRIES = 10;
const MAX_AT_ONCE = 20;

/** Whose work a message asks for; none, if it is no message about jobs. */
export const dispatchesIn = (body: unknown): Dispatch[] => (body as { jobs?: Dispatch[] }).jobs ?? [];

/** A queue that delivers late, twice, out of order, or never, and says of a send what need not be true. */
export class SimulatedQueue {
  readonly name: string;
  readonly #world: World;
  readonly #consumer: Consumer;
  /** Accepted and not yet done with. */
  readonly #held = new Set<Sent>();
  #waiting: Sent[] = [];
  #due = false;
  #running = 0;
  #ids = 0;

  constructor(world: World, name: string, consumer: Consumer) {
    this.#world = world;
    this.name = name;
    this.#consumer = consumer;
  }

  /** The binding that a process holds. */
  producer(process: Process): Queue<unknown> {
    const world = this.#world;
    const call = <Result>(work: () => Result): Promise<Result> =>
      new Promise((resolve, reject) => {
        if (!process.alive) return;
        const answer = (tell: () => void) =>
          world.after(world.latency("the queue's answer", 3, 3_000), () => process.alive && tell());
        const failure = () => {
          process.disturbedAt = world.now;
          return new Error("Queue send failed: Internal Server Error");
        };
        world.after(world.latency("the queue", 3, 3_000), () => {
          if (world.chance.strikes("a queue call fails", 0.01) || this.#isAway())
            return answer(() => reject(failure()));
          const result = work();
          if (world.chance.strikes("a queue call fails after it was accepted", 0.01))
            return answer(() => reject(failure()));
          answer(() => resolve(result));
        });
      });
    return {
      sendBatch: (messages: Iterable<{ body: unknown }>) => {
        const bodies = [...messages].map(({ body }) => body);
        for (const body of bodies) this.#consumer.sending(process, body);
        return call(() => bodies.forEach((body) => this.accept(body)));
      },
      metrics: () =>
        call(() => {
          const { count, oldest } = this.#told();
          const tells = count > 0 && oldest !== null;
          return { backlogCount: count, backlogBytes: 0, ...(tells && { oldestMessageTimestamp: new Date(oldest) }) };
        }),
    } as unknown as Queue<unknown>;
  }

  /** What the queue says of itself: an approximation, which may be far from true. */
  #told(): { count: number; oldest: number | null } {
    const { chance, now } = this.#world;
    const truth = { count: this.#held.size, oldest: Math.min(...[...this.#held].map(({ sentAt }) => sentAt)) };
    if (!chance.strikes("a queue's metrics lie", 0.15)) return truth;
    return chance.pick("what the metrics say", [
      { count: 0, oldest: null },
      { count: 7, oldest: null },
      { ...truth, oldest: null },
      { count: 7, oldest: now },
      { count: 7, oldest: now - 60_000 },
    ]);
  }

  accept(body: unknown): void {
    const { chance } = this.#world;
    if (chance.strikes("a message is lost", 0.02)) return this.#world.note(`lost ${JSON.stringify(body)}`);
    const copies = chance.strikes("a message comes twice", 0.05) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const sent = { id: `${this.name}-${this.#ids++}`, body, sentAt: this.#world.now, attempts: 0 };
      this.#held.add(sent);
      this.#deliverAfter(
        sent,
        chance.strikes("a message is late", 0.04)
          ? chance.between("lateness", 500, 90_000)
          : chance.between("delivery", 1, 40),
      );
    }
  }

  #awayUntil = 0;

  /** Now and then a queue takes nothing for a while. */
  #isAway(): boolean {
    if (this.#world.chance.calm) return false;
    if (this.#world.chance.strikes("a queue goes away", 0.002))
      this.#awayUntil = this.#world.now + this.#world.chance.between("time away", 500, 20_000);
    return this.#world.now < this.#awayUntil;
  }

  #deliverAfter(sent: Sent, ms: number): void {
    this.#world.after(ms, () => {
      const at = this.#world.chance.between("place in the queue", 0, this.#waiting.length);
      this.#waiting.splice(at, 0, sent);
      this.#wake();
    });
  }

  #wake(): void {
    if (this.#due) return;
    this.#due = true;
    this.#world.after(this.#world.chance.between("batching", 0, 20), () => {
      this.#due = false;
      while (this.#waiting.length > 0 && this.#running < MAX_AT_ONCE) this.#deliver();
    });
  }

  #deliver(): void {
    const world = this.#world;
    const size = world.chance.between("batch size", 1, this.#consumer.batchSize);
    const sent = this.#waiting.splice(0, size);
    const acknowledged = new Set<Sent>();
    const retried = new Map<Sent, number>();
    const process = world.start(`consumer of ${this.name} [${sent.map(({ id }) => id.split("-").at(-1)).join(" ")}]`);
    for (const { body } of sent)
      for (const { jobId, dispatch } of dispatchesIn(body)) process.named.add(`${jobId} ${dispatch}`);
    let over = false;
    const finish = (returned: boolean) => {
      if (over) return;
      over = true;
      this.#running--;
      if (returned) this.#consumer.returned(process);
      world.end(process);
      for (const message of sent) {
        // A life that ended early may have told the queue of its acknowledgements, or not.
        const heard = returned || world.chance.strikes("an acknowledgement outlives its process", 0.5);
        if ((acknowledged.has(message) && heard) || (returned && !retried.has(message))) this.#held.delete(message);
        else this.#again(message, retried.get(message) ?? world.chance.between("redelivery", 100, 20_000));
      }
      this.#wake();
    };
    process.onKill.push(() => finish(false));
    this.#running++;
    const batch = {
      queue: this.name,
      messages: sent.map((message) => ({
        id: message.id,
        body: message.body,
        ack: () => process.alive && acknowledged.add(message),
        retry: ({ delaySeconds = 0 } = {}) => process.alive && retried.set(message, delaySeconds * 1_000),
      })),
      retryAll: ({ delaySeconds = 0 } = {}) => {
        for (const message of sent) if (!acknowledged.has(message)) retried.set(message, delaySeconds * 1_000);
      },
    } as unknown as MessageBatch;
    world.note(`${process.name} starts: ${JSON.stringify(sent.map(({ body }) => body))}`);
    this.#consumer.consume(process, batch).then(
      () => finish(true),
      () => finish(false),
    );
  }

  #again(message: Sent, ms: number): void {
    message.attempts++;
    if (message.attempts <= MAX_RETRIES) return this.#deliverAfter(message, ms);
    this.#held.delete(message);
    this.#consumer.deadLetters?.accept(message.body);
  }
}
