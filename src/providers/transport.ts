/** What the clients need of `fetch`; the platform's own satisfies it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** How one HTTP exchange ended. An answer that breaks off before its end counts as none. */
type Exchange =
  | { ended: "answered"; status: number; text: string; brokenText: boolean }
  | { ended: "too_large"; status: number }
  | { ended: "timeout" }
  | { ended: "unreachable"; message: string };

const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** The platform's own limits and failures, which `fetch` throws as if the connection had failed. */
const OWN_LIMIT =
  /too many subrequests|due to connection limit|never generate a response|internal error; reference|on behalf of a different request|hanging promise was canceled|memory limit would be exceeded/i;

/**
 * One HTTP call, redirects not followed. `timeoutMs` covers everything from connecting to the last byte of the body.
 * @throws what the platform throws for a limit of its own: that says nothing of the service
 */
export async function exchange(fetch: Fetch, url: string, init: RequestInit, timeoutMs: number): Promise<Exchange> {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | null = null;
  // The deadline ends the call by itself: a transport may be slow to notice the abort, or not notice it at all.
  const deadline = new Promise<Exchange>((resolve) => {
    timer = setTimeout(() => {
      resolve({ ended: "timeout" });
      abort.abort();
    }, timeoutMs);
  });
  try {
    return await Promise.race([deadline, send(fetch, url, { ...init, redirect: "manual", signal: abort.signal })]);
  } finally {
    clearTimeout(timer);
  }
}

async function send(fetch: Fetch, url: string, init: RequestInit): Promise<Exchange> {
  try {
    const response = await fetch(url, init);
    const bytes = await readBytes(response);
    const { status } = response;
    return bytes === null ? { ended: "too_large", status } : { ended: "answered", status, ...decoded(bytes) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (OWN_LIMIT.test(`${message} ${causeOf(error)}`)) throw error;
    return { ended: "unreachable", message };
  }
}

const causeOf = (error: unknown): string =>
  error instanceof Error && error.cause instanceof Error ? error.cause.message : "";

/** Null when the body is too large; the rest of it is not read. */
async function readBytes(response: Response): Promise<Uint8Array | null> {
  if (response.body === null) return new Uint8Array();
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > MAX_BODY_BYTES) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

function decoded(bytes: Uint8Array): { text: string; brokenText: boolean } {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes), brokenText: false };
  } catch {
    return { text: new TextDecoder().decode(bytes), brokenText: true };
  }
}
