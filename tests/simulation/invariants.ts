import type { Dispatch } from "../../src/domain/job.ts";
import type { BreakerState as State } from "../../src/domain/breaker.ts";
import type { Tables } from "./database.ts";
import { Patience, Spending } from "./patience.ts";
import type { Change } from "./watch.ts";
import type { Process, World } from "./world.ts";

/** A stop changes no row: what a row's change shows is what the job was and became beside it. */
const LEGAL = new Set([
  "PENDING>PENDING",
  "PENDING>RUNNING",
  "RUNNING>PENDING",
  "RUNNING>COMPLETED",
  "RUNNING>FAILED",
  "PAUSED>PENDING",
  // An attempt from before a stop ends after it.
  "PAUSED>COMPLETED",
  "PAUSED>FAILED",
  // While a resume runs, all that is queued again waits its turn in it.
  "PENDING>PAUSED",
  "RUNNING>PAUSED",
  "FAILED>PAUSED",
  ...["PENDING", "RUNNING", "PAUSED"].map((status) => `${status}>CANCELLED`),
  // A message that could not be sent; a retry by hand.
  "PENDING>FAILED",
  "FAILED>PENDING",
]);
const STAGES = ["reserved", "dropped", "found", "verified", "researched", "written", "pushed"];
const LEASE_MS = 60_000;

interface Gate {
  state: string;
  epoch: number;
  reason: string | null;
}

/** Whether what is made or queued waits for a resume. */
const holdsBack = (gate: Gate) => gate.state === "open" || gate.reason !== null;

/** Looks at every commit and every event of the Breaker, and tells the world of the first thing that must not be. */
export class Invariants {
  readonly #world: World;
  readonly #tables: Tables;
  readonly #patience: Patience;
  readonly #spending: Spending;
  /** Who claimed a job's dispatch. */
  readonly #claimants = new Map<string, Process>();
  /** Jobs that a close has queued again and that have not gone on since, with the close's epoch. */
  readonly #resumed = new Set<string>();
  readonly #deleted = new Set<string>();
  #epoch = 0;
  /** The writes that have been looked at. */
  #looked = -1;
  /** The epoch under which somebody was told that the breaker is open. */
  #toldOpen = -1;
  /** Closes that operators have sent on their way and that have not been seen to change anything yet. */
  closesAsked = 0;

  constructor(world: World, tables: Tables) {
    this.#world = world;
    this.#tables = tables;
    this.#patience = new Patience(world, tables);
    this.#spending = new Spending(world);
  }

  lineStopped(): boolean {
    return this.#toldOpen === this.#epoch;
  }

  /** The Breaker's own state after one of its events, and what it answered. */
  breakerMoved(epoch: number, method: string, answer: unknown): void {
    // Each even epoch on the way was a close.
    if (this.closesAsked < Math.floor(epoch / 2) - Math.floor(this.#epoch / 2))
      this.#world.violated(`3: the breaker closed at epoch ${epoch}, and no operator asked for it`);
    if (epoch < this.#epoch) this.#world.violated(`3: the breaker's epoch falls from ${this.#epoch} to ${epoch}`);
    if (epoch !== this.#epoch) this.#world.note(`the breaker's epoch is ${epoch}`);
    this.#epoch = epoch;
    const told = method === "trip" ? (answer as State) : (answer as { breaker?: State } | undefined)?.breaker;
    if (told?.state !== "open") return;
    if (told.epoch === epoch) this.#toldOpen = epoch;
    const { reason } = told.incident;
    if (reason.source === "platform") this.#world.violated(`storage: D1 is only away: ${reason.message}`);
  }

  /** The pause of this open epoch has ended: nothing that it should have paused runs or waits. */
  paused(): void {
    const [row] = this.#tables.all("SELECT id FROM jobs WHERE status IN ('PENDING', 'RUNNING') LIMIT 1");
    if (row) this.#world.violated(`5: ${String(row["id"])} is not paused, and the pause has ended`);
    const [silent] = this.#tables.all("SELECT id FROM jobs WHERE status = 'PAUSED' AND pause_reason IS NULL LIMIT 1");
    if (silent) this.#world.violated(`1: ${String(silent["id"])} is paused and does not say why`);
  }

  /** The resume of this closed epoch has ended. */
  resumed(): void {
    const [row] = this.#tables.all("SELECT count(*) AS n, min(id) AS id FROM jobs WHERE status = 'PAUSED'");
    if (Number(row?.["n"]) > 0)
      this.#world.violated(`4: ${String(row?.["id"])} is still paused, and the resume has ended`);
  }

  committed(writer: Process): void {
    if (this.#tables.writes === this.#looked) return;
    this.#looked = this.#tables.writes;
    const changes = this.#tables.all("SELECT * FROM changes") as unknown as Change[];
    if (changes.length === 0) return;
    this.#tables.all("DELETE FROM changes");
    const [gate] = this.#tables.all("SELECT state, epoch, reason FROM breaker_gate") as unknown as Gate[];
    for (const change of changes) {
      this.#world.note(
        `${writer.name}: ${change.kind} ${change.id} ${change.was} → ${change.becomes || "deleted"}${change.dispatch ? ` (dispatch ${change.dispatch})` : ""}`,
      );
      if (change.kind === "job") this.#jobChanged(writer, change, gate as Gate);
      else if (change.kind === "lead") this.#leadChanged(writer, change);
      else if (change.kind === "made") this.#jobMade(change, gate as Gate);
      else if (change.kind === "gate") this.#gateChanged(change);
      else if (change.kind === "campaign") this.#campaignChanged(change);
      else this.#jobDeleted(change);
    }
    this.#countsMatch();
  }

  #jobChanged(writer: Process, change: Change, gate: Gate): void {
    const { id, was, becomes, dispatch_was: before, dispatch, lease_was: lease } = change;
    const world = this.#world;
    const step = `${was}>${becomes}`;
    const mine = writer.claims.get(id) === before;
    if (!LEGAL.has(step)) world.violated(`1: job ${id} goes from ${was} to ${becomes}`);
    if (dispatch !== before + Number(becomes === "PENDING" || step === "FAILED>PAUSED"))
      world.violated(`6: job ${id} goes ${step} with dispatch ${before} → ${dispatch}`);
    if (becomes === "PAUSED" && !holdsBack(gate)) world.violated(`1: job ${id} is paused without a stop or a resume`);
    if ((becomes === "RUNNING" || becomes === "PENDING") && was !== "PENDING" && gate.state !== "closed")
      world.violated(`5: job ${id} goes ${step} while the gate shows a stop`);
    if (becomes === "PENDING" && holdsBack(gate) && !writer.name.startsWith("Breaker"))
      world.violated(`pace: job ${id} goes ${step} by ${writer.name}, past the resume that runs`);
    if (isConsumer(writer) && (was === "RUNNING" || was === "PAUSED") && !mine)
      world.violated(`6: ${writer.name} changes job ${id} (${step}) under a dispatch that is over`);
    this.#patience.check(writer, id, step);
    this.#spending.check(change, mine);
    if (step === "PENDING>RUNNING") {
      if (gate.state !== "closed") world.violated(`5: job ${id} begins while the gate shows a stop`);
      if (!writer.named.has(`${id} ${dispatch}`))
        world.violated(`6: ${writer.name} claims job ${id} under dispatch ${dispatch}, which no message of it names`);
      writer.claims.set(id, dispatch);
      this.#claimants.set(id, writer);
    }
    if (was !== "PAUSED") this.#resumed.delete(`${id} ${gate.epoch}`);
    if (step === "PAUSED>PENDING") {
      if (this.#resumed.has(`${id} ${gate.epoch}`)) world.violated(`4: job ${id} is queued again twice by one close`);
      this.#resumed.add(`${id} ${gate.epoch}`);
    }
    if (becomes === "PENDING" && (was === "PAUSED" || (was === "RUNNING" && !mine))) this.#lostItsAttempt(id, lease);
  }

  #jobMade({ id, becomes }: Change, gate: Gate): void {
    if (becomes !== (holdsBack(gate) ? "PAUSED" : "PENDING"))
      this.#world.violated(`4: job ${id} is made ${becomes} while the gate is ${gate.state} (${gate.reason})`);
  }

  /** With the gate's one row everything is paused; after a close it is the resume that lets jobs go. */
  #gateChanged({ becomes }: Change): void {
    const [row] = this.#tables.all("SELECT id FROM jobs WHERE status IN ('PENDING', 'RUNNING') LIMIT 1");
    if (row) this.#world.violated(`5: the gate is ${becomes} and job ${String(row["id"])} is not paused`);
  }

  #jobDeleted({ id, was }: Change): void {
    this.#deleted.add(id);
    if (["PENDING", "RUNNING", "PAUSED"].includes(was)) this.#world.violated(`1: ${id} is deleted while ${was}`);
  }

  /** The row is the truth, and stands before any message tells of it. */
  sending(sender: Process, { jobId, dispatch }: Dispatch): void {
    if (!sender.alive || this.#deleted.has(jobId)) return;
    const [row] = this.#tables.all("SELECT dispatch FROM jobs WHERE id = ?1", [jobId]);
    if (!row || Number(row["dispatch"]) < dispatch)
      this.#world.violated(`1: ${sender.name} sends dispatch ${dispatch} of job ${jobId} before its row says so`);
  }

  /** A live attempt that could renew its lease keeps its job; a paused one lets go of its lease when it ends. */
  #lostItsAttempt(id: string, lease: number | null): void {
    const claimant = this.#claimants.get(id);
    if (lease !== null && lease >= this.#world.now)
      this.#world.violated(`lease: job ${id} is given away before its lease ran out`);
    const lives = claimant?.alive && !claimant.disturbed.has(id);
    if (lease !== null && lives && this.#world.now - claimant.disturbedAt > LEASE_MS)
      this.#world.violated(`lease: job ${id} is taken from ${claimant.name}, which lives`);
  }

  #leadChanged(writer: Process, { id, was, becomes, reason: outcome }: Change): void {
    if (STAGES.indexOf(becomes) < STAGES.indexOf(was))
      this.#world.violated(`7: lead ${id} goes back from ${was} to ${becomes}`);
    if (!isConsumer(writer)) return;
    const [job] = this.#tables.all("SELECT id, dispatch, status, attempts FROM jobs WHERE lead_id = ?1", [id]) as {
      id: string;
      dispatch: number;
      status: string;
      attempts: number;
    }[];
    if (!job || was === "reserved") return;
    // Its search may have learnt that the sender has it elsewhere, before anybody began with it.
    if (outcome === "rejected" && was === "found" && becomes === "found" && job.attempts === 0) return;
    if (job.status !== "RUNNING") writer.told.add(job.id);
    const claimed = writer.claims.get(job.id);
    // The end of the attempt may have been written together with the result, and have given the job a new dispatch.
    if (claimed !== job.dispatch && claimed !== job.dispatch - 1)
      this.#world.violated(
        `6: ${writer.name} writes lead ${id} (${becomes}, ${outcome}) under dispatch ${claimed}, and ${job.dispatch} has the job`,
      );
  }

  #campaignChanged({ id, becomes }: Change): void {
    if (becomes !== "COMPLETED" && becomes !== "FAILED") return;
    const [open] = this.#tables.all("SELECT id FROM jobs WHERE campaign_id = ?1 AND finished_at IS NULL LIMIT 1", [id]);
    if (open) this.#world.violated(`8: campaign ${id} ends while its job ${String(open["id"])} is unfinished`);
  }

  /** A consumer has returned: it holds no lease any more, unless the platform kept it from giving one back. */
  returned(process: Process): void {
    if (this.#world.now - process.disturbedAt < LEASE_MS) return;
    for (const [id, dispatch] of process.claims) {
      const [held] = this.#tables.all(
        "SELECT status FROM jobs WHERE id = ?1 AND dispatch = ?2 AND lease_until IS NOT NULL",
        [id, dispatch],
      );
      if (held)
        this.#world.violated(
          `lease: ${process.name} has returned and still holds job ${id}, which is ${String(held["status"])}`,
        );
    }
  }

  #countsMatch(): void {
    const [wrong] = this.#tables.all(`SELECT progress.campaign_id AS id FROM progress_now AS progress LEFT JOIN (
        SELECT campaign_id, sum(status = 'PENDING') AS a, sum(status = 'RUNNING') AS b, sum(status = 'PAUSED') AS c,
          sum(status = 'COMPLETED') AS d, sum(status = 'FAILED') AS e, sum(status = 'CANCELLED') AS f FROM jobs GROUP BY campaign_id) AS rows
      ON rows.campaign_id = progress.campaign_id
      WHERE (pending, running, paused, completed, failed, cancelled) IS NOT
        (coalesce(a, 0), coalesce(b, 0), coalesce(c, 0), coalesce(d, 0), coalesce(e, 0), coalesce(f, 0)) LIMIT 1`);
    if (wrong) this.#world.violated(`1: the counts of campaign ${String(wrong["id"])} differ from its jobs`);
    const [uncounted] = this.#tables.all(`SELECT campaign_id AS id FROM progress LEFT JOIN (
        SELECT campaign_id AS of, sum(stage IN ('found', 'verified', 'researched', 'written', 'pushed')) AS a,
          sum(verification ->> 'verdict' = 'ok') AS b, sum(outcome = 'rejected' AND stage <> 'dropped') AS c,
          sum(research IS NOT NULL) AS d, sum(copy IS NOT NULL) AS e, sum(push IS NOT NULL) AS f, sum(outcome = 'failed') AS g
        FROM leads WHERE email IS NOT NULL GROUP BY campaign_id) AS rows ON rows.of = campaign_id
      WHERE (leads_found, leads_verified, leads_rejected, leads_researched, leads_written, leads_pushed, leads_failed) IS NOT
        (coalesce(a, 0), coalesce(b, 0), coalesce(c, 0), coalesce(d, 0), coalesce(e, 0), coalesce(f, 0), coalesce(g, 0)) LIMIT 1`);
    if (uncounted) this.#world.violated(`1: the counts of campaign ${String(uncounted["id"])} differ from its leads`);
  }
}

const isConsumer = (writer: Process) =>
  writer.name.startsWith("consumer of andon-") && !writer.name.includes("dead-letters");
