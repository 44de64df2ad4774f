import { Breaker } from "../../durable-objects/breaker/breaker.ts";
import { Campaign } from "../../durable-objects/campaign/campaign.ts";
import { Throttle } from "../../durable-objects/throttle/throttle.ts";
import { createSweepStore } from "../../src/db/sweeps.ts";
import { createJobQueue } from "../../src/platform/job-queue.ts";
import { batchPorts } from "../../src/wiring.ts";
import { nothingHeld } from "../../src/operations/line/admissions.ts";
import { consumeAlerts } from "../../src/queues/alerts.ts";
import { consumeDeadLetters } from "../../src/queues/dead-letters.ts";
import { consumeJobs } from "../../src/queues/jobs.ts";
import { PROVIDERS } from "../../src/domain/fault.ts";
import { type ActorClass, SimulatedActor } from "./actors.ts";
import { Chance, type Happening } from "./chance.ts";
import { d1, emptyStorage, migrationScripts, Tables } from "./database.ts";
import { forgetIds } from "./ids.ts";
import { Invariants } from "./invariants.ts";
import { Listeners } from "./listeners.ts";
import { Operators } from "./operators.ts";
import { dispatchesIn, SimulatedQueue } from "./queues.ts";
import { enter } from "./runtime.ts";
import { Services } from "./services.ts";
import { GATE, WATCH } from "./watch.ts";
import { type Process, Violation, World } from "./world.ts";

const BREAKER_TABLES = ["breaker", "incidents", "followers", "sweeps", "duties", "announced"];
/** With all faults ended and the breaker closed, all work is finished this long after… */
const WORK_FINISHED_MS = 10 * 60_000;
/** …and all alerts are heard: one that was missed some times is not sent again for minutes. */
const ALERTS_HEARD_MS = 15 * 60_000;

const tables = new Tables(...migrationScripts(), WATCH);

export interface Outcome {
  violation: string | null;
  happened: Happening[];
  steps: number;
  calls: number;
  trace: string[];
}

/** Lives one history of a whole Andon: the product's own actors, consumers, operations and stores in a simulated world. */
export async function runHistory(
  seed: number,
  options: { without?: ReadonlySet<string>; trace?: boolean } = {},
): Promise<Outcome> {
  const chance = new Chance(seed, options.without);
  const world = new World(chance, options.trace ?? false);
  enter(world);
  forgetIds();
  tables.empty();
  tables.all(GATE);
  const andon = new Andon(world);
  let violation: string | null = null;
  try {
    await andon.live();
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    violation = error.message;
  }
  return { violation, happened: chance.happened, steps: world.steps, calls: andon.services.calls, trace: world.trace };
}

class Andon {
  readonly services: Services;
  readonly #world: World;
  readonly #invariants: Invariants;
  readonly #operators: Operators;
  readonly #listeners: Listeners;
  readonly #actors = new Map<string, SimulatedActor>();
  /** Consumers run in these, and share what they hold. */
  readonly #isolates = [nothingHeld(), nothingHeld()];
  readonly #rates: object;
  readonly #breakerTables = emptyStorage("Breaker");
  #breakerLives = false;
  #breakerWrites = 0;
  #epoch = 0;
  #epochReadAt = -1;
  /** The last sweep that was seen to have ended. */
  #sweepEnded = "";
  readonly #queues: Record<"LEAD_JOBS" | "CAMPAIGN_JOBS" | "ALERTS", SimulatedQueue>;

  constructor(world: World) {
    this.#world = world;
    this.#invariants = new Invariants(world, tables);
    // Slow ones keep attempts waiting for longer than a lease lasts.
    const rate = (name: string) => world.chance.pick(`rate of ${name}`, [0.1, 0.5, 5, 20, 20]);
    const single = Object.fromEntries(PROVIDERS.map((name) => [name, { perSecond: rate(name), atOnce: 8 }]));
    const reveal = { perMinute: rate("apollo's reveals") * 60, atOnce: 8 };
    this.#rates = { ...single, apollo: { search: single["apollo"], reveal } };
    this.services = new Services(world, tables, () => this.#invariants.lineStopped());
    const unwatched = { deadLetters: null, sending: () => undefined, returned: () => undefined };
    const deadLetters = new SimulatedQueue(world, "andon-dead-letters", {
      batchSize: 100,
      ...unwatched,
      consume: (process, batch) => {
        const env = this.env(process);
        return consumeDeadLetters(batch, env, {
          sweeps: createSweepStore(env.DB),
          queue: createJobQueue(env),
          now: Date.now,
        });
      },
    });
    const jobs = (name: string, batchSize: number) =>
      new SimulatedQueue(world, name, {
        batchSize,
        deadLetters,
        sending: (process, body) => dispatchesIn(body).forEach((each) => this.#invariants.sending(process, each)),
        returned: (process) => this.#invariants.returned(process),
        consume: (process, batch) => {
          const env = this.env(process);
          const held = world.chance.pick("which isolate", this.#isolates);
          return consumeJobs(batch, env, () => {
            const ports = batchPorts(env, this.services.seenBy(process), held);
            const onUnexpected: typeof ports.onUnexpected = (error, job) => {
              process.disturbed.add(job.id);
              ports.onUnexpected(error, job);
            };
            return { ...ports, onUnexpected };
          });
        },
      });
    this.#listeners = new Listeners(world, tables, this.#breakerTables);
    const alerts = new SimulatedQueue(world, "andon-alerts", {
      batchSize: 5,
      ...unwatched,
      consume: (process, batch) => {
        const env = this.env(process);
        return consumeAlerts(batch, env, this.#listeners.seenBy(process, env));
      },
    });
    this.#queues = {
      LEAD_JOBS: jobs("andon-lead-jobs", 10),
      CAMPAIGN_JOBS: jobs("andon-campaign-jobs", 5),
      ALERTS: alerts,
    };
    this.#operators = new Operators(world, tables, (process) => this.env(process), {
      services: this.services,
      invariants: this.#invariants,
      listeners: this.#listeners,
    });
  }

  /** The bindings, as one process holds them: with its death they fall silent. */
  env(process: Process): Env {
    const namespace = (binding: string, make: ActorClass) => ({
      getByName: (name: string) => this.#actor(`${binding} ${name}`, make).stub(process),
    });
    return {
      DB: d1(this.#world, tables, process, (writer) => this.#invariants.committed(writer)),
      BREAKER: namespace("Breaker", Breaker as unknown as ActorClass),
      CAMPAIGN: namespace("Campaign", Campaign as unknown as ActorClass),
      THROTTLE: namespace("Throttle", Throttle as unknown as ActorClass),
      LEAD_JOBS: this.#queues.LEAD_JOBS.producer(process),
      CAMPAIGN_JOBS: this.#queues.CAMPAIGN_JOBS.producer(process),
      ALERTS: this.#queues.ALERTS.producer(process),
      PROVIDER_RATES: this.#rates,
      CONSOLE_ORIGIN: "",
      PROVIDER_TIMEOUT_MS: Object.fromEntries(PROVIDERS.map((name) => [name, 10_000])),
    } as unknown as Env;
  }

  #actor(name: string, make: ActorClass): SimulatedActor {
    const known = this.#actors.get(name);
    if (known) return known;
    const isBreaker = name.startsWith("Breaker");
    const actor = new SimulatedActor(
      this.#world,
      name,
      (process, ctx) => {
        const instance = new make(ctx, this.env(process));
        this.#breakerLives ||= isBreaker;
        return instance;
      },
      isBreaker ? this.#breakerTables : name.startsWith("Throttle") ? emptyStorage(name) : null,
    );
    if (isBreaker) actor.onEvent = (method, answer) => this.#breakerMoved(method, answer);
    this.#actors.set(name, actor);
    return actor;
  }

  #breakerMoved(method: string, answer: unknown): void {
    const { writes } = this.#breakerTables;
    if (writes !== this.#epochReadAt) {
      this.#epochReadAt = writes;
      this.#epoch = Number(this.#breakerTables.all("SELECT epoch FROM breaker")[0]?.["epoch"]);
    }
    this.#invariants.breakerMoved(this.#epoch, method, answer);
  }

  async live(): Promise<void> {
    const world = this.#world;
    const { chance } = world;
    const length = chance.between("length", 20, 150) * 1_000;
    this.#operators.begin(world.now + length);
    await world.run(
      () => this.#operators.wentHome,
      world.now + length,
      () => this.#afterStep(),
    );
    chance.calm = true;
    for (const provider of PROVIDERS) this.services.broken.delete(provider);
    this.#operators.finish();
    const calmAt = world.now;
    const within = (ms: number, done: () => boolean) => world.run(done, calmAt + ms, () => this.#afterStep());
    const finished =
      (await within(WORK_FINISHED_MS, () => this.#operators.workFinished)) &&
      (await within(ALERTS_HEARD_MS, () => this.#listeners.unheard() === ""));
    if (!finished) world.violated(`1: not finished: ${this.#unfinished()}`);
    this.#operators.checkTheEnd();
    if (world.violation) throw world.violation;
  }

  #afterStep(): void {
    const world = this.#world;
    if (world.processes.size > 0 && world.chance.strikes("a process dies", 0.002))
      world.kill(world.chance.pick("who dies", [...world.processes]));
    this.#sweepsEnded();
  }

  /** Once for every sweep that ends: whether it did all that it had to. */
  #sweepsEnded(): void {
    const { writes } = this.#breakerTables;
    if (!this.#breakerLives || writes === this.#breakerWrites) return;
    this.#breakerWrites = writes;
    const [row] = this.#breakerTables.all(
      "SELECT kind || ' ' || epoch AS ended FROM sweeps WHERE state = 'done' AND epoch = (SELECT epoch FROM breaker)",
    );
    const ended = String(row?.["ended"] ?? "");
    if (ended === this.#sweepEnded) return;
    this.#sweepEnded = ended;
    if (ended.startsWith("pause")) this.#invariants.paused();
    if (ended.startsWith("resume")) this.#invariants.resumed();
  }

  #unfinished(): string {
    const jobs = tables.all(
      `SELECT id || ' ' || type || ' ' || status || ' dispatch ' || dispatch AS text FROM jobs WHERE finished_at IS NULL`,
    );
    const campaigns = tables.all("SELECT id || ' ' || status AS text FROM campaigns WHERE status = 'RUNNING'");
    const breaker = BREAKER_TABLES.slice(3).map((name) =>
      JSON.stringify(this.#breakerTables.all(`SELECT * FROM ${name}`).at(-1)),
    );
    return (
      [...jobs, ...campaigns, { text: this.#listeners.unheard() }].map(({ text }) => String(text)).join("; ") +
      ` | ${breaker.join(" ")}`
    );
  }
}
