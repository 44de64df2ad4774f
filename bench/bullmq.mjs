// BullMQ on a Redis of its own, doing the same work: a job claimed and finished, a stop flag consulted, progress counted.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../scripts/local.mjs";
import { CAMPAIGNS, until, versionOf } from "./common.mjs";

const QUEUE = "bench";
const CONCURRENCY = 100;

/** @returns null when there is no redis-server, or BullMQ is not installed */
export async function startBullmq() {
  const found = spawnSync("redis-server", ["--version"], { encoding: "utf8" });
  const modules = await Promise.all([import("bullmq"), import("ioredis")]).catch(() => null);
  if (found.error || !modules) return null;
  const [{ Queue, Worker }, { Redis }] = modules;
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "andon-bench-redis-"));
  const words = ["--port", String(port), "--dir", folder, "--appendonly", "yes", "--appendfsync", "everysec"];
  const server = spawn("redis-server", [...words, "--save", ""], { stdio: "ignore" });
  const connection = { port, maxRetriesPerRequest: null, enableAutoPipelining: true };
  await until(() => answers(port));
  const redis = new Redis(connection);
  const queue = new Queue(QUEUE, { connection });
  await queue.waitUntilReady();

  async function add(jobs) {
    await redis.flushall();
    for (let from = 0; from < jobs; from += 1_000)
      await queue.addBulk(
        Array.from({ length: Math.min(1_000, jobs - from) }, (_, n) => ({
          name: "job",
          data: { campaign: (from + n) % CAMPAIGNS },
        })),
      );
  }

  const work = (started) =>
    new Worker(
      QUEUE,
      async (job) => {
        started();
        if (await redis.get("stopped")) throw new Error("stopped");
        await redis.hincrby("progress", job.data.campaign, 1);
      },
      { connection, concurrency: CONCURRENCY },
    );

  return {
    name: "BullMQ",
    version: `bullmq ${versionOf("bullmq")}, redis ${/v=([\d.]+)/.exec(found.stdout)?.[1]}, AOF everysec, concurrency ${CONCURRENCY}`,
    async jobsASecond(jobs) {
      await add(jobs);
      const begunAt = performance.now();
      const worker = work(() => {});
      await until(async () => (await queue.getCompletedCount()) === jobs);
      const seconds = (performance.now() - begunAt) / 1_000;
      const counts = Object.values(await redis.hgetall("progress")).map(Number);
      if (counts.reduce((sum, count) => sum + count, 0) !== jobs) throw new Error("BullMQ: the counts are wrong.");
      await worker.close();
      return jobs / seconds;
    },
    /** Handlers that began after `pause()` had said that it is done. */
    async startsAfterPause(jobs) {
      await add(jobs);
      let [started, after, paused] = [0, 0, false];
      const worker = work(() => (started++, paused && after++));
      await until(() => started > jobs / 4, 1);
      await queue.pause();
      paused = true;
      await new Promise((wake) => setTimeout(wake, 500));
      await worker.close(true);
      await queue.resume();
      return after;
    },
    async stop() {
      await queue.close();
      redis.disconnect();
      const gone = new Promise((done) => server.once("exit", done));
      server.kill("SIGKILL");
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const answers = (port) =>
  new Promise((told) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => told(true)).once("error", () => told(false));
    socket.once("close", () => socket.destroy());
    socket.once("connect", () => socket.end());
  });
