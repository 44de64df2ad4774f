import { AsyncLocalStorage } from "node:async_hooks";
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Breaker, Campaign, Throttle } from "../../src/index.ts";
import { theBreaker } from "./rows.ts";

/**
 * What the platform would bill for a piece of work, read off the runtime's own meters: those of each answer of D1 and of
 * each cursor of an object's storage. A changed index entry is a written row, as it is in the bill. Workers, objects and
 * tests share one isolate, so whoever does something passes here, and what is not the work's is told apart by its async
 * context: a consumer of an earlier test's messages, an alarm that happens to ring. An object is asked in a context of its
 * own, so of those all requests count but alarms.
 */
export interface Bill {
  d1Read: number;
  d1Written: number;
  objectRequests: number;
  objectRead: number;
  objectWritten: number;
  messages: number;
}

const NOTHING: Bill = { d1Read: 0, d1Written: 0, objectRequests: 0, objectRead: 0, objectWritten: 0, messages: 0 };
/** Null while nobody measures. */
let bill: Bill | null = null;
/** Whether what the Breaker does, in its alarm too, is the work's. */
let withBreaker = false;
const cursors: Cursor[] = [];
/** Who does something: the work, by its bill, or an object that serves. */
const doers = new AsyncLocalStorage<Bill | Served>();

interface Served {
  /** The prototype of its class. */
  owner: object;
  alarm: boolean;
}

const isBreakers = (doer: Bill | Served | undefined) =>
  doer !== undefined && "owner" in doer && doer.owner === Breaker.prototype;

/** The bill for a query or a message that is made now; null when it is not the work's. */
function ofWork(): Bill | null {
  const doer = doers.getStore();
  return doer === bill || (withBreaker && isBreakers(doer)) ? bill : null;
}

/** The bill for what an object does now; null when it is an alarm that is not the work's. */
function ofObject(): Bill | null {
  const doer = doers.getStore();
  const strange = doer !== undefined && "owner" in doer && doer.alarm && !(withBreaker && isBreakers(doer));
  return strange ? null : bill;
}

interface Cursor {
  rowsRead: number;
  rowsWritten: number;
}
interface Meta {
  meta: { rows_read: number; rows_written: number };
}
type Method = (this: unknown, ...values: never[]) => unknown;

/** Puts `around` in the place of a method; the platform's own classes have no seam for it. */
function wrap(owner: object, name: string, around: (call: Method) => Method): void {
  const methods = owner as Record<string, Method>;
  const own = methods[name];
  if (!own) throw new Error(`meter: there is no ${name} to be metered`);
  methods[name] = around(own);
}

const prototypeOf = (value: object) => Object.getPrototypeOf(value) as object;

/** Once a runtime. */
async function install(): Promise<void> {
  const { alwaysPrimarySession: session } = env.DB as unknown as { alwaysPrimarySession: object };
  wrap(
    prototypeOf(session),
    "_send",
    (send) =>
      async function (...sent) {
        const answer = (await send.apply(this, sent)) as Meta | Meta[];
        const counting = ofWork();
        for (const { meta } of [answer].flat()) {
          if (!counting) break;
          counting.d1Read += meta.rows_read;
          counting.d1Written += meta.rows_written;
        }
        return answer;
      },
  );
  wrap(
    prototypeOf(env.LEAD_JOBS),
    "sendBatch",
    (send) =>
      async function (...sent) {
        const counting = ofWork();
        if (!counting) return send.apply(this, sent);
        // Counted, and not sent: what its delivery does is another piece of work.
        counting.messages += (sent[0] as unknown as unknown[]).length;
      },
  );
  for (const { prototype } of [Breaker, Campaign, Throttle]) {
    const methods = Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor" && name !== "status");
    for (const name of methods)
      wrap(
        prototype,
        name,
        (serve) =>
          function (...values) {
            return doers.run({ owner: prototype, alarm: name === "alarm" }, () => {
              const counting = ofObject();
              if (counting) counting.objectRequests++;
              return serve.apply(this, values);
            });
          },
      );
  }
  await runInDurableObject(theBreaker(), (_, { storage }) =>
    wrap(
      prototypeOf(storage.sql),
      "exec",
      (exec) =>
        function (...values) {
          const cursor = exec.apply(this, values) as Cursor;
          if (ofObject()) cursors.push(cursor);
          return cursor;
        },
    ),
  );
}

let installed: Promise<void> | null = null;

/** What `work` costs. Queue messages that it sends are counted and go nowhere. */
export async function billOf(work: () => Promise<unknown>, options: { breaker?: true } = {}): Promise<Bill> {
  await (installed ??= install());
  withBreaker = options.breaker ?? false;
  const seen = { ...NOTHING };
  bill = seen;
  await doers.run(seen, work);
  bill = null;
  for (const { rowsRead, rowsWritten } of cursors.splice(0)) {
    seen.objectRead += rowsRead;
    seen.objectWritten += rowsWritten;
  }
  return seen;
}

/** What each of `more` things costs, beyond what they cost together. */
export const slope = (few: Bill, many: Bill, more: number): Bill =>
  Object.fromEntries(
    Object.entries(many).map(([name, count]) => [name, (count - few[name as keyof Bill]) / more]),
  ) as unknown as Bill;
