// pg-boss on a PostgreSQL of its own, doing the same work, in batches as its documents advise for speed.
import { spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../scripts/local.mjs";
import { CAMPAIGNS, until, versionOf } from "./common.mjs";

const QUEUE = "bench";
const BATCH = 100;
const WORKERS = 4;

/** @returns null when there is no PostgreSQL, or pg-boss is not installed */
export async function startPgBoss() {
  const bin = postgresFolder();
  const module = await import("pg-boss").catch(() => null);
  if (!bin || !module) return null;
  const { PgBoss } = module;
  const folder = mkdtempSync(join(tmpdir(), "andon-bench-postgres-"));
  const port = await freePort();
  const asPostgres = asOrdinaryUser(folder);
  const data = join(folder, "data");
  asPostgres(join(bin, "initdb"), ["-D", data, "-A", "trust", "-U", "postgres"]);
  const settings = `-p ${port} -k ${folder} -c shared_buffers=256MB -c max_wal_size=2GB`;
  asPostgres(join(bin, "pg_ctl"), ["-D", data, "-l", join(folder, "log"), "-w", "-o", settings, "start"]);
  const version = spawnSync(join(bin, "postgres"), ["--version"], { encoding: "utf8" }).stdout.trim();

  const boss = new PgBoss({ host: "127.0.0.1", port, user: "postgres", database: "postgres", max: 10 });
  boss.on("error", (error) => console.error(`pg-boss: ${error.message}`));
  await boss.start();
  const db = boss.getDb();
  await db.executeSql("CREATE TABLE stop (open boolean NOT NULL)");
  await db.executeSql("INSERT INTO stop VALUES (false)");
  await db.executeSql("CREATE TABLE progress (campaign int PRIMARY KEY, completed int NOT NULL)");

  async function add(jobs) {
    await boss.deleteQueue(QUEUE).catch(() => undefined);
    await boss.createQueue(QUEUE);
    await db.executeSql("DELETE FROM progress");
    await db.executeSql(`INSERT INTO progress SELECT n, 0 FROM generate_series(0, ${CAMPAIGNS - 1}) AS n`);
    for (let from = 0; from < jobs; from += 5_000)
      await boss.insert(
        QUEUE,
        Array.from({ length: Math.min(5_000, jobs - from) }, (_, n) => ({
          data: { campaign: (from + n) % CAMPAIGNS },
        })),
      );
  }

  async function workOn(jobs) {
    const { rows } = await db.executeSql("SELECT open FROM stop");
    if (rows[0].open) throw new Error("stopped");
    const counts = new Map();
    for (const { data } of jobs) counts.set(data.campaign, (counts.get(data.campaign) ?? 0) + 1);
    // In one order, so that no two of these wait for each other.
    const sorted = [...counts].toSorted(([a], [b]) => a - b);
    await db.executeSql(
      `UPDATE progress SET completed = completed + n FROM unnest($1::int[], $2::int[]) AS m (c, n) WHERE campaign = c`,
      [sorted.map(([campaign]) => campaign), sorted.map(([, n]) => n)],
    );
  }

  return {
    name: "pg-boss",
    version: `pg-boss ${versionOf("pg-boss")}, ${version}, ${WORKERS} workers with batches of ${BATCH}`,
    async jobsASecond(jobs) {
      await add(jobs);
      let done = 0;
      const begunAt = performance.now();
      await Promise.all(
        Array.from({ length: WORKERS }, async () => {
          while (done < jobs) {
            const batch = await boss.fetch(QUEUE, { batchSize: BATCH });
            if (batch.length === 0) break;
            await workOn(batch);
            await boss.complete(
              QUEUE,
              batch.map(({ id }) => id),
            );
            done += batch.length;
          }
        }),
      );
      const seconds = (performance.now() - begunAt) / 1_000;
      const { rows } = await db.executeSql("SELECT sum(completed)::int AS n FROM progress");
      if (rows[0].n !== jobs) throw new Error("pg-boss: the counts are wrong.");
      return jobs / seconds;
    },
    /** Jobs whose handler began after `offWork()` had said that it is done: it has no pause. */
    async startsAfterPause(jobs) {
      await add(jobs);
      let [started, after, paused] = [0, 0, false];
      for (let worker = 0; worker < WORKERS; worker++)
        await boss.work(QUEUE, { batchSize: BATCH, pollingIntervalSeconds: 0.5 }, async (batch) => {
          started += batch.length;
          if (paused) after += batch.length;
          await workOn(batch);
        });
      await until(() => started > 0, 1);
      await boss.offWork(QUEUE, { wait: false });
      paused = true;
      await new Promise((wake) => setTimeout(wake, 1_000));
      return after;
    },
    async stop() {
      await boss.stop({ graceful: false, timeout: 1_000 }).catch(() => undefined);
      asPostgres(join(bin, "pg_ctl"), ["-D", data, "-m", "immediate", "stop"]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Debian keeps PostgreSQL's programs outside the path. */
function postgresFolder() {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(root, version, "bin")).find((bin) => existsSync(join(bin, "initdb"))) ?? null;
}

/** PostgreSQL does not run as root. @returns what runs a program as somebody else then, and throws when it fails */
function asOrdinaryUser(folder) {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    const id = Number(spawnSync("id", ["-u", "postgres"], { encoding: "utf8" }).stdout);
    chownSync(folder, id, id);
  }
  return (program, words) => {
    const [command, args] = isRoot ? ["runuser", ["-u", "postgres", "--", program, ...words]] : [program, words];
    const { status, stderr } = spawnSync(command, args, {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "ignore", "pipe"],
    });
    if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
  };
}
