import { env } from "cloudflare:workers";

/** What one invocation has used of what the platform lets it use. Sizes are bytes. */
export interface Usage {
  /** Each statement counts, also in a batch. */
  queries: number;
  /** Everything that is asked of anybody else. */
  subrequests: number;
  /** Calls that wait for an answer at the same time, of those that take a connection. */
  connections: number;
  largestParameter: number;
  mostParameters: number;
  largestStatement: number;
  /** Of one message, and of all messages of one send. */
  largestMessage: number;
  largestSend: number;
  mostMessages: number;
  /** Of D1, all statements of a batch together: what is held at a time. */
  largestAnswer: number;
}

/** Half of what Cloudflare documents for a paid Worker, D1 and Queues in November 2026; memory: an eighth of 128 MB. */
export const ROOM: Usage = {
  queries: 1_000 / 2,
  subrequests: 10_000 / 2,
  connections: 6,
  largestParameter: 2_000_000 / 2,
  mostParameters: 100 / 2,
  largestStatement: 100_000 / 2,
  largestMessage: 128_000 / 2,
  largestSend: 256_000 / 2,
  mostMessages: 100,
  largestAnswer: 16_000_000,
};

const nothing = (): Usage => ({
  queries: 0,
  subrequests: 0,
  connections: 0,
  largestParameter: 0,
  mostParameters: 0,
  largestStatement: 0,
  largestMessage: 0,
  largestSend: 0,
  mostMessages: 0,
  largestAnswer: 0,
});

const bytesOf = (value: unknown): number =>
  typeof value === "string" ? new TextEncoder().encode(value).length : JSON.stringify(value).length;

/** An object whose methods of these names are others, and which is the real one for all else. */
const instead = <Real extends object>(real: Real, methods: Record<string, unknown>): Real =>
  new Proxy(real, {
    get(target, name) {
      if (name in methods) return methods[name as string];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });

/** The bindings of one invocation, and what it uses by them. Messages to queues are counted and go nowhere. */
export function metered(bindings: Env = env): { env: Env; usage: Usage; begin: () => void } {
  const usage = nothing();
  let connected = 0;
  const most = (name: keyof Usage, value: number) => (usage[name] = Math.max(usage[name], value));
  const asked = async <Answer>(request: Promise<Answer>): Promise<Answer> => {
    usage.subrequests++;
    return request;
  };
  const connecting = async <Answer>(request: () => Promise<Answer>): Promise<Answer> => {
    most("connections", ++connected);
    try {
      return await asked(request());
    } finally {
      connected--;
    }
  };

  const real = new WeakMap<object, D1PreparedStatement>();
  const answered = <Answer>(answer: Answer): Answer => {
    most("largestAnswer", bytesOf(answer ?? null));
    return answer;
  };
  const ofStatement = (made: D1PreparedStatement): D1PreparedStatement => {
    const run =
      (name: "all" | "run" | "first" | "raw") =>
      async (...values: unknown[]) => {
        usage.queries++;
        return answered(await asked((made[name] as (...values: unknown[]) => Promise<unknown>)(...values)));
      };
    const bind = (...values: unknown[]) => {
      most("mostParameters", values.length);
      for (const value of values) most("largestParameter", bytesOf(value));
      return ofStatement(made.bind(...values));
    };
    const shown = instead(made, { bind, all: run("all"), run: run("run"), first: run("first"), raw: run("raw") });
    real.set(shown, made);
    return shown;
  };
  const DB = instead(bindings.DB, {
    prepare(sql: string) {
      most("largestStatement", bytesOf(sql));
      return ofStatement(bindings.DB.prepare(sql));
    },
    async batch(statements: D1PreparedStatement[]) {
      usage.queries += statements.length;
      return answered(await asked(bindings.DB.batch(statements.map((each) => real.get(each) ?? each))));
    },
  });

  const ofQueue = (queue: Queue<unknown>): Queue<unknown> =>
    instead(queue, {
      metrics: () => asked(queue.metrics()),
      send: (body: unknown) => connecting(async () => void most("largestMessage", bytesOf(body))),
      sendBatch: (messages: MessageSendRequest[]) =>
        connecting(async () => {
          const sizes = messages.map(({ body }) => bytesOf(body));
          most("mostMessages", sizes.length);
          most("largestMessage", Math.max(...sizes));
          most(
            "largestSend",
            sizes.reduce((sum, size) => sum + size, 0),
          );
        }),
    });

  const ofActors = (actors: object): object =>
    instead(actors, {
      getByName(name: string, options?: object) {
        const stub = (actors as { getByName(name: string, options?: object): object }).getByName(name, options);
        return new Proxy(stub, {
          get:
            (_, method) =>
            (...values: unknown[]) =>
              asked(
                (stub as Record<string | symbol, (...values: unknown[]) => Promise<unknown>>)[method]?.(
                  ...values,
                ) as Promise<unknown>,
              ),
        });
      },
    });

  const counting = {
    ...bindings,
    DB,
    LEAD_JOBS: ofQueue(bindings.LEAD_JOBS),
    CAMPAIGN_JOBS: ofQueue(bindings.CAMPAIGN_JOBS),
    ALERTS: ofQueue(bindings.ALERTS),
    BREAKER: ofActors(bindings.BREAKER),
    CAMPAIGN: ofActors(bindings.CAMPAIGN),
    THROTTLE: ofActors(bindings.THROTTLE),
    SANDBOX: {
      fetch: (...values: Parameters<typeof fetch>) =>
        connecting(() => (bindings as unknown as { SANDBOX: Fetcher }).SANDBOX.fetch(...values)),
    },
  } as unknown as Env;
  return { env: counting, usage, begin: () => void Object.assign(usage, nothing()) };
}

/** What of `usage` is more than there is room for; the largest of several invocations counts. */
export const tooMuch = (usage: Usage): string[] =>
  (Object.keys(ROOM) as (keyof Usage)[])
    .filter((name) => usage[name] > ROOM[name])
    .map((name) => `${name}: ${usage[name]} of ${ROOM[name]}`);
