import { afterEach, expect, test, vi } from "vitest";
import type { DeliveryAttempt } from "../../src/ports/alerts.ts";
import { postAlert } from "../../src/platform/alert-post.ts";

const anAttempt = (fields: Partial<DeliveryAttempt> = {}): DeliveryAttempt => ({
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  attempts: 1,
  payload: '{"test": 2432232314}',
  kind: "webhook",
  url: "https://receiver.example/in",
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  ...fields,
});

afterEach(() => {
  vi.useRealTimers();
});

test("the signature is that of the published example of Standard Webhooks", async () => {
  let headers = new Headers();
  await postAlert(anAttempt(), 1_614_265_330_000, async (_, init) => {
    headers = new Headers(init.headers);
    return new Response(null, { status: 200 });
  });
  expect(headers.get("webhook-id")).toBe("msg_p5jXN8AQM9LWM0D4loKWxJek");
  expect(headers.get("webhook-timestamp")).toBe("1614265330");
  expect(headers.get("webhook-signature")).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

test("a receiver that never answers is given up on, and its connection let go of", async () => {
  vi.useFakeTimers();
  let signal: AbortSignal | null | undefined;
  const posted = postAlert(anAttempt({ secret: null }), 0, (_, init) => {
    signal = init.signal;
    return new Promise(() => undefined);
  });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await posted).toEqual({ arrived: false, problem: "The receiver did not answer within 10 seconds." });
  expect(signal?.aborted).toBe(true);
});

test("a body that never ends is not waited for", async () => {
  const body = new ReadableStream({ pull: () => new Promise(() => undefined) });
  const posted = await postAlert(anAttempt(), 0, async () => new Response(body, { status: 200 }));
  expect(posted).toEqual({ arrived: true });
});
