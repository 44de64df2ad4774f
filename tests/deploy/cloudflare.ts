import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";

export const ACCOUNT = "0123456789abcdef0123456789abcdef";
const DATABASE_ID = "11111111-1111-4111-8111-111111111111";

/** A call that Wrangler made: its method, and its path below the account. */
export interface Asked {
  method: string;
  path: string;
  body: string;
}

type Answer = { result: unknown } | { status: number; code: number; message: string };
const NOT_FOUND = (code: number) => ({ status: 404, code, message: "It is not there." });

/** A stand-in of Cloudflare's API, as far as a deploy asks for it: what is made there stays, and the database is a real one. */
export class Cloudflare {
  readonly asked: Asked[] = [];
  readonly queues: string[] = [];
  readonly secrets: string[] = [];
  readonly buckets: string[] = [];
  readonly database = new DatabaseSync(":memory:");
  hasDatabase = false;
  uploads = 0;
  /** Which calls are refused: the beginning of `METHOD /path`. */
  refuses: string | null = null;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this.#address();
  }

  #address = () => `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/client/v4`;

  stop = () => new Promise((resolve) => this.#server.close(resolve));

  /** What was asked for that changes something. */
  changes(): string[] {
    return this.asked.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "", "http://cloudflare");
    const path = url.pathname.replace(`/client/v4/accounts/${ACCOUNT}`, "");
    const asked = { method: request.method ?? "", path, body: Buffer.concat(chunks).toString("latin1") };
    this.asked.push(asked);
    if (path === "/client/v4/dump.sql") return void response.end("CREATE TABLE campaigns (id TEXT);\n");
    const answer = this.#answer(asked, url.searchParams);
    response.setHeader("content-type", "application/json");
    response.statusCode = "result" in answer ? 200 : answer.status;
    const errors = "result" in answer ? [] : [{ code: answer.code, message: answer.message }];
    const result = "result" in answer ? answer.result : null;
    response.end(JSON.stringify({ success: errors.length === 0, errors, messages: [], result }));
  }

  #answer({ method, path, body }: Asked, query: URLSearchParams): Answer {
    const what = `${method} ${path}`;
    if (this.refuses !== null && what.startsWith(this.refuses))
      return { status: 403, code: 10_000, message: "Not with this token." };
    if (!path.startsWith("/client/")) return this.#ofAccount(what, body, query);
    return { result: [{ account: { id: ACCOUNT, name: "Andon's tests" } }] };
  }

  #ofAccount(what: string, body: string, query: URLSearchParams): Answer {
    const database = { uuid: DATABASE_ID, name: "andon", version: "production", created_at: "2026-11-27T00:00:00Z" };
    const script = "/workers/scripts/andon";
    switch (what) {
      case "GET /d1/database":
        return { result: this.hasDatabase ? [database] : [] };
      case "POST /d1/database":
        this.hasDatabase = true;
        return { result: database };
      case "GET /d1/database/andon":
        return this.hasDatabase ? { result: database } : NOT_FOUND(7_404);
      case `POST /d1/database/${DATABASE_ID}/export`: {
        const result = { filename: "andon.sql", signed_url: `${this.#address()}/dump.sql` };
        return {
          result: { success: true, type: "export", at_bookmark: "b", status: "complete", messages: [], result },
        };
      }
      case `POST /d1/database/${DATABASE_ID}/query`:
        return this.#query(body);
      case "GET /r2/buckets":
        return { result: { buckets: this.buckets.map((name) => ({ name, creation_date: "2026-11-27T00:00:00Z" })) } };
      case "POST /r2/buckets":
        this.buckets.push((JSON.parse(body) as { name: string }).name);
        return { result: { name: this.buckets.at(-1) } };
      case "GET /queues": {
        const names = this.queues.filter((name) => [null, name].includes(query.get("name")));
        return { result: names.map(queueNamed) };
      }
      case "POST /queues":
        this.queues.push((JSON.parse(body) as { queue_name: string }).queue_name);
        return { result: queueNamed(this.queues.at(-1) ?? "") };
      case "GET /workers/services/andon":
        if (this.uploads === 0) return NOT_FOUND(10_090);
        return {
          result: { default_environment: { script: { tag: "t", tags: null, last_deployed_from: "wrangler" } } },
        };
      case `PUT ${script}`:
        this.uploads++;
        return { result: { id: "andon", etag: "e", deployment_id: "d", startup_time_ms: 10, has_preview: false } };
      case `POST ${script}/assets-upload-session`:
        return { result: { jwt: "jwt", buckets: [] } };
      case `GET ${script}/secrets`:
        if (this.uploads === 0) return NOT_FOUND(10_007);
        return { result: this.secrets.map((name) => ({ name, type: "secret_text" })) };
      case `GET ${script}/settings`:
        return { result: { bindings: [], migration_tag: null } };
      case `GET ${script}/deployments`:
        return { result: { deployments: [deployment("2"), deployment("1")] } };
      default:
        if (what.startsWith(`GET ${script}/versions/`)) return { result: version(what.split("/").at(-1) ?? "") };
        return { result: { enabled: true, subdomain: "tests", schedules: [], queue_id: "q" } };
    }
  }

  #query(body: string): Answer {
    const { sql } = JSON.parse(body) as { sql: string };
    try {
      if (!/^\s*SELECT/i.test(sql)) {
        this.database.exec(sql);
        return { result: [{ results: [], success: true, meta: {} }] };
      }
      return { result: [{ results: this.database.prepare(sql).all(), success: true, meta: {} }] };
    } catch (error) {
      return { status: 400, code: 7_500, message: (error as Error).message };
    }
  }
}

const queueNamed = (queue_name: string) => ({
  queue_id: `id-of-${queue_name}`,
  queue_name,
  producers: [],
  consumers: [],
  producers_total_count: 0,
  consumers_total_count: 0,
  settings: {},
});
const at = (n: string) => `2026-11-2${n}T00:00:00Z`;
const deployment = (n: string) => ({
  id: `deployment-${n}`,
  source: "wrangler",
  strategy: "percentage",
  author_email: "tests@andon.example",
  created_on: at(n),
  versions: [{ version_id: `version-${n}`, percentage: 100 }],
});
const version = (id: string) => ({
  id,
  number: 1,
  metadata: { created_on: at("1"), modified_on: at("1"), source: "wrangler", author_email: "tests@andon.example" },
  annotations: {},
  resources: { bindings: [], script: { handlers: ["fetch"] }, script_runtime: {} },
});
