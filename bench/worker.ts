import andon from "../src/index.ts";
import { createJobQueue } from "../src/platform/job-queue.ts";
import { batchPorts } from "../src/wiring.ts";
import { consumeJobs } from "../src/queues/jobs.ts";

/**
 * Andon with a door for the bench: jobs that do nothing, made and queued by the hundred thousand. Everything else (gate,
 * claims, results, counts, Breaker, sweeps, API) is the product's own.
 */
export { Breaker, Campaign, Throttle } from "../src/index.ts";

const CAMPAIGNS = 10;
/** Rows of one statement. */
const FILL = 10_000;

/** What becomes of a message: `run` works on its job, `drop` only takes it, `pipeline` is the product unchanged. While they are held, batches wait. */
type Mode = "run" | "drop" | "pipeline";
const queues: { mode: Mode; held: boolean } = { mode: "pipeline", held: false };

const GATE_EPOCH = "(SELECT epoch FROM breaker_gate WHERE id = 1)";
const idOf = (n: string) => `printf('00000000-0000-7000-8000-%012x', ${n})`;

async function fill(db: D1Database, count: number): Promise<void> {
  const now = Date.now();
  await db.batch(
    Array.from({ length: CAMPAIGNS }, (_, n) => [
      db
        .prepare(
          `INSERT INTO campaigns (id, name, target_leads, search, message, refuse_catch_all, status, created_at, started_at)
           VALUES (${idOf("?1")}, 'Bench', 1, '{}', '{}', 0, 'RUNNING', ?2, ?2)`,
        )
        .bind(n, now),
      db
        .prepare(`INSERT INTO progress (campaign_id, pending, epoch) VALUES (${idOf("?1")}, ?2, ${GATE_EPOCH})`)
        .bind(n, Math.ceil((count - n) / CAMPAIGNS)),
    ]).flat(),
  );
  for (let from = 0; from < count; from += FILL)
    await db
      .prepare(
        `WITH RECURSIVE numbers (n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?2)
         INSERT INTO job_rows (id, campaign_id, type, status, priority, dispatch, queued_at, queued_epoch, created_at)
         SELECT ${idOf("n")}, ${idOf(`n % ${CAMPAIGNS}`)}, 'ENRICH_LEAD', 'PENDING', 0, 1, ?3 + 86400000, ${GATE_EPOCH}, ?3
         FROM numbers`,
      )
      .bind(from, Math.min(count, from + FILL), now)
      .run();
}

/** Queues the jobs from `from` on. */
async function send(env: Env, from: number, count: number): Promise<void> {
  const jobs = Array.from({ length: count }, (_, n) => ({
    jobId: `00000000-0000-7000-8000-${(from + n).toString(16).padStart(12, "0")}`,
    dispatch: 1,
    status: "PENDING" as const,
    type: "ENRICH_LEAD" as const,
    priority: 0,
  }));
  const unsent = await createJobQueue(env).send(jobs);
  if (unsent.length > 0) throw new Error(`${unsent.length} jobs could not be queued`);
}

async function progress(db: D1Database) {
  return db
    .prepare("SELECT sum(pending) AS pending, sum(paused) AS paused, sum(completed) AS completed FROM progress_now")
    .first();
}

async function control(request: Request, env: Env): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const number = (name: string) => Number(searchParams.get(name));
  switch (pathname) {
    case "/bench/mode":
      queues.mode = searchParams.get("mode") as Mode;
      return Response.json({});
    case "/bench/hold":
      queues.held = true;
      return Response.json({});
    case "/bench/release":
      queues.held = false;
      return Response.json({});
    case "/bench/fill":
      await fill(env.DB, number("count"));
      return Response.json({});
    case "/bench/send":
      await send(env, number("from"), number("count"));
      return Response.json({});
    case "/bench/progress":
      return Response.json(await progress(env.DB));
    case "/bench/clear":
      await env.DB.batch(
        ["job_rows", "leads", "progress", "campaigns"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
      );
      return Response.json({});
  }
  return new Response("no such path of the bench", { status: 404 });
}

export default {
  fetch: (request, env, context) =>
    new URL(request.url).pathname.startsWith("/bench/") ? control(request, env) : andon.fetch(request, env, context),

  async queue(batch, env) {
    if (queues.mode === "pipeline" || batch.queue !== "andon-lead-jobs") return andon.queue(batch, env);
    while (queues.held) await scheduler.wait(2);
    if (queues.mode === "drop") return batch.ackAll();
    return consumeJobs(batch, env, () => ({
      ...batchPorts(env),
      run: async () => ({ becomes: "COMPLETED", result: null }),
    }));
  },

  scheduled: andon.scheduled,
} satisfies ExportedHandler<Env>;
