import { expect, test } from "vitest";
import { type Activity, activityOf, addUp, MINUTE_MS } from "../../src/domain/activity.ts";
import { activityView, plotFrom, type RateActivity } from "../../src/contract/activity.ts";

const call = (at: number, ms: number, outcome: "answered" | "refused" | "service_fault" = "answered", spend = {}) =>
  activityOf({ at, ms, outcome, spend }, MINUTE_MS);

test("calls of one minute are one row, whatever their order, and each is counted once", () => {
  const parts = [
    call(130_000, 20, "refused"),
    call(61_000, 100, "answered", { costUsd: 0.25, inputTokens: 10, outputTokens: 5 }),
    call(119_999, 300, "service_fault"),
    call(60_000, 50, "answered", { credits: 2 }),
  ];
  const sums = addUp(parts, MINUTE_MS);
  const first = { at: 60_000, calls: 3, refused: 0, faults: 1, totalMs: 450, slowestMs: 300 };
  expect(sums).toMatchObject([
    { ...first, usd: 0.25, credits: 2, tokens: 15 },
    { at: 120_000, calls: 1, refused: 1, faults: 0, totalMs: 20, slowestMs: 20 },
  ]);
  // Sums of sums are the same: minutes are added up again for a longer plot.
  expect(addUp(sums, 10 * MINUTE_MS)).toEqual(addUp(parts, 10 * MINUTE_MS));
});

test.each([1, 6, 24])("a plot of %s hours has sixty points that end now, and loses no call", (hours) => {
  const now = Date.UTC(2026, 10, 25, 12, 34, 56);
  const from = plotFrom(hours, now);
  const minutes: Activity[] = [];
  for (let at = from; at <= now; at += 7 * MINUTE_MS) minutes.push(call(at, 10));
  const rate = { perSecond: 5, atOnce: 2 };
  const called = [{ name: "openai", provider: "openai", rate, minutes } as const];
  const { stretch_seconds, services } = activityView(called, { hours, now });
  const service = services.find(({ provider }) => provider === "openai");
  const points = service?.points ?? [];
  expect(stretch_seconds).toBe(hours * 60);
  expect(points).toHaveLength(60);
  expect(Date.parse(points[0]?.at ?? "")).toBe(from);
  const last = Date.parse(points.at(-1)?.at ?? "");
  expect(last).toBeLessThanOrEqual(now);
  expect(last + stretch_seconds * 1_000).toBeGreaterThan(now);
  expect(points.reduce((sum, { calls }) => sum + calls, 0)).toBe(minutes.length);
  expect(service?.total).toMatchObject({ calls: minutes.length, mean_ms: 10 });
  expect(points.find(({ calls }) => calls === 0) ?? { mean_ms: null }).toMatchObject({ mean_ms: null });
});

test("a service with several rates is shown with each of them, and with the calls of all", () => {
  const now = Date.UTC(2026, 10, 25, 12, 34, 56);
  const called: RateActivity[] = [
    { name: "apollo.search", provider: "apollo", rate: { perMinute: 120, atOnce: 5 }, minutes: [call(now, 100)] },
    { name: "openai", provider: "openai", rate: { perSecond: 8, atOnce: 40 }, minutes: [call(now, 1)] },
    {
      name: "apollo.reveal",
      provider: "apollo",
      rate: { perSecond: 10, perHour: 1_800, atOnce: 10 },
      minutes: [call(now, 300, "service_fault", { credits: 10 })],
    },
  ];
  const { services } = activityView(called, { hours: 1, now });
  const [apollo] = services;
  expect(apollo).toMatchObject({
    provider: "apollo",
    per_second: 2.5,
    at_once: 15,
    total: { calls: 2, faults: 1, mean_ms: 200, slowest_ms: 300, credits: 10 },
  });
  expect(apollo?.rates).toEqual([
    { name: "apollo.search", per_minute: 120, at_once: 5 },
    { name: "apollo.reveal", per_second: 10, per_hour: 1_800, at_once: 10 },
  ]);
  expect(apollo?.points.at(-1)).toMatchObject({ calls: 2, faults: 1 });
  expect(services.find(({ provider }) => provider === "openai")).toMatchObject({ per_second: 8, total: { calls: 1 } });
});
