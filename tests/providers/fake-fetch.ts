import type { Fetch } from "../../src/providers/transport.ts";

interface Sent {
  method: string;
  url: string;
  headers: Record<string, string>;
  /** Parsed JSON; undefined without a body. */
  body: unknown;
  redirect: string | undefined;
}

/** A `fetch` that answers every call alike and keeps what was sent. */
export function fakeFetch(answer: (signal: AbortSignal) => Response | Promise<Response>): {
  fetch: Fetch;
  sent: Sent[];
} {
  const sent: Sent[] = [];
  const fetch: Fetch = async (url, init) => {
    if (!init.signal) throw new Error("fakeFetch: the call has no signal");
    sent.push({
      method: init.method ?? "GET",
      url,
      headers: Object.fromEntries(new Headers(init.headers)),
      body: typeof init.body === "string" ? JSON.parse(init.body) : undefined,
      redirect: init.redirect,
    });
    return answer(init.signal);
  };
  return { fetch, sent };
}

export function aJson(status: number, body: unknown): () => Response {
  return () => Response.json(body, { status });
}

export function aText(status: number, body: string, headers: Record<string, string> = {}): () => Response {
  return () => new Response(body, { status, headers: { "content-type": "text/plain", ...headers } });
}

/** Never answers; rejects when the caller gives up, as the platform's fetch does. */
export function silence(signal: AbortSignal): Promise<Response> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

/** Answers 200 and the beginning of a body, then nothing, whatever happens to the signal. */
export function stalledBody(): Response {
  return new Response(new ReadableStream({ start: (body) => body.enqueue(new TextEncoder().encode('{"da')) }));
}

/** Answers 200 and the beginning of a body, then the connection breaks. */
export function brokenBody(): Response {
  let pulls = 0;
  return new Response(
    new ReadableStream({
      pull(body) {
        pulls += 1;
        if (pulls === 1) body.enqueue(new TextEncoder().encode('{"da'));
        else body.error(new Error("Network connection lost."));
      },
    }),
  );
}
