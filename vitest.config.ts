import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { build } from "esbuild";
import { defineConfig } from "vitest/config";

// The sandbox runs as a Worker of its own, as in `npm start`; the test runtime takes such Workers only as JavaScript.
const SANDBOX = ".build/sandbox.js";
await build({
  entryPoints: ["sandbox/index.ts"],
  outfile: SANDBOX,
  bundle: true,
  format: "esm",
  target: "esnext",
  external: ["cloudflare:*", "node:*"],
  logLevel: "error",
});

const compatibility = { compatibilityDate: "2026-11-02", compatibilityFlags: ["nodejs_compat"] };

export default defineConfig({
  test: {
    silent: "passed-only",
    // The tests mostly wait for queues and alarms.
    maxWorkers: 4,
    projects: [
      {
        test: {
          // Beside the others, which mostly wait: its processes give way to them.
          name: "simulation",
          include: ["tests/simulation/**/*.test.ts"],
        },
      },
      {
        test: {
          name: "browser",
          include: ["tests/browser/**/*.test.ts"],
          globalSetup: ["tests/browser/instance.ts"],
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "node",
          isolate: false,
          include: [
            "tests/{domain,contract,operations,platform,providers,sandbox,rooms,mutations,deploy}/**/*.test.ts",
          ],
        },
      },
      {
        plugins: [
          cloudflareTest({
            main: "./src/index.ts",
            wrangler: { configPath: "./wrangler.toml", environment: "sandbox" },
            miniflare: {
              bindings: {
                MIGRATIONS: await readD1Migrations("migrations"),
                // Short enough for tests of time-outs, and no waiting for permits except where a test is about it.
                PROVIDER_TIMEOUT_MS: {
                  apollo: 1_500,
                  millionverifier: 1_500,
                  perplexity: 1_500,
                  openai: 1_500,
                  instantly: 1_500,
                },
              },
              serviceBindings: { SANDBOX: "andon-sandbox" },
              workers: [
                {
                  name: "andon-sandbox",
                  modules: true,
                  scriptPath: SANDBOX,
                  ...compatibility,
                  durableObjects: { WORLD: { className: "World", useSQLite: true } },
                },
              ],
            },
          }),
        ],
        test: {
          name: "workers",
          include: ["tests/workers/**/*.test.ts"],
          // A runtime of its own for each file would take longer to start than most files take; setup empties it instead.
          isolate: false,
          setupFiles: ["tests/workers/setup.ts"],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          deps: {
            optimizer: {
              ssr: {
                enabled: true,
                include: [
                  "hono",
                  "hono/body-limit",
                  "hono/factory",
                  "hono/http-exception",
                  "hono/method-not-allowed",
                  "hono/secure-headers",
                  "@hono/zod-openapi",
                  "zod",
                  "drizzle-orm",
                  "drizzle-orm/d1",
                  "drizzle-orm/sqlite-core",
                  "openai",
                  "@perplexity-ai/perplexity_ai",
                  "uuid",
                ],
              },
            },
          },
        },
      },
    ],
  },
});
