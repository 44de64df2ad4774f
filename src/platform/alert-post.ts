import { secretBytes } from "../contract/alerts.ts";
import type { DeliveryAttempt, Posted } from "../ports/alerts.ts";

/** How long a receiver may take to answer. */
const TIMEOUT_MS = 10_000;

type Send = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Posts one alert to its target. A 2xx is all that counts as an answer: its body is not read, and redirects are not
 * followed. What went wrong is told in our own words, because those of the runtime may hold the address.
 */
export async function postAlert(
  attempt: DeliveryAttempt,
  now: number,
  send: Send = (url, init) => fetch(url, init),
): Promise<Posted> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), TIMEOUT_MS);
  });
  const abort = new AbortController();
  try {
    const headers = { "content-type": "application/json", "user-agent": "Andon", ...(await signed(attempt, now)) };
    const init = { method: "POST", headers, body: attempt.payload, redirect: "manual", signal: abort.signal } as const;
    const response = await Promise.race([send(attempt.url, init), late]);
    if (!response) return missed(`The receiver did not answer within ${TIMEOUT_MS / 1_000} seconds.`);
    return verdict(response.status);
  } catch {
    return missed("The receiver could not be reached.");
  } finally {
    clearTimeout(timer);
    // Lets go of the connection, and of a body that nobody reads.
    abort.abort();
  }
}

function verdict(status: number): Posted {
  if (status >= 200 && status < 300) return { arrived: true };
  if (status === 404 || status === 410)
    return missed(`The receiver answered HTTP ${status}: the address may be gone. Look whether the target is right.`);
  if (status >= 300 && status < 400)
    return missed(`The receiver answered with a redirect (HTTP ${status}), which is not followed.`);
  return missed(`The receiver answered HTTP ${status}.`);
}

const missed = (problem: string): Posted => ({ arrived: false, problem });

/** The headers of Standard Webhooks. The time is the attempt's, so that a receiver may refuse what is replayed later. */
async function signed({ id, payload, secret }: DeliveryAttempt, now: number): Promise<Record<string, string>> {
  if (secret === null) return {};
  const bytes = secretBytes(secret);
  if (!bytes) throw new Error("alert-post: a stored secret is none");
  const seconds = Math.floor(now / 1_000);
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const content = new TextEncoder().encode(`${id}.${seconds}.${payload}`);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, content));
  return {
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": `v1,${btoa(String.fromCharCode(...signature))}`,
  };
}
