import { env } from "cloudflare:workers";
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { expect } from "vitest";
import type { z } from "zod";
import { AlertPayload } from "../../src/contract/alert-payload.ts";
import type { AlertTargetMade } from "../../src/contract/alerts.ts";
import worker from "../../src/index.ts";
import { call } from "./line.ts";
import { theBreaker } from "./rows.ts";

/** Who is called: stands at the outermost port, where alerts leave. */

export interface Received {
  url: string;
  method: string;
  headers: Headers;
  body: string;
  redirect: string | undefined;
}

/** Takes the place of the platform's `fetch` for the tests of this file. `answer` may be changed at any time. */
export function aReceiver() {
  const answer: (arrived: Received) => Promise<Response> = async () => new Response("thanks", { status: 200 });
  const receiver = {
    received: [] as Received[],
    answer,
    /** Types of the payloads that came for `url`, in the order of their coming. */
    typesAt: (url: string) =>
      receiver.received.filter((each) => each.url === url).map(({ body }) => AlertPayload.parse(JSON.parse(body)).type),
  };
  globalThis.fetch = async (input, init) => {
    const arrived = {
      url: String(input),
      method: init?.method ?? "GET",
      headers: new Headers(init?.headers),
      body: String(init?.body),
      redirect: init?.redirect,
    };
    receiver.received.push(arrived);
    return receiver.answer(arrived);
  };
  return receiver;
}

let made = 0;
/** Adds a target at an address of its own. */
export async function aTarget(fields: Record<string, unknown> = {}) {
  const url = `https://receiver.example/hooks/${++made}/${crypto.randomUUID()}`;
  const body = { name: `Receiver ${made}`, kind: "webhook", url, ...fields };
  const { target, secret } = await call<z.infer<typeof AlertTargetMade>>("POST", "/alerts/targets", body);
  return { id: target.id, url, secret, target };
}

export interface DeliveryRow {
  id: string;
  target_id: string;
  event: string;
  event_key: string;
  incident_id: string | null;
  payload: string;
  status: string;
  attempts: number;
  next_attempt_at: number;
  last_error: string | null;
  delivered_at: number | null;
}

/** The deliveries of a target, in the order in which they were made. */
export async function deliveriesOf(targetId: string): Promise<DeliveryRow[]> {
  const all = await env.DB.prepare("SELECT * FROM alert_deliveries WHERE target_id = ?1 ORDER BY created_at, id")
    .bind(targetId)
    .all<DeliveryRow>();
  return all.results;
}

/** A delivery that waits, written past the queue: no message is about it. */
export async function aDelivery(targetId: string, fields: Record<string, string | number | null> = {}) {
  const id = crypto.randomUUID();
  const row = {
    id,
    target_id: targetId,
    event: "breaker.opened",
    event_key: id,
    payload: `{"a":"${id}"}`,
    status: "PENDING",
    next_attempt_at: Date.now(),
    created_at: Date.now(),
    ...fields,
  };
  const columns = Object.keys(row);
  await env.DB.prepare(
    `INSERT INTO alert_deliveries (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
  )
    .bind(...Object.values(row))
    .run();
  return { id, row: async () => (await deliveriesOf(targetId)).find((each) => each.id === id) };
}

export const makeDue = (id: string) =>
  env.DB.prepare("UPDATE alert_deliveries SET next_attempt_at = 0 WHERE id = ?1").bind(id).run();

/** Delivers messages about these as one batch; tells which were acknowledged and which come again. */
export async function deliver(bodies: unknown[], environment: Env = env) {
  const messages = bodies.map((body, at) => ({ id: `alert ${at}`, timestamp: new Date(), attempts: 1, body }));
  const batch = createMessageBatch("andon-alerts", messages);
  await worker.queue(batch, environment);
  const { explicitAcks, retryMessages, retryBatch } = await getQueueResult(batch, createExecutionContext());
  return {
    acknowledged: explicitAcks,
    again: retryMessages.map(({ msgId }) => msgId),
    allAgain: retryBatch.retry,
  };
}

/** Checks the signature as a receiver would, with nothing of ours. */
export async function expectSigned({ headers, body }: Received, secret: string | null) {
  const key = await crypto.subtle.importKey(
    "raw",
    Uint8Array.fromBase64((secret ?? "").replace("whsec_", "")),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"],
  );
  const signature = /^v1,(.+)$/.exec(headers.get("webhook-signature") ?? "")?.[1] ?? "";
  const content = `${headers.get("webhook-id")}.${headers.get("webhook-timestamp")}.${body}`;
  const isRight = await crypto.subtle.verify(
    "HMAC",
    key,
    Uint8Array.fromBase64(signature),
    new TextEncoder().encode(content),
  );
  expect(isRight).toBe(true);
  expect(Math.abs(Date.now() / 1_000 - Number(headers.get("webhook-timestamp")))).toBeLessThan(60);
}

export const stop = (reason = "a look") => theBreaker().stop("ada", reason);
