import { v7 as uuidv7 } from "./ids.ts";
import { createCampaignStore } from "../../src/db/campaigns.ts";
import { createJobStore } from "../../src/db/jobs.ts";
import { createLists, type Lists } from "../../src/db/lists.ts";
import { FAILING_AFTER, failureKind } from "../../src/domain/failing.ts";
import { PROVIDERS } from "../../src/domain/fault.ts";
import { askForCleanUp, type CleanUpPorts } from "../../src/operations/campaign/ask-for-clean-up.ts";
import { type CancelPorts, cancelJob } from "../../src/operations/job/cancel.ts";
import { retryJob, retryJobs, type RetryPorts } from "../../src/operations/job/retry.ts";
import { createBreakerActor, createCampaignActors } from "../../src/platform/actors.ts";
import { createJobQueue } from "../../src/platform/job-queue.ts";
import type { Tables } from "./database.ts";
import type { Invariants } from "./invariants.ts";
import type { Listeners } from "./listeners.ts";
import { NOT_KNOWN, type Services } from "./services.ts";
import type { Process, World } from "./world.ts";

/** How often each of them may do something. */
const TURN_MS = 2_000;
const CRON_MS = 60_000;

/** People at the desk, the weather at the services, and the clock of the cron trigger. */
export class Operators {
  workFinished = false;
  /** Set some time after everything has finished: more of such a history would show nothing new. */
  wentHome = false;
  #requests = 0;
  readonly #world: World;
  readonly #tables: Tables;
  readonly #env: (process: Process) => Env;
  readonly #services: Services;
  readonly #invariants: Invariants;
  readonly #listeners: Listeners;

  constructor(
    world: World,
    tables: Tables,
    env: (process: Process) => Env,
    { services, invariants, listeners }: { services: Services; invariants: Invariants; listeners: Listeners },
  ) {
    this.#world = world;
    this.#tables = tables;
    this.#env = env;
    this.#services = services;
    this.#invariants = invariants;
    this.#listeners = listeners;
  }

  begin(until: number): void {
    const { chance } = this.#world;
    this.#listeners.begin();
    const campaigns = chance.pick("campaigns", [1, 1, 2, 2, 2]);
    for (let n = 0; n < campaigns; n++)
      this.#createCampaign(n, chance.between("start", 0, n === 0 ? 10 : Math.min(60_000, until - this.#world.now)));
    const turn = () => {
      if (this.#world.now >= until) return;
      this.wentHome ||= this.#nothingUnfinished() && chance.number("whether they go home") < 0.2;
      this.#turn();
      this.#world.after(TURN_MS, turn);
    };
    this.#world.after(TURN_MS, turn);
    const cron = () => {
      if (!chance.strikes("the cron trigger is skipped", 0.3)) void this.#by("cron", (ports) => ports.breaker.heal());
      this.#world.after(CRON_MS, cron);
    };
    this.#world.after(CRON_MS, cron);
  }

  /** Closes what is open, again and again, until nothing is left to do. */
  finish(): void {
    const look = async () => {
      await this.#by("the last operator", async (ports) => {
        const { breaker, sweep } = await ports.breaker.status();
        if (breaker.state === "open") return this.#close(ports);
        // Another's request may still be on its way, and bring new work.
        const alone = this.#requests === 1;
        this.workFinished = alone && sweep?.state !== "running" && this.#nothingUnfinished();
      });
      if (!this.workFinished) this.#world.after(TURN_MS, () => void look());
    };
    // A campaign that could not be started while the line was stopped is started now.
    for (const { id } of this.#tables.all("SELECT id FROM campaigns WHERE status = 'CREATED'")) this.#start(String(id));
    void look();
  }

  checkTheEnd(): void {
    const violated = (text: string) => this.#world.violated(text);
    for (const row of this.#tables.all(`SELECT leads.id, leads.email, leads.stage, leads.outcome, jobs.status FROM leads
        LEFT JOIN jobs ON jobs.lead_id = leads.id`)) {
      const { id, email, stage, outcome, status } = row as Record<string, string>;
      const pushes = this.#services.pushesOf(email ?? "");
      if (outcome === "open" && stage !== "reserved") violated(`1: lead ${id} is open and its job ${status}`);
      if (pushes > 0 && stage !== "pushed" && outcome === "open")
        violated(`7: ${email} was pushed, and its lead is ${stage}`);
      if (stage === "pushed" && pushes !== 1)
        violated(`7: lead ${id} is pushed, and the sender has ${email} ${pushes} times`);
    }
    for (const row of this.#tables.all(`SELECT id, status, target_leads AS target, leads_found AS found FROM campaigns
        JOIN progress ON progress.campaign_id = campaigns.id WHERE status IN ('COMPLETED', 'FAILED')`)) {
      const { id, target, found } = row as { id: string; target: number; found: number };
      if (found > target) violated(`1: campaign ${id} found ${found} of ${target}`);
    }
  }

  #turn(): void {
    const { chance } = this.#world;
    if (chance.strikes("an operator opens", 0.03))
      void this.#by("an operator", (ports) => ports.breaker.stop("operator", "by hand"));
    if (chance.strikes("an operator closes", 0.15)) void this.#by("an operator", (ports) => this.#close(ports));
    if (chance.strikes("an operator closes at the same time", 0.03)) {
      void this.#by("an operator", (ports) => this.#close(ports));
      void this.#by("another operator", (ports) => this.#close(ports));
    }
    if (chance.strikes("an operator changes the pace", 0.1)) {
      const pace = chance.between("another pace", 0, 4);
      void this.#by("an operator", (ports) => ports.breaker.setPace("operator", pace === 0 ? null : pace));
    }
    if (chance.strikes("an operator cancels", 0.04)) {
      const job = this.#anyJob("finished_at IS NULL");
      if (job) void this.#by("an operator", (ports) => this.#cancel(ports, job));
    }
    if (chance.strikes("an operator retries", 0.1)) {
      const job = this.#anyJob("status = 'FAILED'");
      if (job) void this.#by("an operator", (ports) => retryJob(ports, job.id, "operator"));
    }
    if (chance.strikes("an operator retries all", 0.03))
      void this.#by("an operator", (ports) => retryJobs(ports, {}, "operator"));
    if (chance.strikes("an operator cleans up", 0.03)) {
      const job = this.#anyJob("1");
      if (job) void this.#by("an operator", (ports) => askForCleanUp(ports, job.campaignId, 0));
    }
    if (chance.strikes("a service breaks", 0.04)) {
      const provider = chance.pick("which service", PROVIDERS);
      this.#services.broken.add(provider);
      this.#world.after(chance.between("how long", 1_000, 30_000), () => this.#services.broken.delete(provider));
    }
    if (chance.strikes("everything dies", 0.01)) for (const process of this.#world.processes) this.#world.kill(process);
  }

  async #cancel(ports: CancelPorts, job: { id: string; campaignId: string }): Promise<void> {
    const [lead] = this.#tables.all("SELECT email FROM jobs JOIN leads ON leads.id = lead_id WHERE jobs.id = ?1", [
      job.id,
    ]);
    if (await cancelJob(ports, job, "operator"))
      this.#services.withdrawn(job.id, lead?.["email"] === undefined ? null : String(lead["email"]));
  }

  #createCampaign(n: number, startAfterMs: number): void {
    const { chance } = this.#world;
    // Mostly few leads, which are quick; sometimes enough of them to keep a batch for longer than a lease.
    const size = chance.pick("size", [3, 4, 5, 12]);
    const first = chance.between("first person", 0, 8);
    const search = { person_titles: [String(first), String(first + chance.between("people", 2, size + 2))] };
    const id = uuidv7();
    this.#tables.all(
      `INSERT INTO campaigns (id, name, target_leads, search, message, refuse_catch_all, status, created_at)
       VALUES (?1, ?2, ?3, ?4, ?5, 0, 'CREATED', ?6)`,
      [
        id,
        `Campaign ${n}`,
        chance.between("target", 1, size),
        JSON.stringify(search),
        JSON.stringify({ sender_name: "Us", offer: "an offer" }),
        this.#world.now,
      ],
    );
    // As if so many leads had failed before: campaigns are too small here for a whole streak.
    const failed = chance.pick("leads that failed before", [0, 0, FAILING_AFTER - 2, FAILING_AFTER - 1]);
    const reason = failed === 0 ? null : failureKind(`perplexity refused it: ${NOT_KNOWN}`);
    this.#tables.all(
      "INSERT INTO progress (campaign_id, failing_reason, failing_count, failing_since) VALUES (?1, ?2, ?3, ?4)",
      [id, reason, failed, reason && this.#world.now],
    );
    this.#world.after(startAfterMs, () => this.#start(id));
  }

  #start(id: string): void {
    void this.#by("an operator", async (ports) => {
      for (;;) {
        const answer = await createCampaignActors(ports.env).start(id);
        if (answer.outcome !== "breaker_open") return;
        await this.#world.wait(TURN_MS);
      }
    });
  }

  async #close(ports: { breaker: ReturnType<typeof createBreakerActor> }): Promise<void> {
    this.#invariants.closesAsked++;
    const { chance } = this.#world;
    const pace = chance.strikes("an operator closes gently", 0.4) ? chance.between("pace", 1, 4) : null;
    await ports.breaker.close("operator", null, pace);
  }

  /** A request: a process of its own, which the platform may fail, and which may die. */
  async #by(
    name: string,
    act: (
      ports: CancelPorts &
        RetryPorts &
        CleanUpPorts & { env: Env; lists: Lists; breaker: ReturnType<typeof createBreakerActor> },
    ) => Promise<unknown>,
  ): Promise<void> {
    const process = this.#world.start(name);
    this.#requests++;
    const env = this.#env(process);
    const ended = new Promise<void>((resolve) => process.onKill.push(resolve));
    const ports = {
      env,
      jobs: createJobStore(env.DB),
      lists: createLists(env.DB),
      campaigns: createCampaignStore(env.DB),
      campaignActors: createCampaignActors(env),
      breaker: createBreakerActor(env),
      queue: createJobQueue(env),
      now: Date.now,
      newId: uuidv7,
    };
    const acting = act(ports).catch((error: unknown) => this.#world.note(`${name} is told: ${String(error)}`));
    await Promise.race([acting, ended]);
    this.#requests--;
    this.#world.end(process);
  }

  #anyJob(where: string): { id: string; campaignId: string } | null {
    const jobs = this.#tables.all(`SELECT id, campaign_id AS campaignId FROM jobs WHERE ${where} ORDER BY id`);
    return jobs.length === 0
      ? null
      : (this.#world.chance.pick("which job", jobs) as { id: string; campaignId: string });
  }

  #nothingUnfinished(): boolean {
    const [row] = this.#tables.all(`SELECT (SELECT count(*) FROM jobs WHERE finished_at IS NULL)
      + (SELECT count(*) FROM campaigns WHERE status IN ('RUNNING', 'CREATED')) AS n`);
    return Number(row?.["n"]) === 0;
  }
}
