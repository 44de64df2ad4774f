/** What the clients need of `fetch`; the platform's own satisfies it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** How one HTTP exchange ended. An answer that breaks off before its end counts as none. */
type Exchange =
  | { ended: "answered"; status: number; text: string }
  | { ended: "too_large"; status: number }
  | { ended: "timeout" }
  | { ended: "unreachable"; message: string };

const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** One HTTP call, redirects not followed. `timeoutMs` covers everything from connecting to the last byte of the body. */
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
    const text = await readText(response);
    return text === null
      ? { ended: "too_large", status: response.status }
      : { ended: "answered", status: response.status, text };
  } catch (error) {
    return { ended: "unreachable", message: error instanceof Error ? error.message : String(error) };
  }
}

/** Null when the body is too large; the rest of it is not read. */
async function readText(response: Response): Promise<string | null> {
  if (response.body === null) return "";
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > MAX_BODY_BYTES) {
      await reader.cancel();
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}
