import { test } from "vitest";
import {
  type Breakage,
  expectLeadsFailAlone,
  expectNothingRepeated,
  expectOnlyLostRepeated,
  expectStopAndResume,
} from "./stops.ts";

const provider = "openai";

test.each<Breakage>([
  { order: { provider, kind: "server_error" }, kind: "server_error", status: 500 },
  { order: { provider, kind: "rate_limited" }, kind: "rate_limited", status: 429 },
  { order: { provider, kind: "unauthorized" }, kind: "unauthorized", status: 401 },
  { order: { provider, kind: "out_of_credit" }, kind: "out_of_credit", status: 429 },
  { order: { provider, kind: "timeout" }, kind: "timeout", status: null },
  { order: { provider, kind: "malformed" }, kind: "malformed", status: 200 },
  { order: { provider, kind: "error_in_200" }, kind: "server_error", status: 200 },
  { order: { provider, kind: "connection_reset" }, kind: "unreachable", status: null },
])(
  "openai with $order.kind stops the line; after a close nothing is called again that was answered",
  async (breakage) => {
    expectNothingRepeated(await expectStopAndResume(breakage));
  },
);

test("openai that works and never answers is paid again for exactly the calls whose answers were lost", async () => {
  await expectOnlyLostRepeated({ provider });
});

test("openai that refuses a lead fails that lead alone: the breaker stays closed and the campaign completes", async () => {
  await expectLeadsFailAlone(provider);
});
