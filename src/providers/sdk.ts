import type { z } from "zod";
import type { Answer } from "../domain/fault.ts";
import type { About } from "./judgement.ts";
import { noKey, read, send, type Arrived, type Service } from "./call.ts";

/** The `fetch` option that both SDKs take. */
type SdkFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * Lets an SDK shape one request. Sending, timing out and classifying stay with `call.ts`, so that all five services fail
 * in the same words, and the answer is parsed from what arrived, because an SDK's types are not checks.
 */
export async function askThroughSdk<T>(
  service: Service,
  { schema, about }: { schema: z.ZodType<T>; about: About },
  use: (fetch: SdkFetch) => PromiseLike<unknown>,
): Promise<Answer<T>> {
  if (service.key === "") return noKey(service);
  let sent: Answer<Arrived> | undefined;
  let thrown: unknown;
  try {
    await use(async (input, init) => {
      const headers = withoutMachine(init?.headers);
      sent = await send(service, { url: String(input), init: { ...init, headers }, about }).catch((error: unknown) => {
        thrown = error;
        throw error;
      });
      if (sent.outcome !== "answered") throw new Error("The call ended without a good answer");
      return Response.json(sent.value.body, { status: sent.value.status });
    });
  } catch (error) {
    // Once the call was made, an SDK throws only for what came back, and that is judged here.
    if (sent === undefined) throw thrown ?? error;
  }
  if (sent === undefined) throw new Error(`askThroughSdk: the SDK for ${service.provider} made no call`);
  return sent.outcome === "answered" ? read(service, sent.value, schema) : sent;
}

/** The SDK of OpenAI tells the platform, its architecture and its version in `x-stainless-*`: nobody's business. */
function withoutMachine(init: HeadersInit | undefined): Headers {
  const headers = new Headers(init);
  const machine = [...headers.keys()].filter((name) => name.startsWith("x-stainless-"));
  for (const name of machine) headers.delete(name);
  return headers;
}
